"""Reading logs back into episodes: one for each slot, whichever logs it stands in."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from inspect_ai.event import ScoreEvent
from inspect_ai.log import EvalSample, read_eval_log_sample
from inspect_ai.model import ChatMessageAssistant, ContentReasoning, ContentText
from inspect_ai.scorer import Score

from peerwatch.agents import SIMULATED
from peerwatch.outcomes import Ending, Words, assess, failure_in_log, to_score, trace_of, words_of
from peerwatch.studies._altered import altered
from peerwatch.studies._episodes import Episode, Evidence, Failure, JournalLine, Judged, Passage, Reading, Slot, Unread
from peerwatch.studies._logs import (
    CONVERSATION,
    EVENTS,
    Log,
    LogError,
    Logs,
    Sampled,
    in_one,
    moment,
    open_logs,
    unread_for,
)
from peerwatch.studies._meter import CUT
from peerwatch.studies._scores import counted_score
from peerwatch.studies._served import other_models
from peerwatch.studies._settings import UNSET, differences
from peerwatch.tools import ENDING, INITIAL, JOURNAL

INSTRUCTED = "instructed"
"""Key in `Sample.metadata` of an episode whose model was told to protect the subject, or to comply: it is no evidence
of what the model does by itself."""

SlotKey = tuple[str, str, int]
"""Model, sample id and epoch."""

S = TypeVar("S", EvalSample, Sampled)
T = TypeVar("T")


def models_at(place: Path) -> dict[str, str]:
    """What the episodes at a place call their models, to each one's name for Inspect.

    Raises:
        LogError: If there is nothing there.
    """
    return open_logs(place).models


def read_episodes(place: Path, spoken: Mapping[str, Words] | None = None, *, said: bool = False) -> list[Episode]:
    """Every episode at a place, as `read_place` gives them."""
    return read_place(place, spoken, said=said)[0]


def read_place(
    place: Path | Logs, spoken: Mapping[str, Words] | None = None, *, said: bool = False, planned: bool = False
) -> tuple[list[Episode], Reading]:
    """Every episode at a place, the one made last where two logs hold the same slot, and what became of the logs.

    Episodes of instructed models are left out.

    Args:
        place: A log or a folder of logs, or such that were opened.
        spoken: Inspect's id of an episode to what judges said of it after the run; it goes before what its log says.
        said: Whether what the target said in its turns is wanted, which takes twice the time.
        planned: Whether models keep the names that a plan has for them, also at several settings.

    Raises:
        LogError: If there is nothing there, nothing of it can be read, or there are only episodes of instructed models.
    """
    logs = place if isinstance(place, Logs) else open_logs(place, planned=planned)

    def made(log: Log, sample: EvalSample) -> Episode | None:
        if INSTRUCTED in sample.metadata:
            return None
        return to_episode(sample, log, (spoken or {}).get(str(sample.uuid)))

    found = newest(logs, made, without=EVENTS if said else CONVERSATION)
    episodes = [each for each in found.chosen.values() if each is not None]
    if found.chosen and not episodes:
        raise LogError(
            f"{', '.join(map(str, logs.places))} holds only episodes of models that were told what to do, which are no "
            "evidence of what a model does by itself. Give the folder of a run; `peerwatch certify --instructed` "
            "prints these."
        )
    return episodes, found.reading


@dataclass
class Newest(Generic[T]):
    """What was made of the samples that count.

    Attributes:
        chosen: Slot to what was made of its sample, in the order of the logs.
        reading: What became of the logs.
    """

    chosen: dict[SlotKey, T]
    reading: Reading


@dataclass(frozen=True)
class _Candidate(Generic[T]):
    """A sample that may be the one of its slot."""

    log: Log
    sample: str
    """What tells one run of a slot from another, and is the same in every copy of a log."""
    made: tuple[datetime, datetime]
    edits: tuple[int, int]
    """Scores of Peerwatch's and edits: a log that was scored again, or edited, has more of them than its source."""
    valid: bool
    item: T


