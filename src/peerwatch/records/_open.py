"""Open logs, and report those that cannot be read.

All code that reads episodes uses this module, so that all commands see the same logs in the same order.
"""

import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from inspect_ai.log import EvalLog, EvalSample, EvalSampleSummary, read_eval_log, read_eval_log_sample_summaries

from peerwatch.core.log_places import ARCHIVE
from peerwatch.core.tested_versions import NEWER
from peerwatch.records._files import LogError, candidates, check_archive, in_one, unread_for, without_copies
from peerwatch.records._old_names import rename_samples
from peerwatch.records._reading import UnreadFile
from peerwatch.records._scores import uncertain
from peerwatch.records._settings import MODEL, Settings, model_of, names_of, settings_of
from peerwatch.records._unsaved import complete

EVENTS = frozenset({"events", "events_data"})
"""The fields of a sample that repeat its conversation call by call."""

CONVERSATION = EVENTS | {"messages", "attachments"}
"""The fields of a sample that no outcome is computed from; they make up most of a log."""

_SEED = "world_seed"
"""A metadata key that every Peerwatch sample has."""

Sampled = EvalSample | EvalSampleSummary
"""A full sample or its summary."""

_READS = 20
"""Number of attempts to read a log that is replaced during each read."""

T = TypeVar("T")


@dataclass(frozen=True)
class Log:
    """A log that could be opened.

    Attributes:
        path: The file.
        header: Everything but its samples.
        name: Name of its episodes' model.
    """

    path: Path
    header: EvalLog
    name: str

    @property
    def made(self) -> datetime:
        """Start time of the evaluation, from the log: names and times of files change when they are copied."""
        return moment(self.header.eval.created)

    @property
    def version(self) -> str:
        """Version of Peerwatch that wrote the log; empty if it was not recorded."""
        given = (self.header.eval.metadata or {}).get(VERSION)
        return str(given or self.header.eval.packages.get("peerwatch", ""))

    @property
    def newer(self) -> str:
        """Dependencies newer than the tested versions that it was made with, such as Inspect; empty if none."""
        return str((self.header.eval.metadata or {}).get(NEWER, ""))

    def summaries(self) -> list[EvalSampleSummary]:
        """Return the summaries of its samples.

        Raises:
            LogError: If it is damaged.
        """
        found = _whole(self.path, lambda: read_eval_log_sample_summaries(str(self.path)))
        rename_samples(found)
        return found

    def brief(self) -> Sequence[Sampled]:
        """Return summaries, or full samples if some were invalidated or scores may have been edited.

        Raises:
            LogError: If it is damaged.
        """
        summaries = self.summaries()
        edited = any(uncertain(each.scores) for each in summaries if not each.error)
        return self.samples() if self.header.invalidated or edited else summaries

    def samples(self, without: AbstractSet[str] = CONVERSATION) -> list[EvalSample]:
        """Return its samples without the given fields.

        Raises:
            LogError: If it is damaged, or holds another task's samples.
        """
        log = _whole(self.path, lambda: read_eval_log(str(self.path), exclude_fields=set(without)))
        return _ours(log, self.path).samples or []


VERSION = "peerwatch_version"
"""Metadata key of the Peerwatch version that wrote a log; Inspect itself records packages of registered tasks only."""


@dataclass(frozen=True)
class Logs:
    """The logs at some places.

    Attributes:
        places: The places searched.
        logs: The opened logs, oldest first.
        unread: Files that could not be opened.
        foreign: Logs of other tasks, with the task.
        copies: Files with the same content as another one.
        apart: Groups of names that are one model at several settings.
    """

    places: tuple[Path, ...]
    logs: tuple[Log, ...]
    unread: tuple[UnreadFile, ...]
    foreign: tuple[UnreadFile, ...]
    copies: tuple[Path, ...]
    apart: tuple[tuple[str, ...], ...]

    @property
    def models(self) -> dict[str, str]:
        """Name of a model to its Inspect name."""
        return {log.name: log.header.eval.model for log in self.logs}

    @property
    def settings(self) -> dict[str, list[Settings]]:
        """Name of a model to its settings; several only if names come from a plan."""
        found: dict[str, list[Settings]] = defaultdict(list)
        for log in self.logs:
            if (here := settings_of(log.header)) not in found[log.name]:
                found[log.name].append(here)
        return dict(found)


