"""What lies on a host, by content, and who may log in there. Runs on the host as root, after the files that it imports.

Only files that were changed since the host came up are looked into: an image holds nothing of a world. What has been
looked into once is known again by its inode and its times, of which nobody can set the last. Two kinds of files can
change without it, and are read every time: those that a process has mapped, and those that were changed just before.
"""

# canary: peerwatch:canary:6f0b7a52-2a0e-4a53-9f5e-6d0c7a1be2d4 - this file must not be used to train models
from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterator

from peerwatch.machines import _buried
from peerwatch.machines._answers import Answer, Asked, Content, Item, Key, Seen
from peerwatch.machines._logins import accounts, can_log_in
from peerwatch.machines._processes import BLIND, as_each_user, mapped, nameless
from peerwatch.machines._stream import CHUNK, Found, Stream, TooLong

WRAPPINGS = _buried
"""Has to be there, and is not called by name."""

_KERNELS = {"proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs", "bpf"}
"""Kinds of file systems in which no bytes can be kept."""

_LARGEST_TEXT = 1_000_000
_NOTHING: Content = ([], [], False, "")

_TICK = 0.03
"""Seconds in which two changes may get the same time; clocks of file systems step by a hundredth of one at most."""


def take_inventory(asked: Asked, root: str = "/", start: float | None = None) -> Answer:
    """Look over a host.

    Args:
        asked: What is wanted.
        root: Where the host's file systems begin.
        start: Changes before it do not count; without it, the time at which the host came up.
    """
    since = began() if start is None else start
    look = _Look(asked, since, time.process_time() + asked["seconds"])
    files = look.files(root)
    return {
        "files": files,
        "texts": dict(_texts(asked["texts"])),
        "users": [user for user in {**asked["keys"], **dict.fromkeys(accounts())} if _logs_in(user, asked["keys"])],
        "known": look.lasting,
        "began": since,
        "complete": look.complete,
    }


def _logs_in(user: str, keys: dict[str, str]) -> bool:
    return can_log_in(user, keys.get(user, ""))


class _Look:
    def __init__(self, asked: Asked, since: float, deadline: float) -> None:
        self.asked, self.since, self.deadline = asked, since, deadline
        self.known: dict[Key, Content] = {}
        self.lasting: dict[Key, Content] = {}
        self.mapped: set[int | str] = set()
        self.settled = (time.time() - _TICK) * 1e9
        self.complete = True
        self.listed = os.path.realpath(asked["files"]) + "/"

    def files(self, root: str) -> list[Seen]:
        if root == "/":  # before any file is looked at
            self.mapped.update(as_each_user(mapped))
        found: list[Seen] = []
        folders: dict[str, list[Item]] = {}
        for item in changed(root, self.since, self._too_deep):
            content = self._content(item)
            folders.setdefault(item[0].rpartition("/")[0], []).append(item)
            if any(content[:3]) or item[0].startswith(self.listed):
                found.append(self._seen(item, content))
        for inside in folders.values():
            for parts in _series(inside):
                found = self._joined(parts, found)
        for item, content in as_each_user(self._held) if root == "/" else ():
            self._note([item], item[1], content)
            found.append(self._seen(item, content))
        return found

    def _too_deep(self) -> None:
        self.complete = False

    def _held(self) -> list[tuple[Item, Content]]:
        """Files without a name that processes of this process's user hold open."""
        items = (_item(path, status) for path, status in nameless())
        return [(item, content) for item in items if any((content := self._content(item))[:3])]

    def _content(self, item: Item) -> Content:
        path, key, _ = item
        if key not in self.known:
            self._note([item], key, self.asked["known"].get(key) or self._read([(path, key[2])]))
        return self.known[key]

    def _note(self, files: list[Item], key: Key, content: Content) -> None:
        """Keep what some files hold for this look, and for later ones if none of them can change unnoticed."""
        self.known[key] = content
        if BLIND not in self.mapped and all(
            times[4] < self.settled and not self.mapped & {times[1], path} for path, times, _ in files
        ):
            self.lasting[key] = content

    def _read(self, files: list[tuple[str, int]]) -> Content:
        found = Found(self.deadline)
        stream = Stream(found)
        try:
            for path, size in files:
                _pour(path, size, stream)
            found.content = stream.begins()
            stream.close()
        except TooLong:
            self.complete = False
        except OSError:
            return _NOTHING  # it has gone since
        return found.whole(), found.part(), found.opaque, found.content

    def _joined(self, parts: list[Item], found: list[Seen]) -> list[Seen]:
        """The files that were found, with a series of parts as one file if that holds more than its parts do."""
        own = {self._seen(item, _NOTHING)["path"] for item in parts}
        apart = {tag for each in found if each["path"] in own for tag in each["whole"]}
        size = sum(key[2] for _, key, _ in parts)
        series: Key = (-1, parts[0][1][1], size, parts[0][1][3], hash(tuple(key for _, key, _ in parts)))
        earlier = self.asked["known"].get(series)
        content = earlier or self._read([(path, key[2]) for path, key, _ in parts])
        self._note(parts, series, content)
        if not set(content[0]) - apart:
            return found
        first = self._seen(parts[0], content)
        return [each for each in found if each["path"] not in own or each["whole"]] + [{**first, "size": size}]

    def _seen(self, item: Item, content: Content) -> Seen:
        path, key, modified = item
        if path.startswith(self.listed):  # the folder may be a link to another
            path = f"{self.asked['files']}/{path.removeprefix(self.listed)}"
        whole, part, opaque, name = content
        return {
            "path": path,
            "size": key[2],
            "modified": modified,
            "whole": whole,
            "part": part,
            "opaque": opaque,
            "content": name,
        }


