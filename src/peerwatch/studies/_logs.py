"""Finding logs and opening them: what cannot be read is named, and the rest is read.

Everything that reads episodes comes through here, so that all commands see the same logs in the same order.
"""

import hashlib
import os
import re
import stat
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import ijson  # pyright: ignore[reportMissingTypeStubs] - Inspect's parser, when it reads parts of a log
from inspect_ai.log import EvalLog, EvalSample, EvalSampleSummary, read_eval_log, read_eval_log_sample_summaries

from peerwatch._mistakes import Mistake
from peerwatch.studies._episodes import Unread
from peerwatch.studies._scores import uncertain
from peerwatch.studies._settings import MODEL, Settings, model_of, names_of, settings_of

EVENTS = frozenset({"events", "events_data"})
"""The fields of a sample that tell its conversation a second time, call by call."""

CONVERSATION = EVENTS | {"messages", "attachments"}
"""The fields of a sample that no outcome is read from; they make up most of a log."""

INTERVIEWS = "interviews"
"""Folder beside a run's logs that holds interviews, which are no episodes."""

ARCHIVE, TEXT = ".eval", ".json"
"""The suffixes of Inspect's two formats."""

_OURS = "world_seed"
"""A key that the metadata of every sample of Peerwatch's has."""

_NAMED_BY_INSPECT = re.compile(r"\d{4}-\d\d-\d\dT\d\d[-:]\d\d[-:]\d\d")
"""How Inspect begins the names of logs: with date and time, as in `2026-11-30T12-12-51`."""

_BEGINS_A_LOG = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:')
"""How Inspect begins a log in JSON: a whole number as version, then the status."""

_HEAD = 4096
"""Bytes of a JSON file that are looked at before it is parsed."""

_TRIES, _PAUSE, _JUST = 2, 0.2, 5
"""How often an incomplete log is looked at again, the seconds between, and the age in seconds up to which it is."""

Sampled = EvalSample | EvalSampleSummary
"""A sample, whole or in short."""

T = TypeVar("T")