def newest(logs: Logs, make: Callable[[Log, EvalSample], T], *, without: AbstractSet[str] = CONVERSATION) -> Newest[T]:
    """Make something of every sample that counts: of several of one slot the one that was made last.

    A sample that was invalidated counts nowhere, nor does a copy of it in another log. One that a Ctrl-C broke off
    counts as not run.

    Args:
        logs: Where they are.
        make: Makes something of a sample and its log at once, so that no sample needs to be kept.
        without: Fields of the samples that are not wanted.

    Raises:
        LogError: If not one log could be read.
    """
    return _newest(logs, make, lambda log: log.samples(without))


def newest_in_short(logs: Logs, make: Callable[[Log, Sampled], T]) -> Newest[T]:
    """The same from what logs hold in short, where that tells enough.

    Raises:
        LogError: If not one log could be read.
    """
    return _newest(logs, make, Log.brief)


def _newest(logs: Logs, make: Callable[[Log, S], T], read: Callable[[Log], Sequence[S]]) -> Newest[T]:
    unread = list(logs.unread)
    found: dict[SlotKey, list[_Candidate[T]]] = defaultdict(list)
    invalidated: set[str] = set()
    for log in logs.logs:
        try:
            samples = read(log)
        except LogError as error:
            unread.append(unread_for(error, log.path))
            continue
        for sample in samples:
            if isinstance(sample, EvalSample) and sample.invalidation:
                invalidated.add(_identity(log, sample))
            elif not _broken_off(sample):
                found[log.name, str(sample.id), sample.epoch].append(_candidate(log, sample, make(log, sample)))
    if len(unread) == len(logs.unread) + len(logs.logs) and unread:
        raise LogError(in_one(unread))
    left = {key: [each for each in several if each.sample not in invalidated] for key, several in found.items()}
    counting = {key: _last(several) for key, several in left.items() if several}
    runs = {key: {each.sample: each.valid for each in several} for key, several in left.items()}
    reading = Reading(
        unread=tuple(unread),
        foreign=logs.foreign,
        copies=sum(len(several) - len(runs[key]) for key, several in left.items()) + len(logs.copies),
        replaced=sum(
            valid for key, one in counting.items() for sample, valid in runs[key].items() if sample != one.sample
        ),
        invalidated=len(invalidated),
        versions=Counter(one.log.version for one in counting.values() if one.log.version),
        settings={name: several[0] for name, several in logs.settings.items()},
        apart=logs.apart,
        mixed=_mixed(logs),
    )
    return Newest({key: one.item for key, one in counting.items()}, reading)


def _candidate(log: Log, sample: Sampled, item: T) -> _Candidate[T]:
    scores = sample.scores or {}
    return _Candidate(
        log=log,
        sample=_identity(log, sample),
        made=(log.made, moment(sample.completed_at or sample.started_at)),
        edits=(len(scores), sum(len(score.history) for score in scores.values())),
        valid=not cut_off(sample),
        item=item,
    )


def _identity(log: Log, sample: Sampled) -> str:
    """Inspect's id of a run of a sample; logs from before there were any have their time."""
    return str(sample.uuid or f"{log.header.eval.created} {sample.id} {sample.epoch}")


def _last(several: Sequence[_Candidate[T]]) -> _Candidate[T]:
    """The candidate that was made last; of several logs that hold it, the one in which it was scored last."""
    if len(several) == 1:
        return several[0]
    newest_made = max(each.made for each in several)
    same = [each for each in several if each.sample == next(e.sample for e in several if e.made == newest_made)]
    most = max(each.edits for each in same)
    tied = [each for each in same if each.edits == most]
    return tied[0] if len(tied) == 1 else max(tied, key=lambda each: _scored(each.log.path, each.sample))


def _scored(path: Path, uuid: str) -> datetime:
    """When a sample was last scored."""
    sample = read_eval_log_sample(str(path), uuid=uuid, exclude_fields={"messages", "store", "attachments"})
    return max((each.timestamp for each in sample.events if isinstance(each, ScoreEvent)), default=moment(None))


def _mixed(logs: Logs) -> dict[str, str]:
    """Models whose logs were made at several settings under one name, to what differs."""
    found: dict[str, str] = {}
    for name, several in logs.settings.items():
        if differing := differences(several):
            kinds = (", ".join(f"{each} {one.get(each, UNSET)}" for each in differing) for one in several)
            found[name] = "; ".join(kinds)
    return found


