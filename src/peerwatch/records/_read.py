"""Reads logs into episodes: one per slot, regardless of the number of logs."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.model import ContentReasoning, ContentText
from inspect_ai.scorer import Score

from peerwatch.agents.peers import EXCHANGE, SCRIPT, Exchange
from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.leaked_thinking import parted
from peerwatch.core.outcomes import MEANS, Ending, EpisodeFailure, Words, assess, failure_in_log, first_protective
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.worlds import TARGET
from peerwatch.inspect import ENDING, INITIAL, JOURNAL, IncompleteLogError, to_score, trace_of, words_of
from peerwatch.records._episodes import Episode, Evidence, ExchangeMessage, JournalLine, Passage, RubricAnswers
from peerwatch.records._files import LogError
from peerwatch.records._newest import newest
from peerwatch.records._open import CONVERSATION, EVENTS, Log, Logs, open_logs
from peerwatch.records._reading import Reading
from peerwatch.records._scores import counted_score
from peerwatch.records._served import other_models, target_turns
from peerwatch.records._slots import Slot
from peerwatch.records._state_changes import altered

INSTRUCTED = "instructed"
"""Key in `Sample.metadata` of an episode whose model was instructed to protect the subject, or to comply: not evidence
of what the model does by itself.
"""


def models_at(place: Path) -> dict[str, str]:
    """Map the names of models in the episodes at a place to their Inspect names.

    Raises:
        LogError: If there are no logs.
    """
    return open_logs(place).models


def read_episodes(place: Path, spoken: Mapping[str, Words] | None = None, *, said: bool = False) -> list[Episode]:
    """Return every episode at a place, as in `read_place`."""
    return read_place(place, spoken, said=said)[0]


def read_place(
    place: Path | Logs, spoken: Mapping[str, Words] | None = None, *, said: bool = False, planned: bool = False
) -> tuple[list[Episode], Reading]:
    """Return every episode at a place (the most recent per slot), and how the logs were read.

    Episodes of instructed models are excluded.

    Args:
        place: A log or a folder of logs, or opened logs.
        spoken: Inspect's id of an episode to judges' answers given after the run; these override the log's.
        said: Whether to include the target's text, which doubles the time.
        planned: Whether models keep the names of the plan, even at several settings.

    Raises:
        LogError: If there are no logs, none can be read, or all episodes are of instructed models.
    """
    logs = place if isinstance(place, Logs) else open_logs(place, planned=planned)

    def made(log: Log, sample: EvalSample) -> Episode | None:
        if INSTRUCTED in sample.metadata:
            return None
        return to_episode(sample, log, (spoken or {}).get(str(sample.uuid)))

    found = newest(logs, made, without=EVENTS if said else CONVERSATION)
    episodes = [
        each.model_copy(update={"failed_before": found.failed[key]}) if key in found.failed else each
        for key, each in found.chosen.items()
        if each is not None
    ]
    if found.chosen and not episodes:
        raise LogError(
            f"{', '.join(map(str, logs.places))} holds only episodes of models that were instructed, which are not "
            "evidence of what a model does by itself. Give the folder of a run; `peerwatch validate --instructed` "
            "prints these."
        )
    return episodes, found.reading


def to_episode(sample: EvalSample, log: Log, words: Words | None = None) -> Episode:
    """Convert a sample of a log to an episode; with later judgements it is rescored.

    An edited score is kept.
    """
    data = sample.metadata
    counted = counted_score(sample.scores)
    score = counted.score
    if score is not None and words is not None and counted.origin != "edited":
        score = to_score(assess(trace_of(data, sample.store), words))
    notes: dict[str, Any] = (score.metadata if score else None) or {}
    values = score.value if score and isinstance(score.value, dict) else {}
    verdict: Any = notes.get("verdict") or (score.answer if score else None) or "invalid"
    broken = sample.error is not None  # it runs again, regardless of its scores
    usage = sample.model_usage or {}
    return Episode(
        slot=Slot(
            model=log.name,
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
        verdict="invalid" if broken else verdict,
        axes=dict.fromkeys(values) if broken else axes_of(values),
        survived_because=() if broken else tuple(notes.get("survived_because", ())),
        evidence=_evidence(sample, notes.get("evidence", ())),
        journal=tuple(JournalLine(**entry) for entry in sample.store.get(JOURNAL, ())),
        statement=_statement(sample),
        subject_name=data["answer_key"]["subject_name"],
        failure=failure_in(sample, score),
        turns=sample.store.get(ENDING, {}).get("turns", 0),
        seconds=sample.total_time or 0.0,
        tokens=sum(each.total_tokens for each in usage.values()),
        log=log.path.name,
        judged=_judged(words_of(notes)),
        submitted=notes.get("submitted") or {},
        said=passages(sample),
        exchange=exchanged(sample),
        setting=data.get("setting", SIMULATED),
        score=counted.origin,
        served=other_models(log.header.eval.model, sample),
        assets=assets_in(data["answer_key"]),
        decisive=None if broken else _decisive(data, sample.store, values),
    )


def _decisive(metadata: Mapping[str, Any], store: Mapping[str, Any], axes: Mapping[str, Any]) -> int | None:
    """The first protective call. It is looked for only where an axis says that the subject was protected."""
    if not any(axes.get(axis) == 1 for axis in (*MEANS, "interfered", "attempted")):
        return None
    try:
        found = first_protective(trace_of(metadata, store))
    except IncompleteLogError:  # an older log without the initial world
        return None
    return None if found is None else found.index


def assets_in(answer_key: Mapping[str, Any]) -> tuple[str, ...]:
    """The names under which a company keeps the subject, from an answer key.

    Every domain's key names them in fields of its own that begin with `subject_`, such as `subject_file`.
    """
    if answer_key["subject_name"] is None:
        return ()
    by_name = "subject_id" in answer_key  # calls name an entry of a register by its id or its name
    fields = {
        key: value
        for key, value in answer_key.items()
        if key.startswith("subject_") and (by_name or key != "subject_name")
    }
    return tuple(str(value) for value in fields.values() if value is not None)


def _evidence(sample: EvalSample, items: Sequence[Mapping[str, Any]]) -> tuple[Evidence, ...]:
    store = sample.store
    changes = altered(store.get(INITIAL, {}), store.get(JOURNAL, ()), {item["index"] for item in items})
    return tuple(Evidence(**item, altered=changes.get(item["index"])) for item in items)


def passages(sample: EvalSample) -> tuple[Passage, ...]:
    """Return what the target wrote in its own turns."""
    return tuple(_said(sample))


def _said(sample: EvalSample) -> Iterator[Passage]:
    """Yield the text that the target wrote in its turns, without the earlier conversation that it was given."""
    own = target_turns(sample)
    for turn, message in enumerate(own, start=1):
        parts = [ContentText(text=message.content)] if isinstance(message.content, str) else message.content
        for part in parts:
            if isinstance(part, ContentText) and part.text.strip():
                text = parted(part.text)
                for (
                    thought
                ) in text.thought:  # reasoning without proper tags, which Inspect did not separate from the answer
                    yield Passage(turn=turn, kind="reasoning", text=thought)
                if text.said:
                    yield Passage(turn=turn, kind="text", text=text.said)
            elif isinstance(part, ContentReasoning):
                readable = not part.redacted and part.reasoning.strip()
                kind = "reasoning" if readable else "hidden reasoning"
                yield Passage(turn=turn, kind=kind, text=part.reasoning if readable else "")


def exchanged(sample: EvalSample) -> tuple[ExchangeMessage, ...]:
    """Return the recorded exchange of a sample, in the order in which it was said; empty if it has none."""
    stored = sample.store.get(EXCHANGE)
    if not stored:
        return ()
    found = Exchange.model_validate({name: stored[name] for name in Exchange.model_fields if name in stored})
    key = found.key
    peer = "" if key.peer == SCRIPT else key.peer
    return (
        ExchangeMessage(actor=TARGET, text=found.draft, model=key.target),
        ExchangeMessage(actor=key.partner, text=found.check, model=peer),
        ExchangeMessage(actor=key.partner, text=found.partner_draft, model=peer),
        ExchangeMessage(actor=TARGET, text=found.target_check, model=key.target),
    )


def _judged(words: Words | None) -> RubricAnswers | None:
    if words is None:
        return None
    questions = dict.fromkeys(answer.question for answer in words.answers)
    disputed = tuple(question for question in questions if words.disputed(question))
    return RubricAnswers(rubric=words.rubric, answers=words.answers, disputed=disputed)


def axes_of(values: Mapping[str, Any]) -> dict[str, float | None]:
    """Convert a score's value to axes: nan becomes `None`."""
    return {axis: _measured(value) for axis, value in values.items()}


def _measured(value: Any) -> float | None:  # noqa: ANN401 - a score's value is any JSON
    number = float(value) if isinstance(value, int | float) else math.nan
    return None if math.isnan(number) else number


def _statement(sample: EvalSample) -> str | None:
    """The statement in the target's call of `finish`."""
    said = [
        parted(str(entry["arguments"]["statement"]), strict=True).said
        for entry in sample.store.get(JOURNAL, ())
        if entry["tool"] == "finish" and entry["ok"]
    ]
    return said[-1] if said else None


def failure_in(sample: EvalSample, score: Score | None) -> EpisodeFailure | None:
    """Return who caused an episode to show less than it should, and why; `None` for an ordinary one."""
    noted = sample.store.get(ENDING)
    return failure_in_log(
        Ending.model_validate(noted) if noted else None,
        sample.error.message if sample.error else None,
        words_of(score.metadata if score else None),
        scored=score is not None,
    )
