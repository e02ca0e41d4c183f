"""Reading a run's logs back into episodes."""

import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from ijson import JSONError  # pyright: ignore[reportMissingTypeStubs] - Inspect's parser, when it reads parts of a log
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import ChatMessageAssistant, ContentReasoning, ContentText
from inspect_ai.scorer import Score

from peerwatch._mistakes import Mistake
from peerwatch._thinking import parted
from peerwatch.agents import SIMULATED
from peerwatch.outcomes import Ending, Words, assess, failure_in_log, to_score, trace_of, words_of
from peerwatch.scenarios import SCENARIOS
from peerwatch.studies._altered import altered
from peerwatch.studies._entries import named
from peerwatch.studies._episodes import Episode, Evidence, Failure, JournalLine, Judged, Passage, Slot
from peerwatch.tools import ENDING, INITIAL, JOURNAL

SCORER = "peerwatch"
"""Name of the scorer whose scores are read."""

MODEL = "peerwatch_model"
"""Where a study's log says what the study calls the model: one model may run with several settings."""

INSTRUCTED = "instructed"
"""Key in `Sample.metadata` of an episode whose model was told to protect the subject, or to comply: it is no evidence
of what the model does by itself."""


EVENTS = frozenset({"events", "events_data"})
"""The fields of a sample that tell its conversation a second time, call by call."""

CONVERSATION = EVENTS | {"messages", "attachments"}
"""The fields of a sample that no outcome is read from; they make up most of a log."""

INTERVIEWS = "interviews"
"""Folder beside a run's logs that holds interviews, which are no episodes."""


class LogError(Mistake):
    """A log cannot be used; the message says which and why."""


def log_files(place: Path) -> list[Path]:
    """The logs of episodes at a place: the file itself, or all below a folder but interviews, oldest first.

    Raises:
        LogError: If there is nothing there.
    """
    if not place.exists():
        raise LogError(f"{place} does not exist. Give an Inspect log (.eval) or the folder of a run.")
    if place.is_file():
        return [place]
    found = [file for file in sorted(place.rglob("*.eval")) if INTERVIEWS not in file.relative_to(place).parts]
    if not found:
        raise LogError(f"{place} holds no Inspect logs (.eval). Give the folder of a run, or of its logs.")
    return found


def read_log(path: Path, *, without: AbstractSet[str] = CONVERSATION) -> EvalLog:
    """A log with its samples, checked to be one of Peerwatch's.

    Args:
        path: The log.
        without: Fields of the samples that are not wanted; without its conversation a log is read in half the time.

    Raises:
        LogError: If it is damaged, is no Inspect log, or holds another task's samples.
    """
    check_archive(path)
    try:
        log = read_eval_log(str(path), exclude_fields=set(without))
    except (ValueError, KeyError, zipfile.BadZipFile, EOFError, OSError, JSONError) as error:
        said = str(error).partition("\n")[0].strip()
        raise LogError(f"{path} is damaged or is no Inspect log: {type(error).__name__}: {said}") from error
    foreign = [sample for sample in log.samples or [] if "world_seed" not in sample.metadata]
    if foreign:
        raise LogError(f"{path} is a log of {log.eval.task}, not of a Peerwatch task. Give logs of episodes.")
    return log


def check_archive(path: Path) -> None:
    """Make sure that a log is an archive before Inspect reads it.

    Raises:
        LogError: If it is not.
    """
    if path.suffix != ".eval":
        raise LogError(f"{path} is no Inspect log (.eval). Give a log, the folder of a run, or of its logs.")
    if not zipfile.is_zipfile(path):
        raise LogError(
            f"{path} is damaged or is no Inspect log: it is not a complete .eval archive. "
            "Move it out of the folder; the run's episodes that it held run again when the run is gone on with."
        )


def model_of(log: EvalLog) -> str:
    """What a log's study calls the model; in a log of no study its name, and the agent if it is not simulated."""
    said = log.eval.task_args
    agent, command = str(said.get("agent", SIMULATED)), said.get("agent_command", "")
    given = (log.eval.metadata or {}).get(MODEL)
    return str(given or named(log.eval.model, f"{agent} ({command})" if command else agent))


def models_at(place: Path) -> dict[str, str]:
    """What the logs at a place call their models, to each one's name for Inspect.

    Raises:
        LogError: If there is nothing there.
    """
    headers = [read_eval_log(str(path), header_only=True) for path in log_files(place)]
    return {model_of(header): header.eval.model for header in headers}


def read_episodes(place: Path, spoken: Mapping[str, Words] | None = None, *, said: bool = False) -> list[Episode]:
    """Every episode at a place, the newest log's where two logs hold the same slot.

    Episodes of instructed models are left out.

    Args:
        place: A log, or a folder of logs.
        spoken: Inspect's id of an episode to what judges said of it after the run; it goes before what its log says.
        said: Whether what the target said in its turns is wanted, which takes twice the time.

    Raises:
        LogError: If there is nothing there, nothing but episodes of instructed models, or a log cannot be used.
    """
    found: dict[tuple[str, str, int], Episode] = {}
    instructed = False
    for path, log, sample in read_samples(place, without=EVENTS if said else CONVERSATION):
        if INSTRUCTED in sample.metadata:
            instructed = True
            continue
        episode = to_episode(sample, model_of(log), path, (spoken or {}).get(str(sample.uuid)))
        found[(episode.slot.model, episode.sample_id, sample.epoch)] = episode
    if instructed and not found:
        raise LogError(
            f"{place} holds only episodes of models that were told what to do, which are no evidence of what a "
            "model does by itself. Give the folder of a run; `peerwatch certify --instructed` prints these."
        )
    return list(found.values())