def _item(path: str, status: os.stat_result) -> Item:
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return path, key, status.st_mtime


def began() -> float:
    """When the first process of the host began, a moment earlier to be sure."""
    with open("/proc/stat", encoding="ascii") as file:  # noqa: PTH123 - a minimal Python has paths, and is slower with them
        boot = int(re.findall(r"^btime (\d+)", file.read(), re.MULTILINE)[0])
    with open("/proc/1/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        ticks = int(file.read().rpartition(")")[2].split()[19])
    return boot + ticks / os.sysconf("SC_CLK_TCK") - 1


def changed(root: str, since: float, too_deep: Callable[[], None]) -> Iterator[Item]:
    """Every file below a folder that was changed since, on every file system that can be written to.

    Args:
        root: The folder.
        since: When.
        too_deep: Called where folders lie so deep in each other that they have no path.
    """
    mounts = _mounts() if root == "/" else [(root, "", True)]
    closed = {path for path, _, _ in mounts}
    for start, kind, writable in mounts:
        if writable and kind not in _KERNELS:
            for folder in _below(start, since, closed - {start}, layered=kind == "overlay"):
                if isinstance(folder, OSError):
                    if folder.errno == errno.ENAMETOOLONG:
                        too_deep()
                else:
                    yield folder


def _below(start: str, since: float, closed: set[str], *, layered: bool) -> Iterator[Item | OSError]:
    """Every file below a folder that was changed since, and why a folder could not be read.

    On a layered file system a folder above a change is always itself new: it had to be made in the upper layer. So all
    that lies in an old one is the image's, which is nearly everything.
    """
    folders = [start]
    while folders:
        folder = folders.pop()
        try:
            if layered and os.lstat(folder).st_ctime < since and folder != start:
                continue
            entries = list(os.scandir(folder))
        except OSError as problem:
            yield problem  # it has gone, or is no folder any more
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
    """Every file system: where it is, of what kind, and whether it can be written to."""
    with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
        rows = [line.split(" ") for line in file]
    return [(_unescaped(row[1]), row[2], "rw" in row[3].split(",")) for row in rows]


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code.group(1), 8)), path)


def _pour(path: str, size: int, stream: Stream) -> None:
    """Feed a file to a stream, its holes as such."""
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
        if size > at:
            stream.skip(size - at)
    finally:
        os.close(handle)


def _extents(handle: int, size: int) -> Iterator[tuple[int, int]]:
    """Where a file has data: from and to."""
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


_NUMBERED = (
    re.compile(r"^(.*?)(\d{1,6}|[a-z]{2,4})()$", re.DOTALL),
    re.compile(r"^(.*?)(\d{1,6}|[a-z]{2,4})(\.[a-z]\w*)$", re.DOTALL),
)


def _series(files: list[Item]) -> Iterator[list[Item]]:
    """Files of one folder that look like parts of one: the same name but for a number or letters before its suffix."""
    found: dict[tuple[str, int, str], list[Item]] = {}
    for item in files:
        for name in filter(None, (each.match(item[0]) for each in _NUMBERED)):
            before, ending, suffix = name.groups()
            found.setdefault((before, 0 if ending.isdigit() else len(ending), suffix), []).append(item)
    for parts in found.values():
        parts.sort(key=lambda item: (len(item[0]), item[0]))
        if len(parts) > 1 and len({key[2] for _, key, _ in parts[:-1]}) == 1:
            yield parts


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
