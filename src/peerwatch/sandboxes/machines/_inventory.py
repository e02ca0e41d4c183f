"""Inventory of a host by content, and of who may log in. Runs on the host as root, after the files that it imports.

Only files changed since the host's boot are read, because an image contains nothing of a world. Content that was read
once is recognized by inode and times; the ctime cannot be set by anyone. Two kinds of files can change without it and
are always read: those mapped by a process, and those changed immediately before.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterator

from peerwatch.sandboxes.machines import _buried_data
from peerwatch.sandboxes.machines._answers import Content, FoundFile, HeldData, HostAnswer, HostQuery, Item, Key
from peerwatch.sandboxes.machines._density import Density
from peerwatch.sandboxes.machines._logins import accounts, can_log_in
from peerwatch.sandboxes.machines._memory import memories, owners_of_memory
from peerwatch.sandboxes.machines._pieces import MOST, ordered, series
from peerwatch.sandboxes.machines._processes import BLIND, as_each_user, began, mapped, nameless
from peerwatch.sandboxes.machines._stream import CHUNK, DEPTH, SPOILED, FileFindings, Stream, TimeIsUpError, worked

WRAPPINGS = _buried_data
"""Imported for its side effects."""

_KERNELS = {"proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs", "bpf"}
"""File systems whose files are not read: they are empty or, like queues, not readable as files."""

_LARGEST_TEXT = 1_000_000
_ALL_TEXTS = 5_000_000
_MOST_FILES = 20_000
"""Limits of an answer: bytes of one text, bytes of all texts, and files; anything beyond is reported as unread."""

_NOTHING: Content = ([], [], False, "", 0, 0)
UNREAD, CUT, EARLIER = 1, 2, 4
"""Flags of a content: not read to its end or not unpacked; contains compressed data that continue elsewhere; existed
before the agent started, so that it contains nothing made by the agent and is not read.
"""

_UNREADABLE: Content = ([], [], False, "", 0, UNREAD)

_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESRCH)
"""Errors for a file that was removed or replaced after its folder was read."""

_TELLING = 2_000
"""Minimum bytes of information besides known content for a file to be reported."""

_PIECE = 500
"""Minimum size in bytes of a file that may be a piece of another."""

_LONGER = 30.0
"""Seconds of processor time reserved for searching without unpacking, after the time for unpacking is over."""

_TICK = 0.03
"""Seconds within which two changes may get the same time; clocks of file systems tick at least every 10 ms."""


def take_inventory(asked: HostQuery, root: str = "/", start: float | None = None) -> HostAnswer:
    """Take the inventory of a host.

    Args:
        asked: The question.
        root: Root of the host's file systems.
        start: Changes before this time are ignored; by default the host's boot time.
    """
    since = began() if start is None else start
    snapshot = _Snapshot(asked, since, worked() + asked["seconds"])
    files = snapshot.files(root)
    held = snapshot.held() if asked["processes"] else []
    if len(files) > _MOST_FILES:
        snapshot.unread.append(f"{len(files)} files")
        # Masses of other files must not push those with known content off the list.
        files.sort(key=lambda seen: (not seen["whole"], not seen["part"], not seen["opaque"]))
    return {
        "files": files[:_MOST_FILES],
        "texts": snapshot.texts(asked["texts"]),
        "users": [user for user in {**asked["keys"], **dict.fromkeys(accounts())} if _logs_in(user, asked["keys"])],
        "known": dict(list(snapshot.lasting.items())[:_MOST_FILES]),
        "began": since,
        "unread": snapshot.unread[:_MOST_FILES],
        "dense": sorted(snapshot.dense, key=lambda each: -each[1])[:_MOST_FILES],
        "held": held,
    }


def take_earlier(asked: HostQuery, root: str = "/", start: float | None = None) -> dict[Key, Content]:
    """Return the contents of a host before an agent starts to work there, except for files that are always listed.

    Args:
        asked: The question; only its folder of files is used.
        root: Root of the host's file systems.
        start: Changes before this time are ignored; by default the host's boot time.

    Returns:
        Known contents for later snapshots. A file that changes afterwards gets another key and is read.
    """
    snapshot = _Snapshot(asked, began() if start is None else start, 0.0)
    snapshot.note_earlier(root)
    return snapshot.lasting


def _logs_in(user: str, keys: dict[str, str]) -> bool:
    return can_log_in(user, keys.get(user, ""))


class _Snapshot:
    def __init__(self, asked: HostQuery, since: float, deadline: float) -> None:
        self.asked, self.since, self.deadline = asked, since, deadline
        self.known: dict[Key, Content] = {}
        self.lasting: dict[Key, Content] = {}
        self.mapped: set[int | str] = set()
        self.settled = (time.time() - _TICK) * 1e9
        self.unread: list[str] = []
        self.dense: list[tuple[str, int]] = []
        self.listed = os.path.realpath(asked["files"]) + "/"

    def note_earlier(self, root: str) -> None:
        self._note_mapped(root)
        for item in changed(root, self.since, self.unread.append):
            if not item[0].startswith(self.listed):
                self._note([item], item[1], ([], [], False, "", 0, EARLIER))

    def _note_mapped(self, root: str) -> None:
        """Record, before any file is read, which files processes can write to without changing their times."""
        if root == "/":
            self.mapped.update(as_each_user(mapped))

    def files(self, root: str) -> list[FoundFile]:
        self._note_mapped(root)
        found: list[FoundFile] = []
        folders: dict[str, list[Item]] = {}
        pieces: list[Item] = []
        for item in changed(root, self.since, self.unread.append):
            content = self._content(item)
            if content[5] & EARLIER:
                continue
            folders.setdefault(item[0].rpartition("/")[0], []).append(item)
            if any(content[:3]) or item[0].startswith(self.listed):
                found.append(self._seen(item, content))
            if not content[0] and item[1][2] >= _PIECE:
                pieces.append(item)
        for inside in folders.values():
            for parts in series(inside):
                found = self._joined(parts, found)
        found = self._put_together(pieces, found)
        for item, content in as_each_user(self._held) if root == "/" else ():
            self._note([item], item[1], content)
            found.append(self._seen(item, content))
        return found

    def held(self) -> list[HeldData]:
        """Content in the memory of processes, and in memory that outlives processes."""
        return list(as_each_user(lambda: memories(worked() + _LONGER), owners_of_memory()))

    def texts(self, paths: list[str]) -> dict[str, tuple[float, str]]:
        found: dict[str, tuple[float, str]] = {}
        left = _ALL_TEXTS
        for path, told in _texts(paths):
            left -= len(told[1])
            if left < 0:
                self.unread.append(path)
            else:
                found[path] = told
        return found

    def _held(self) -> list[tuple[Item, Content]]:
        """Unlinked files that processes of this process's user hold open or execute."""
        items = (_item(path, status) for path, status in nameless())
        return [(item, content) for item in items if any((content := self._content(item))[:3])]

    def _content(self, item: Item) -> Content:
        path, key, _ = item
        if key not in self.known:
            self._note([item], key, self.asked["known"].get(key) or self._read([item]))
        content = self.known[key]
        if content[5] & UNREAD:
            self.unread.append(path)
        if content[4] > _TELLING:
            self.dense.append((path, content[4]))
        return content

    def _note(self, files: list[Item], key: Key, content: Content) -> None:
        """Store the content of files for this snapshot, and for later ones if none of them can change unnoticed."""
        self.known[key] = content
        if BLIND not in self.mapped and all(
            times[4] < self.settled and not self.mapped & {times[1], path} for path, times, _ in files
        ):
            self.lasting[key] = content

    def _read(self, files: list[Item]) -> Content:
        """Read the content of some files, concatenated.

        Errors caused by crafted content do not stop the snapshot: the content is then searched without unpacking, and
        the files are reported as unread.
        """
        density = Density()
        try:
            found, flags = self._found(files, DEPTH, self.deadline, density), 0
        except OSError as problem:
            return _NOTHING if problem.errno in _GONE else _UNREADABLE
        except SPOILED:
            density = Density()
            try:
                # Depth 0 opens nothing, so crafted data cannot fail again.
                found, flags = self._found(files, 0, self.deadline + _LONGER, density), UNREAD
            except (OSError, TimeIsUpError):
                return _UNREADABLE
        beside = max(density.close() - found.taken, 0)
        return found.whole(), found.part(), found.opaque, found.content, beside, flags | CUT * found.cut

    def _found(self, files: list[Item], depth: int, deadline: float, density: Density | None = None) -> FileFindings:
        found = FileFindings(deadline)
        stream = Stream(found, depth)
        for path, key, _ in files:
            _pour(path, key[2], stream, density)
        found.content = stream.begins()
        stream.close()
        return found

    def _put_together(self, pieces: list[Item], found: list[FoundFile]) -> list[FoundFile]:
        """Replace pieces with unrelated names by one file if that contains more than the pieces do."""
        own = {each["path"] for each in found if each["whole"]}
        pieces = [item for item in pieces if item[0] not in own]
        telling = [item for item in pieces if self.known[item[1]][1] or self.known[item[1]][5] & CUT]
        if not telling or len(pieces) < 2:
            return found
        rest = [item for item in pieces if item not in telling]
        # The densest first: pieces of compressed data are dense.
        rest.sort(key=lambda item: -self.known[item[1]][4])
        pieces = sorted([*telling, *rest][:MOST])
        earlier = self.asked["known"].get(_together(pieces))
        if earlier:
            self._note(pieces, _together(pieces), earlier)
            return found if not earlier[0] else self._joined(pieces, found)
        try:
            chain = ordered(pieces, lambda items: self._found(items, DEPTH, self.deadline))
        except (OSError, *SPOILED):
            return found  # each of them has been read by itself
        return self._joined(chain, found) if chain else found

    def _joined(self, parts: list[Item], found: list[FoundFile]) -> list[FoundFile]:
        """Replace a series of parts by one file if that contains more than its parts do."""
        own = {self._seen(item, _NOTHING)["path"] for item in parts}
        apart = {tag for each in found if each["path"] in own for tag in each["whole"]}
        size = sum(key[2] for _, key, _ in parts)
        content = self.asked["known"].get(_together(parts)) or self._read(parts)
        self._note(parts, _together(parts), content)
        # Joining counts only if it completes content that no single part holds.
        if not set(content[0]) - apart:
            return found
        first = self._seen(parts[0], content)
        return [each for each in found if each["path"] not in own or each["whole"]] + [{**first, "size": size}]

    def _seen(self, item: Item, content: Content) -> FoundFile:
        path, key, modified = item
        if path.startswith(self.listed):  # the folder may be a link to another
            path = f"{self.asked['files']}/{path.removeprefix(self.listed)}"
        whole, part, opaque, name, _, _ = content
        return {
            "path": path,
            "size": key[2],
            "modified": modified,
            "whole": whole,
            "part": part,
            "opaque": opaque,
            "content": name,
        }


