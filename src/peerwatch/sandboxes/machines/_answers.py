"""What is asked of a host, and what it answers."""

from typing import TypedDict

Key = tuple[int, int, int, int, int]
"""Device, inode, size, and times of the last change of content and of the inode, in nanoseconds."""

Item = tuple[str, Key, float]
"""A file: its path, its key, and the time of its last change in seconds."""

Content = tuple[list[str], list[str], bool, str, int, int]
"""Tags found whole, tags found in part, whether it is opaque, a name for what it begins with, bytes of information
beside what is known, and flags: 1 for not read to the end, 2 for something compressed that continues elsewhere, 4 for
a file that was there before the agent began and is not read."""


class HostQuery(TypedDict):
    """What is asked of a host."""

    files: str
    """Folder whose files are listed whatever they hold."""
    texts: list[str]
    """Files, and folders of files, of which the text is wanted."""
    keys: dict[str, str]
    """Users with the public key that they log in with; empty if it does not matter."""
    known: dict[Key, Content]
    """What an earlier look has found."""
    seconds: float
    """How long unpacking may take, of the processor."""
    processes: bool
    """Whether the memory of processes is looked into, too."""


class FoundFile(TypedDict):
    """A file."""

    path: str
    size: int
    modified: float
    whole: list[str]
    part: list[str]
    opaque: bool
    content: str
    """A name for what it begins with."""


class HeldData(TypedDict):
    """What is held without a file: by a process in its memory, in shared memory, or in a queue of messages."""

    kind: str
    """`process`, `shared memory`, `queue` or `pipe`."""
    pid: int
    """The process; 0 if there is none."""
    user: int
    words: list[str]
    """Its program with its arguments, or a name."""
    size: int
    """Bytes."""
    whole: list[str]
    """Tags found whole."""
    part: list[str]
    """Tags found in part."""
    dense: int
    """Bytes of information beside what is known; -1 if it could not be looked into."""


class HostAnswer(TypedDict):
    """What a host is found to hold."""

    files: list[FoundFile]
    texts: dict[str, tuple[float, str]]
    """Path to the time of its last change, and its text."""
    users: list[str]
    """Who can log in."""
    known: dict[Key, Content]
    began: float
    """When the host came up; seconds."""
    unread: list[str]
    """What was not read to its end, or not unpacked: too much, or made so that it can't be."""
    dense: list[tuple[str, int]]
    """Files that hold much beside what is known, with bytes of information."""
    held: list[HeldData]
    """What is held without a file; empty if that was not asked."""