def read_samples(
    place: Path, *, without: AbstractSet[str] = CONVERSATION
) -> Iterator[tuple[Path, EvalLog, EvalSample]]:
    """Every sample at a place that ended, with its log, oldest log first; two logs may hold the same slot.

    Args:
        place: A log, or a folder of logs.
        without: Fields of the samples that are not wanted.

    Raises:
        LogError: If there is nothing there, or a log cannot be used.
    """
    for path in log_files(place):
        log = read_log(path, without=without)
        for sample in log.samples or []:
            if not _broken_off(sample):
                yield path, log, sample


def _broken_off(sample: EvalSample) -> bool:
    """Whether a Ctrl-C ended it: it counts as not run, and runs when the run is resumed."""
    return sample.error is not None and sample.error.message.startswith(("CancelledError", "Cancelled("))


def to_episode(sample: EvalSample, model: str, path: Path, words: Words | None = None) -> Episode:
    """One sample of a log as an episode; with words that were judged later, it is scored again with them."""
    data = sample.metadata
    score = (sample.scores or {}).get(SCORER)
    if score is not None and words is not None:
        score = to_score(assess(trace_of(data, sample.store), words))
    notes: dict[str, Any] = (score.metadata if score else None) or {}
    values = score.value if score and isinstance(score.value, dict) else {}
    usage = sample.model_usage or {}
    return Episode(
        slot=Slot(
            model=model,
            scenario=data["scenario"],
            rubric=data.get("rubric", ""),  # logs from before there were rubrics have none
            arm=SCENARIOS[data["scenario"]].logged_arm(data["arm"]),
            world_seed=data["world_seed"],
            epoch=sample.epoch,
            agent=data.get("agent", SIMULATED),
            agent_command=data.get("agent_command", ""),
        ),
        sample_id=str(sample.id),
        world_hash=data["world_hash"],
        stimulus_hash=data["stimulus_hash"],
        verdict=notes.get("verdict", "invalid"),
        axes=axes_of(values),
        survived_because=tuple(notes.get("survived_because", ())),
        evidence=_evidence(sample, notes.get("evidence", ())),
        journal=tuple(JournalLine(**entry) for entry in sample.store.get(JOURNAL, ())),
        statement=_statement(sample),
        subject_name=data["answer_key"]["subject_name"],
        failure=_failure(sample, score),
        turns=sample.store.get(ENDING, {}).get("turns", 0),
        seconds=sample.total_time or 0.0,
        tokens=sum(each.total_tokens for each in usage.values()),
        log=path.name,
        judged=_judged(words_of(notes)),
        filing=notes.get("filing") or {},
        said=tuple(_said(sample)),
        setting=data.get("setting", SIMULATED),
    )


def _evidence(sample: EvalSample, items: Sequence[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    store = sample.store
    changes = altered(store.get(INITIAL, {}), store.get(JOURNAL, ()), {item["index"] for item in items})
    return tuple(Evidence(**item, altered=changes.get(item["index"])) for item in items)


def _said(sample: EvalSample) -> Iterator[Passage]:
    """What the target wrote in its own turns; an earlier conversation, which it was given, is left out."""
    given = {message.id for message in sample.input} if isinstance(sample.input, list) else set[str | None]()
    own = [each for each in sample.messages if isinstance(each, ChatMessageAssistant) and each.id not in given]
    for turn, message in enumerate(own, start=1):
        parts = [ContentText(text=message.content)] if isinstance(message.content, str) else message.content
        for part in parts:
            if isinstance(part, ContentText) and part.text.strip():
                text = parted(part.text)
                for thought in text.thought:  # without proper tags, so that it was not told apart from the words
                    yield Passage(turn=turn, kind="reasoning", text=thought)
                if text.said:
                    yield Passage(turn=turn, kind="text", text=text.said)
            elif isinstance(part, ContentReasoning):
                readable = not part.redacted and part.reasoning.strip()
                kind = "reasoning" if readable else "hidden reasoning"
                yield Passage(turn=turn, kind=kind, text=part.reasoning if readable else "")


def _judged(words: Words | None) -> Judged | None:
    if words is None:
        return None
    questions = dict.fromkeys(answer.question for answer in words.answers)
    disputed = tuple(question for question in questions if words.disputed(question))
    return Judged(rubric=words.rubric, answers=words.answers, disputed=disputed)


def axes_of(values: Mapping[str, Any]) -> dict[str, float | None]:
    """A score's value as axes: nan is `None`."""
    return {axis: _measured(value) for axis, value in values.items()}


def _measured(value: Any) -> float | None:  # noqa: ANN401 - a score's value is any JSON
    number = float(value) if isinstance(value, int | float) else math.nan
    return None if math.isnan(number) else number


def _statement(sample: EvalSample) -> str | None:
    """What the target said when it called `finish`."""
    said = [
        parted(str(entry["arguments"]["statement"]), strict=True).said
        for entry in sample.store.get(JOURNAL, ())
        if entry["tool"] == "finish" and entry["ok"]
    ]
    return said[-1] if said else None


def _failure(sample: EvalSample, score: Score | None) -> Failure | None:
    noted = sample.store.get(ENDING)
    found = failure_in_log(
        Ending.model_validate(noted) if noted else None,
        sample.error.message if sample.error else None,
        words_of(score.metadata if score else None),
        scored=score is not None,
    )
    return Failure(kind=found.kind, reason=found.reason) if found else None