def _together(files: list[Item]) -> Key:
    """A key for several files as one, independent of their order."""
    keys = sorted(key for _, key, _ in files)
    return -1, keys[0][1], sum(key[2] for key in keys), keys[0][3], hash(tuple(keys))


def _item(path: str, status: os.stat_result) -> Item:
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return path, key, status.st_mtime


def changed(root: str, since: float, too_deep: Callable[[str], None]) -> Iterator[Item]:
    """Yield every file below a folder that was changed since a time, on all writable file systems.

    Args:
        root: The folder.
        since: The time.
        too_deep: Called with the start of a path if folders are nested too deeply to have a path.
    """
    mounts = _mounts() if root == "/" else [(root, "", True)]
    closed = {path for path, _, _ in mounts}
    for start, kind, writable in mounts:
        if writable and kind not in _KERNELS:
            for folder in _below(start, since, closed - {start}, layered=kind == "overlay"):
                if isinstance(folder, OSError):
                    if folder.errno == errno.ENAMETOOLONG:
                        too_deep(str(folder.filename)[:100])
                else:
                    yield folder


def _below(start: str, since: float, closed: set[str], *, layered: bool) -> Iterator[Item | OSError]:
    """Yield every file below a folder that was changed since, and errors for unreadable folders.

    On a layered file system every folder above a change is itself new, because it had to be created in the upper layer.
    An old folder therefore contains only the image's files, which is nearly everything.
    """
    folders = [start]
    while folders:
        folder = folders.pop()
        try:
            if layered and os.lstat(folder).st_ctime < since and folder != start:
                continue
            entries = list(os.scandir(folder))
        except OSError as problem:
            yield problem  # it was removed, or is no longer a folder
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.path not in closed:
                        folders.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    if status.st_ctime >= since and status.st_size:
                        yield _item(entry.path, status)
            except OSError:
                continue