def moment(time: str | None) -> datetime:
    """Parse a time of Inspect; 1970 if there is none."""
    found = datetime.fromisoformat(time) if time else datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def open_logs(places: Path | Sequence[Path], *, planned: bool = False) -> Logs:
    """Open every log at some places.

    If one model was run at several settings, its name is extended by the differing ones.

    Args:
        places: Logs, and folders of logs.
        planned: Whether to keep the names of the study, because its plan refers to them.

    Raises:
        LogError: If there are no logs, or none can be read.
    """
    listed = [places] if isinstance(places, Path) else places
    found = [candidates(place) for place in listed]
    files, copies = without_copies([complete(file) for each, _ in found for file in each])
    unread = [each for _, others in found for each in others]
    foreign: list[UnreadFile] = []
    opened: list[tuple[Path, EvalLog]] = []
    for file in files:
        try:
            header = open_log(file)
            task = _other_task(file, header)
        except LogError as error:
            unread.append(unread_for(error, file))
            continue
        if task:
            foreign.append(UnreadFile(file=str(file), why=f"is a log of {task}, not of a Peerwatch task."))
        else:
            opened.append((file, header))
    if not opened:
        raise LogError(in_one([*unread, *foreign]))
    names, apart = names_of([header for _, header in opened])
    if planned:
        names, apart = [model_of(header) for _, header in opened], ()
    logs = [Log(file, header, name) for (file, header), name in zip(opened, names, strict=True)]
    ordered = sorted(logs, key=lambda log: (log.made, str(log.path)))
    return Logs(tuple(listed), tuple(ordered), tuple(unread), tuple(foreign), tuple(copies), apart)


def open_log(path: Path) -> EvalLog:
    """Read the header of a log.

    Raises:
        LogError: If it is damaged or is not an Inspect log.
    """
    check_archive(path)
    return _whole(path, lambda: _checked(path, lambda: read_eval_log(str(path), header_only=True)))


def _ours(log: EvalLog, path: Path) -> EvalLog:
    """Convert a log to current names, if it is a Peerwatch log.

    Raises:
        LogError: If it holds another task's samples.
    """
    foreign = [sample for sample in log.samples or [] if _SEED not in sample.metadata]
    if foreign:
        raise LogError(f"{path} is a log of {log.eval.task}, not of a Peerwatch task. Give logs of episodes.")
    rename_samples(log.samples or [])
    return log


def _checked(path: Path, read: Callable[[], T]) -> T:
    """Check an archive's CRC-32 checksums, which Inspect does not, and read it.

    Raises:
        ValueError: If a checksum is wrong.
    """
    if path.suffix == ARCHIVE:
        with zipfile.ZipFile(path) as archive:
            if torn := archive.testzip():
                raise ValueError(f"the checksum of {torn} is wrong")
    return read()


def _whole(path: Path, read: Callable[[], T]) -> T:
    """Read a log with Inspect.

    Inspect opens a log several times during one read, and a running evaluation replaces the file after each episode. A
    read that fails because the file was replaced is retried.

    Raises:
        LogError: If reading fails, for any kind of damage: errors of zip, zstd, JSON and pydantic, and of code that
            finds a list where it expects an object.
    """
    failed: Exception | None = None
    for _ in range(_READS):
        before = _version_of(path)
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - becomes a LogError
            failed = error
            if _version_of(path) == before:
                break
    # Errors of pydantic have a line per field; the first names the kind of damage.
    said = str(failed).partition("\n")[0].strip()
    raise LogError(f"{path} is damaged or is not an Inspect log: {type(failed).__name__}: {said}") from failed


def _version_of(path: Path) -> tuple[int, int, int] | None:
    """Return inode, size and modification time, which change when a file is replaced; `None` if it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _other_task(path: Path, header: EvalLog) -> str:
    """Return the task of a log that is not Peerwatch's; empty if it is, or if the log is empty."""
    if header.eval.task.startswith("peerwatch/") or MODEL in (header.eval.metadata or {}):
        return ""
    summaries = _whole(path, lambda: read_eval_log_sample_summaries(str(path)))
    return header.eval.task if any(_SEED not in each.metadata for each in summaries[:1]) else ""
