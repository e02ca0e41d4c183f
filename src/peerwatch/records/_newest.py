"""Choose the sample that counts when several logs hold the same slot."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar, cast

from inspect_ai.event import ScoreEvent
from inspect_ai.log import EvalSample, read_eval_log_sample

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.registry import NotRegisteredError
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect._samples import sample_id
from peerwatch.records._files import LogError, in_one, unread_for
from peerwatch.records._open import CONVERSATION, Log, Logs, Sampled, moment, open_logs
from peerwatch.records._reading import Reading, UnreadFile
from peerwatch.records._settings import UNSET, differences

CUT = "the run's budget is spent"
"""Start of the limit reason of an episode that was stopped by its run's spending cap."""

SlotKey = tuple[str, str, int]
"""Model, id of the sample as it would be today, and epoch."""

S = TypeVar("S", EvalSample, Sampled)
T = TypeVar("T")


@dataclass
class Newest(Generic[T]):
    """The samples that count, converted by the caller's function.

    Attributes:
        chosen: Slot to its converted sample, in the order of the logs.
        reading: How the logs were read.
        failed: Slot to the number of its runs that ended with an error before the one that counts.
    """

    chosen: dict[SlotKey, T]
    reading: Reading
    failed: dict[SlotKey, int]


@dataclass(frozen=True)
class _Candidate(Generic[T]):
    """A sample that may be the one of its slot."""

    log: Log
    sample: str
    """Id of one run of a slot; the same in every copy of a log."""
    made: tuple[datetime, datetime]
    edits: tuple[int, int]
    """Number of scores and of edits: a log that was rescored or edited has more of them than its source."""
    valid: bool
    failed: bool
    """Whether it ended with an error."""
    retries: int
    """Runs of the same slot that ended with an error and that Inspect retried immediately."""
    item: T


def newest(logs: Logs, make: Callable[[Log, EvalSample], T], *, without: AbstractSet[str] = CONVERSATION) -> Newest[T]:
    """Convert every sample that counts: of several for one slot the most recent.

    Invalidated samples don't count, nor do copies of them in other logs. Samples interrupted by Ctrl-C count as not
    run.

    Args:
        logs: The logs.
        make: Converts a sample and its log immediately, so that no sample needs to be kept in memory.
        without: Fields of the samples that are not needed.

    Raises:
        LogError: If no log could be read.
    """
    return _newest(logs, make, lambda log: log.samples(without))


def newest_in_short(logs: Logs, make: Callable[[Log, Sampled], T]) -> Newest[T]:
    """The same using only the summaries in logs, where these suffice.

    Raises:
        LogError: If no log could be read.
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
                try:
                    item = make(log, sample)
                except UNFIT as error:
                    lacking = unfit(log, sample, error)
                    if lacking not in unread:  # a scenario that is not installed is named once
                        unread.append(lacking)
                    continue
                found[log.name, slot_name(sample), sample.epoch].append(_candidate(log, sample, item))
    if unread and not found and not invalidated:
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
        twice=tuple(
            f"{model} {name} epoch {epoch}"
            for (model, name, epoch), valid in ((key, runs[key]) for key in counting)
            if sum(valid.values()) > 1
        ),
        invalidated=len(invalidated),
        versions=Counter(one.log.version for one in counting.values() if one.log.version),
        newer=Counter(one.log.newer for one in counting.values() if one.log.newer),
        settings={name: several[0] for name, several in logs.settings.items()},
        apart=logs.apart,
        mixed=_mixed(logs),
    )
    failed = {key: count for key, one in counting.items() if (count := _failed(left[key], one))}
    return Newest({key: one.item for key, one in counting.items()}, reading, failed)


def _failed(several: Sequence[_Candidate[T]], counting: _Candidate[T]) -> int:
    """Return the number of runs of a slot that ended with an error and were replaced."""
    replaced = {each.sample for each in several if each.failed} - {counting.sample}
    return len(replaced) + counting.retries


def slot_name(sample: Sampled) -> str:
    """Return the id that a sample of this arm and world has today, or its own id if the log lacks its arm.

    In a log from before a factor existed, the same arm has another id, and its id may be that of another arm today.
    """
    data = sample.metadata
    arm, scenario = data.get("arm"), SCENARIOS.get(str(data.get("scenario")))
    if scenario is None or not isinstance(arm, dict):  # Inspect's sample summaries omit long records
        return str(sample.id)
    levels = scenario.logged_arm(cast("dict[str, str]", arm))
    return sample_id(scenario.name, levels, data["world_seed"], data.get("rubric", ""), data.get("agent", SIMULATED))


UNFIT = (LookupError, TypeError, ValueError, AttributeError)
"""Errors raised when a sample lacks a field or stores it in another format."""


def unfit(log: Log, sample: Sampled, error: Exception) -> UnreadFile:
    """Return the entry for a sample that lacks a field or stores it in another format."""
    said = str(error).partition("\n")[0].strip()
    if isinstance(error, NotRegisteredError):
        return UnreadFile(file=str(log.path), why=f"can't be read here: {said}")
    where = f"holds sample {sample.id}, epoch {sample.epoch}, in a form that cannot be read"
    return UnreadFile(file=str(log.path), why=f"{where}: {type(error).__name__}: {said}.")


def _candidate(log: Log, sample: Sampled, item: T) -> _Candidate[T]:
    scores = sample.scores or {}
    return _Candidate(
        log=log,
        sample=_identity(log, sample),
        made=(log.made, moment(sample.completed_at or sample.started_at)),
        edits=(len(scores), sum(len(score.history) for score in scores.values())),
        valid=not cut_off(sample),
        failed=bool(sample.error),
        retries=_retries(sample),
        item=item,
    )


def _retries(sample: Sampled) -> int:
    if isinstance(sample, EvalSample):
        return len(sample.error_retries or ())
    return sample.retries or 0


def _identity(log: Log, sample: Sampled) -> str:
    """Return Inspect's UUID of a sample's run, or for older logs the log's time, sample id and epoch."""
    return str(sample.uuid or f"{log.header.eval.created} {sample.id} {sample.epoch}")