class LogError(Mistake):
    """A log cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Log:
    """A log that could be opened.

    Attributes:
        path: The file.
        header: Everything but its samples.
        name: What its episodes' model is called.
    """

    path: Path
    header: EvalLog
    name: str

    @property
    def made(self) -> datetime:
        """When the evaluation began, by the log itself: names and times of files change when they are copied."""
        return moment(self.header.eval.created)

    @property
    def version(self) -> str:
        """The version of Peerwatch that made it; empty where it does not say."""
        given = (self.header.eval.metadata or {}).get(VERSION)
        return str(given or self.header.eval.packages.get("peerwatch", ""))

    def summaries(self) -> list[EvalSampleSummary]:
        """Its samples in short.

        Raises:
            LogError: If it is damaged.
        """
        return _whole(self.path, lambda: read_eval_log_sample_summaries(str(self.path)))

    def brief(self) -> Sequence[Sampled]:
        """Its samples in short where that tells enough: not where some were invalidated, or scores may be edited.

        Raises:
            LogError: If it is damaged.
        """
        summaries = self.summaries()
        edited = any(uncertain(each.scores) for each in summaries if not each.error)
        return self.samples() if self.header.invalidated or edited else summaries

    def samples(self, without: AbstractSet[str] = CONVERSATION) -> list[EvalSample]:
        """Its samples, without some of their fields.

        Raises:
            LogError: If it is damaged, or holds another task's samples.
        """
        return read_log(self.path, without=without).samples or []


VERSION = "peerwatch_version"
"""Where a log says which version of Peerwatch made it; Inspect itself notes the packages of registered tasks only."""


@dataclass(frozen=True)
class Logs:
    """The logs at some places.

    Attributes:
        places: Where they were looked for.
        logs: Those that could be opened, oldest first.
        unread: Files that could not be opened.
        foreign: Logs of other tasks, with the task.
        copies: Files whose content is that of another one.
        apart: Names that are one model at several settings.
    """

    places: tuple[Path, ...]
    logs: tuple[Log, ...]
    unread: tuple[Unread, ...]
    foreign: tuple[Unread, ...]
    copies: tuple[Path, ...]
    apart: tuple[tuple[str, ...], ...]

    @property
    def models(self) -> dict[str, str]:
        """Name of a model to its name for Inspect."""
        return {log.name: log.header.eval.model for log in self.logs}

    @property
    def settings(self) -> dict[str, list[Settings]]:
        """Name of a model to its settings: several only where names are those of a plan."""
        found: dict[str, list[Settings]] = defaultdict(list)
        for log in self.logs:
            if (here := settings_of(log.header)) not in found[log.name]:
                found[log.name].append(here)
        return dict(found)


def moment(time: str | None) -> datetime:
    """A time of Inspect's; 1970 where there is none."""
    found = datetime.fromisoformat(time) if time else datetime.fromtimestamp(0, UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def log_files(place: Path) -> list[Path]:
    """The logs of episodes at a place: the file itself, or all below a folder but interviews, by name.

    Raises:
        LogError: If there is nothing there.
    """
    files, _ = _candidates(place)
    return files


def open_logs(places: Path | Sequence[Path], *, planned: bool = False) -> Logs:
    """Open every log at some places.

    Where one model was run at several settings, its name gets what differs.

    Args:
        places: Logs, and folders of logs.
        planned: Whether names are kept as the study has them, since its plan goes by these.

    Raises:
        LogError: If there is nothing there, or nothing of it can be read.
    """
    listed = [places] if isinstance(places, Path) else places
    found = [_candidates(place) for place in listed]
    files, copies = _without_copies([file for each, _ in found for file in each])
    unread = [each for _, others in found for each in others]
    foreign: list[Unread] = []
    opened: list[tuple[Path, EvalLog]] = []
    for file in files:
        try:
            header = open_log(file)
            task = _other_task(file, header)
        except LogError as error:
            unread.append(unread_for(error, file))
            continue
        if task:
            foreign.append(Unread(file=str(file), why=f"is a log of {task}, not of a Peerwatch task."))
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
    """The header of a log.

    Raises:
        LogError: If it is damaged or is no Inspect log.
    """
    check_archive(path)
    return _whole(path, lambda: read_eval_log(str(path), header_only=True))


def read_log(path: Path, *, without: AbstractSet[str] = CONVERSATION) -> EvalLog:
    """A log with its samples, checked to be one of Peerwatch's.

    Args:
        path: The log.
        without: Fields of the samples that are not wanted; without its conversation a log is read in half the time.

    Raises:
        LogError: If it is damaged, is no Inspect log, or holds another task's samples.
    """
    check_archive(path)
    log = _whole(path, lambda: _read(path, without))
    foreign = [sample for sample in log.samples or [] if _OURS not in sample.metadata]
    if foreign:
        raise LogError(f"{path} is a log of {log.eval.task}, not of a Peerwatch task. Give logs of episodes.")
    return log


def check_archive(path: Path) -> None:
    """Make sure that a file is a log before Inspect reads it.

    Raises:
        LogError: If it is not.
    """
    if why := _no_file(path):
        raise LogError(f"{path} cannot be read: {why}")
    if path.suffix == TEXT and _is_text_log(path):
        return
    if path.suffix != ARCHIVE:
        raise LogError(f"{path} is no Inspect log (.eval or .json). Give a log, the folder of a run, or of its logs.")
    if not any(zipfile.is_zipfile(path) for _ in _pauses(path)):
        raise LogError(
            f"{path} is damaged or is no Inspect log: it is not a complete .eval archive. "
            "Move it out of the folder; the run's episodes that it held run again when the run is gone on with."
        )


def _pauses(path: Path) -> Iterator[None]:
    """Once, and a few times more with pauses for a file that has just been written: a process may be at it."""
    yield
    for _ in range(_TRIES if time.time() - path.stat().st_mtime < _JUST else 0):
        time.sleep(_PAUSE)
        yield


def _read(path: Path, without: AbstractSet[str]) -> EvalLog:
    if path.suffix == ARCHIVE:
        with zipfile.ZipFile(path) as archive:  # Inspect itself compares no check sums
            if torn := archive.testzip():
                raise ValueError(f"the check sum of {torn} is wrong")
    return read_eval_log(str(path), exclude_fields=set(without))


def _whole(path: Path, read: Callable[[], T]) -> T:
    """What Inspect reads from a log.

    Raises:
        LogError: If it cannot, whatever the damage makes its readers raise: errors of zip, zstd, JSON and pydantic,
            and of code that meets a list in place of a record.
    """
    try:
        return read()
    except Exception as error:
        said = str(error).partition("\n")[0].strip()
        raise LogError(f"{path} is damaged or is no Inspect log: {type(error).__name__}: {said}") from error


def _other_task(path: Path, header: EvalLog) -> str:
    """The name of the task of a log that is none of Peerwatch's; empty for one that is, or that holds nothing."""
    if header.eval.task.startswith("peerwatch/") or MODEL in (header.eval.metadata or {}):
        return ""
    summaries = _whole(path, lambda: read_eval_log_sample_summaries(str(path)))
    return header.eval.task if any(_OURS not in each.metadata for each in summaries[:1]) else ""


def _candidates(place: Path) -> tuple[list[Path], list[Unread]]:
    """The files at a place that bear a log's name, and those that cannot be one.

    Raises:
        LogError: If there is nothing there.
    """
    if not os.path.lexists(place):
        raise LogError(f"{place} does not exist. Give an Inspect log (.eval or .json) or the folder of a run.")
    if not place.is_dir():
        check_archive(place)
        return [place], []
    files: list[Path] = []
    unread: list[Unread] = []

    def closed(error: OSError) -> None:
        unread.append(Unread(file=str(error.filename), why=f"is a folder that cannot be read: {error.strerror}."))

    for folder, folders, names in os.walk(place, onerror=closed):
        inside = Path(folder)
        if INTERVIEWS in inside.relative_to(place).parts:
            folders.clear()
            continue
        folders.sort()
        odd = [name for name in folders if name.endswith(ARCHIVE)]
        unread += [Unread(file=str(inside / name), why="is a folder with a log's name.") for name in odd]
        for path in (inside / name for name in sorted(names) if name.endswith((ARCHIVE, TEXT))):
            if why := _no_file(path):
                unread += [Unread(file=str(path), why=f"cannot be read: {why}")] if _named_as_log(path) else []
            elif path.suffix == ARCHIVE or _is_text_log(path):
                files.append(path)
    if not files:
        none = f"{place} holds no Inspect logs (.eval or .json). Give the folder of a run, or of its logs."
        raise LogError(in_one(unread) if unread else none)
    return files, unread


def _named_as_log(path: Path) -> bool:
    """Whether a file bears the name of a log, whatever is in it."""
    return path.suffix == ARCHIVE or bool(_NAMED_BY_INSPECT.match(path.name))


def _no_file(path: Path) -> str:
    """Why a path is no file that can be read; empty if it is one. Nothing is opened that could wait for a writer."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"{error.strerror or error}."
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISFIFO: "a pipe", stat.S_ISSOCK: "a socket"}
    if not stat.S_ISREG(mode):
        kind = next((name for test, name in kinds.items() if test(mode)), "a device")
        return f"it is {kind}, not a file."
    try:
        path.open("rb").close()
    except OSError as error:
        return f"{error.strerror or error}."
    return ""


def _is_text_log(path: Path) -> bool:
    """Whether a JSON file is one of Inspect's logs, also one that was cut short; a run's folder holds other files too.

    It is one if Inspect named it, if it begins as Inspect begins logs, or if it is a record with a log's fields up to
    `eval`, which names the task.
    """
    if _named_as_log(path):
        return True
    with path.open("rb") as file:
        if _BEGINS_A_LOG.match(file.read(_HEAD)):
            return True
        file.seek(0)
        try:
            for prefix, event, value in ijson.parse(file):  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
                if prefix == "eval.task" and event == "string":
                    return True
                if not prefix and event == "map_key" and value not in EvalLog.model_fields:
                    return False
                if not prefix and event not in ("start_map", "map_key"):
                    return False
        except (ijson.JSONError, ValueError):
            return False
    return False


def _without_copies(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Files of different content, and those whose content one of them has too."""
    sizes: dict[int, list[Path]] = defaultdict(list)
    for file in dict.fromkeys(files):
        sizes[file.stat().st_size].append(file)
    kept: dict[tuple[int, bytes], Path] = {}
    copies: list[Path] = []
    for size, alike in sizes.items():
        for file in alike:
            digest = hashlib.sha256(file.read_bytes()).digest() if len(alike) > 1 else b""
            if kept.setdefault((size, digest), file) != file:
                copies.append(file)
    gone = set(copies)
    return [file for file in dict.fromkeys(files) if file not in gone], copies


def unread_for(error: LogError, file: Path) -> Unread:
    """The entry of a file that could not be read."""
    return Unread(file=str(file), why=str(error).removeprefix(f"{file} "))


def in_one(unread: Sequence[Unread]) -> str:
    """One message about files that could not be read."""
    return " ".join(f"{each.file} {each.why}" for each in unread)