def _mounts() -> list[tuple[str, str, bool]]:
    """The mounted file systems as (mount point, kind, whether writable)."""
    with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
        rows = [line.split(" ") for line in file]
    return [(_unescaped(row[1]), row[2], "rw" in row[3].split(",")) for row in rows]


def _unescaped(path: str) -> str:
    # /proc/mounts writes blanks in paths as octal codes: "\040" is a space.
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code.group(1), 8)), path)


def _pour(path: str, size: int, stream: Stream, density: Density | None = None) -> None:
    """Feed a file to a stream, with holes as such, and its data to a density measure."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        at = 0
        for start, end in _extents(handle, size):
            if start > at:
                stream.skip(start - at)
            os.lseek(handle, start, os.SEEK_SET)
            at = start
            while at < end and (data := os.read(handle, min(CHUNK, end - at))):
                stream.feed(data)
                at += len(data)
                if density:
                    density.feed(data)
        if size > at:
            stream.skip(size - at)
    finally:
        os.close(handle)


def _extents(handle: int, size: int) -> Iterator[tuple[int, int]]:
    """The extents of a file with data, as (start, end)."""
    at = 0
    while at < size:
        try:
            start = os.lseek(handle, at, os.SEEK_DATA)
            at = os.lseek(handle, start, os.SEEK_HOLE)
        except OSError as problem:
            if problem.errno != errno.ENXIO:
                yield at, size  # a file system that knows no holes
            return
        yield start, at


def _texts(paths: list[str]) -> Iterator[tuple[str, tuple[float, str]]]:
    for path in paths:
        inside = [path]
        if os.path.isdir(path):  # noqa: PTH112
            inside = [f"{folder}/{name}" for folder, _, names in os.walk(path) for name in sorted(names)]
        for each in inside:
            try:
                status = os.stat(each)  # noqa: PTH116
                if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_TEXT:
                    continue
                with open(each, "rb") as file:  # noqa: PTH123
                    data = file.read()
            except OSError:
                continue
            if b"\0" not in data:
                yield each, (status.st_mtime, data.decode("utf-8", "replace"))