def _last(several: Sequence[_Candidate[T]]) -> _Candidate[T]:
    """Return the latest candidate; if several logs hold it, the one in which it was scored last."""
    if len(several) == 1:
        return several[0]
    newest_made = max(each.made for each in several)
    same = [each for each in several if each.sample == next(e.sample for e in several if e.made == newest_made)]
    most = max(each.edits for each in same)
    tied = [each for each in same if each.edits == most]
    return tied[0] if len(tied) == 1 else max(tied, key=lambda each: _scored(each.log.path, each.sample))


def _scored(path: Path, uuid: str) -> datetime:
    """Return the time at which a sample was last scored."""
    sample = read_eval_log_sample(str(path), uuid=uuid, exclude_fields={"messages", "store", "attachments"})
    return max((each.timestamp for each in sample.events if isinstance(each, ScoreEvent)), default=moment(None))


def _mixed(logs: Logs) -> dict[str, str]:
    """Return models whose logs have several settings under one name, to the settings that differ."""
    found: dict[str, str] = {}
    for name, several in logs.settings.items():
        if differing := differences(several):
            kinds = (", ".join(f"{each} {one.get(each, UNSET)}" for each in differing) for one in several)
            found[name] = "; ".join(kinds)
    return found


def read_samples(
    place: Path | Logs, *, without: AbstractSet[str] = CONVERSATION, unread: list[UnreadFile] | None = None
) -> Iterator[tuple[Log, EvalSample]]:
    """Return every sample that ended and was not invalidated, with its log, oldest log first.

    If a run is in several logs it is returned once, from the log with most of its scores; two runs of one slot are both
    returned.

    Args:
        place: A log or a folder of logs, or opened logs.
        without: Fields of the samples that are not needed.
        unread: List to which files that cannot be read are added.

    Raises:
        LogError: If there are no logs, or none can be read.
    """
    logs = place if isinstance(place, Logs) else open_logs(place)
    lost = list(logs.unread)
    wanted = _most_scored(logs)
    for log in logs.logs:
        try:
            samples = log.samples(without)
        except LogError as error:
            lost.append(unread_for(error, log.path))
            continue
        for sample in samples:
            if not _broken_off(sample) and wanted.get(_identity(log, sample)) == log.path:
                yield log, sample
    if unread is not None:
        unread += lost
    if lost and len(lost) == len(logs.unread) + len(logs.logs):
        raise LogError(in_one(lost))


def _most_scored(logs: Logs) -> dict[str, Path]:
    """Return every run of a sample that was not invalidated, to the log in which it has the most scores."""
    found: dict[str, tuple[int, Path]] = {}
    invalidated: set[str] = set()
    for log in logs.logs:
        try:
            samples = log.brief()
        except LogError:
            continue  # reading its samples fails too and reports the error
        for sample in samples:
            one, count = _identity(log, sample), len(sample.scores or {})
            if isinstance(sample, EvalSample) and sample.invalidation:
                invalidated.add(one)
            elif one not in found or count > found[one][0]:
                found[one] = (count, log.path)
    return {one: path for one, (_, path) in found.items() if one not in invalidated}


def cut_off(sample: Sampled) -> bool:
    """Return whether an error or the run's spending cap ended a sample, so that it must run again."""
    reason = (sample.limit and sample.limit.reason) if isinstance(sample, EvalSample) else sample.limit_reason
    return bool(sample.error) or (reason or "").startswith(CUT)


def _broken_off(sample: Sampled) -> bool:
    """Return whether Ctrl-C ended a sample: it counts as not run and runs when the run is resumed."""
    message = sample.error if isinstance(sample.error, str) else sample.error.message if sample.error else ""
    return message.startswith(("CancelledError", "Cancelled("))
