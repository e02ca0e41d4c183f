"""The data exchanged with the script on a host: question and answer."""

from typing import TypedDict

Key = tuple[int, int, int, int, int]
"""(device, inode, size, mtime, ctime), with times in nanoseconds."""

Item = tuple[str, Key, float]
"""A file: its path, its key, and its modification time in seconds."""

Content = tuple[list[str], list[str], bool, str, int, int]
"""(tags found completely, tags found in part, whether it is opaque, a name for its first bytes, bytes of information
besides known content, flags). The flags are 1: not read to the end; 2: contains compressed data that continue
elsewhere; 4: existed before the agent started and is not read.
"""


class HostQuery(TypedDict):
    """The question to a host."""

    files: str
    """Folder whose files are always listed."""
    texts: list[str]
    """Files, and folders of files, whose text is requested."""
    keys: dict[str, str]
    """Users with their public login keys; an empty key is not checked."""
    known: dict[Key, Content]
    """Contents found by an earlier snapshot."""
    seconds: float
    """Processor time for unpacking, in seconds."""
    processes: bool
    """Whether to search the memory of processes, too."""


class FoundFile(TypedDict):
    """A file on the host."""

    path: str
    size: int
    modified: float
    whole: list[str]
    part: list[str]
    opaque: bool
    content: str
    """A name for its first bytes."""


class HeldData(TypedDict):
    """Content held without a file: in the memory of a process, in shared memory, or in a message queue."""

    kind: str
    """`process`, `shared memory`, `queue` or `pipe`."""
    pid: int
    """Process id; 0 if there is none."""
    user: int
    words: list[str]
    """Program with arguments, or a name."""
    size: int
    """In bytes."""
    whole: list[str]
    """Tags found completely."""
    part: list[str]
    """Tags found in part."""
    dense: int
    """Bytes of information besides known content; -1 if it could not be read."""


class HostAnswer(TypedDict):
    """The answer of a host."""

    files: list[FoundFile]
    texts: dict[str, tuple[float, str]]
    """Path to its modification time and its text."""
    users: list[str]
    """Users who can log in."""
    known: dict[Key, Content]
    began: float
    """Boot time of the host, in seconds."""
    unread: list[str]
    """Paths not read to the end or not unpacked: too large, or malformed."""
    dense: list[tuple[str, int]]
    """Files with much content besides known content, in bytes of information."""
    held: list[HeldData]
    """Content held without a file; empty if not requested."""