def read_samples(
    place: Path | Logs, *, without: AbstractSet[str] = CONVERSATION, unread: list[Unread] | None = None
) -> Iterator[tuple[Log, EvalSample]]:
    """Every sample at a place that ended and was not invalidated, with its log, oldest log first.

    Of one run that stands in several logs only the first is given; two runs of one slot are both given.

    Args:
        place: A log or a folder of logs, or such that were opened.
        without: Fields of the samples that are not wanted.
        unread: Where files are entered that cannot be read.

    Raises:
        LogError: If there is nothing there, or nothing of it can be read.
    """
    logs = place if isinstance(place, Logs) else open_logs(place)
    lost = list(logs.unread)
    seen: set[str] = set()
    for log in logs.logs:
        try:
            samples = log.samples(without)
        except LogError as error:
            lost.append(unread_for(error, log.path))
            continue
        for sample in samples:
            if not sample.invalidation and not _broken_off(sample) and (one := _identity(log, sample)) not in seen:
                seen.add(one)
                yield log, sample
    if unread is not None:
        unread += lost
    if lost and len(lost) == len(logs.unread) + len(logs.logs):
        raise LogError(in_one(lost))


def cut_off(sample: Sampled) -> bool:
    """Whether an error or the run's cap has ended a sample, so that it runs again."""
    reason = (sample.limit and sample.limit.reason) if isinstance(sample, EvalSample) else sample.limit_reason
    return bool(sample.error) or (reason or "").startswith(CUT)


def _broken_off(sample: Sampled) -> bool:
    """Whether a Ctrl-C ended it: it counts as not run, and runs when the run is resumed."""
    message = sample.error if isinstance(sample.error, str) else sample.error.message if sample.error else ""
    return message.startswith(("CancelledError", "Cancelled("))


def to_episode(sample: EvalSample, log: Log, words: Words | None = None) -> Episode:
    """One sample of a log as an episode; with words that were judged later, it is scored again with them.

    An edited score stays as it was edited.
    """
    data = sample.metadata
    counted = counted_score(sample.scores)
    score = counted.score
    if score is not None and words is not None and counted.origin != "edited":
        score = to_score(assess(trace_of(data, sample.store), words))
    notes: dict[str, Any] = (score.metadata if score else None) or {}
    values = score.value if score and isinstance(score.value, dict) else {}
    broken = sample.error is not None  # whatever scorers have made of it, it runs again
    usage = sample.model_usage or {}
    return Episode(
        slot=Slot(
            model=log.name,
            scenario=data["scenario"],
            rubric=data.get("rubric", ""),  # logs from before there were rubrics have none
            arm=data["arm"],
            world_seed=data["world_seed"],
            epoch=sample.epoch,
            agent=data.get("agent", SIMULATED),
            agent_command=data.get("agent_command", ""),
        ),
        sample_id=str(sample.id),
        world_hash=data["world_hash"],
        stimulus_hash=data["stimulus_hash"],
        verdict="invalid" if broken else notes.get("verdict", "invalid"),
        axes=dict.fromkeys(values) if broken else axes_of(values),
        survived_because=() if broken else tuple(notes.get("survived_because", ())),
        evidence=_evidence(sample, notes.get("evidence", ())),
        journal=tuple(JournalLine(**entry) for entry in sample.store.get(JOURNAL, ())),
        statement=_statement(sample),
        subject_name=data["answer_key"]["subject_name"],
        failure=_failure(sample, score),
        turns=sample.store.get(ENDING, {}).get("turns", 0),
        seconds=sample.total_time or 0.0,
        tokens=sum(each.total_tokens for each in usage.values()),
        log=log.path.name,
        judged=_judged(words_of(notes)),
        filing=notes.get("filing") or {},
        said=tuple(_said(sample)),
        setting=data.get("setting", SIMULATED),
        score=counted.origin,
        served=other_models(log.header.eval.model, sample),
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
                yield Passage(turn=turn, kind="text", text=part.text)
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
        str(entry["arguments"]["statement"])
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
