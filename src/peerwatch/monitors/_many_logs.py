"""Read thousands of logs: in several processes, each file once, skipping the parts that no outcome needs.

Inspect reads a log in three passes with an event loop and threads for each. Here a file is opened once; what cannot be
read this way is read Inspect's way, so that damage is reported as everywhere else.
"""

import os
import zipfile
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from inspect_ai.log import EvalLog, EvalSample
from pydantic_core import from_json

from peerwatch.core.outcomes import Words
from peerwatch.monitors._labels import EpisodeLabel, labeled
from peerwatch.records import (
    CONVERSATION,
    INSTRUCTED,
    Episode,
    Log,
    LogError,
    Logs,
    UnreadFile,
    in_one,
    key_of,
    model_of,
    newest,
    open_logs,
    settings_of,
    told_apart,
    unread_for,
)
from peerwatch.records._files import candidates, without_copies
from peerwatch.records._newest import slot_name
from peerwatch.records._old_names import rename_samples
from peerwatch.records._read import to_episode
from peerwatch.records._settings import Settings

MANY: Final = 400
"""From so many logs on, they are read by several processes: each takes seconds to start."""

CHUNK: Final = 50
"""Logs that a process reads at a time."""


@dataclass(frozen=True)
class KnownEpisode:
    """An episode read from its log, without its messages.

    Attributes:
        episode: Its label and what the numbers need.
        record: The record; `None` in logs of others.
        log: The file.
        run: Inspect's id of the run of its sample.
    """

    episode: EpisodeLabel
    record: Episode | None
    log: Path
    run: str


@dataclass(frozen=True)
class _Candidate:
    """An episode that may be the one of its slot; several logs may hold a run of it."""

    known: KnownEpisode | None
    model: str
    settings: Settings
    slot: tuple[str, int]
    made: datetime
    inspect_name: str


@dataclass
class _Chunk:
    candidates: list[_Candidate] = field(default_factory=list[_Candidate])
    unread: list[UnreadFile] = field(default_factory=list[UnreadFile])
    foreign: list[UnreadFile] = field(default_factory=list[UnreadFile])


def read_known(places: Sequence[Path], spoken: Mapping[str, Words]) -> tuple[list[KnownEpisode], list[UnreadFile]]:
    """Every episode at some places that is evidence about a monitor, the one made last where logs hold one slot.

    Args:
        places: Logs and folders of logs.
        spoken: Inspect's id of an episode to what judges said of it after the run.

    Returns:
        The episodes, and files that could not be read.

    Raises:
        LogError: If there is nothing there, or nothing of it can be read.
    """
    listed = [candidates(place) for place in places]
    files, _ = without_copies([file for each, _ in listed for file in each])
    unread = [each for _, others in listed for each in others]
    if len(files) < MANY:
        chunks = [_read(files, spoken)]
    else:
        parts = [files[start : start + CHUNK] for start in range(0, len(files), CHUNK)]
        # Spawned, not forked: a fork copies locks that threads of this process may hold.
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
            chunks = list(pool.map(_read, parts, [spoken] * len(parts)))
    unread += [each for chunk in chunks for each in chunk.unread]
    found = _newest([each for chunk in chunks for each in chunk.candidates])
    if not found and (lacking := [*unread, *(each for chunk in chunks for each in chunk.foreign)]):
        raise LogError(in_one(lacking))
    return found, unread


def _newest(listed: Sequence[_Candidate]) -> list[KnownEpisode]:
    """Of several runs of one slot the last; one model at several settings gets names that differ."""
    names = told_apart((each.model, each.settings) for each in listed)
    chosen: dict[tuple[str, tuple[str, int]], _Candidate] = {}
    for each in listed:
        key = (names[each.model, key_of(each.settings)], each.slot)
        if key not in chosen or chosen[key].made < each.made:
            chosen[key] = each
    return [_named(each.known, name, each.inspect_name) for (name, _), each in chosen.items() if each.known is not None]


def _named(known: KnownEpisode, name: str, inspect_name: str) -> KnownEpisode:
    record = known.record
    if record is None or record.slot.model == name:
        return known
    record = record.model_copy(update={"slot": record.slot.model_copy(update={"model": name})})
    episode = labeled(record, inspect_name, known.run)
    assert episode is not None  # noqa: S101 - its name decides nothing about that
    return KnownEpisode(episode, record, known.log, known.run)


def _read(files: Sequence[Path], spoken: Mapping[str, Words]) -> _Chunk:
    chunk = _Chunk()
    logs: list[Log] = []
    for file in files:
        log = _opened(file)
        if log is not None:
            logs.append(log)
            continue
        try:
            found = open_logs(file)
        except LogError as error:
            chunk.unread.append(unread_for(error, file))
            continue
        logs += found.logs
        chunk.unread += found.unread
        chunk.foreign += found.foreign

    def made(log: Log, sample: EvalSample) -> _Candidate:
        run = str(sample.uuid or "")
        known = None
        if INSTRUCTED not in sample.metadata:
            record = to_episode(sample, log, spoken.get(run))
            episode = labeled(record, log.header.eval.model, run)
            known = None if episode is None else KnownEpisode(episode, record, log.path, run)
        return _Candidate(
            known,
            model_of(log.header),
            settings_of(log.header),
            (slot_name(sample), sample.epoch),
            log.made,
            log.header.eval.model,
        )

    if logs:
        ordered = sorted(logs, key=lambda log: (log.made, str(log.path)))
        # A name that only tells settings apart within the chunk: `read_known` gives the final ones.
        apart = [
            Log(log.path, log.header, f"{log.name} {key_of(settings_of(log.header))}")
            if not isinstance(log, _ReadLog)
            else _ReadLog(log.path, log.header, f"{log.name} {key_of(settings_of(log.header))}", log.read)
            for log in ordered
        ]
        try:
            result = newest(Logs((), tuple(apart), (), (), (), ()), made)
        except LogError as error:
            chunk.unread += [unread_for(error, log.path) for log in logs]
            return chunk
        chunk.unread += result.reading.unread
        chunk.candidates += result.chosen.values()
    return chunk


@dataclass(frozen=True)
class _ReadLog(Log):
    """A log whose samples are in memory."""

    read: list[EvalSample] = field(default_factory=list[EvalSample])

    def samples(self, without: AbstractSet[str] = CONVERSATION) -> list[EvalSample]:
        """Return its samples, which were read without their conversations."""
        del without
        return self.read


def _opened(file: Path) -> _ReadLog | None:
    """A log of Peerwatch's, read in one pass; `None` for whatever is not a complete `.eval` file of ours.

    `zipfile` checks the sum of every member that is read, so damage does not go unseen.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            header = EvalLog.model_validate(from_json(archive.read("header.json")))
            names = [name for name in archive.namelist() if name.startswith("samples/")]
            parts: list[dict[str, Any]] = [from_json(archive.read(name)) for name in names]
    except (OSError, ValueError, KeyError, NotImplementedError, zipfile.BadZipFile):
        return None
    if not all(isinstance(part.get("metadata"), dict) and "world_seed" in part["metadata"] for part in parts):
        return None
    # No outcome needs the messages, and validating them would take long.
    for part in parts:
        for name in CONVERSATION:
            part.pop(name, None)
    try:
        samples = [EvalSample.model_validate(part | {"messages": []}) for part in parts]
    except ValueError:
        return None
    rename_samples(samples)
    return _ReadLog(file, header, model_of(header), samples)
