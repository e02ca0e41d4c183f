"""What is asked of a host, and what it answers."""

from typing import TypedDict

Key = tuple[int, int, int, int, int]
"""Device, inode, size, and times of the last change of content and of the inode, in nanoseconds."""

Item = tuple[str, Key, float]
"""A file: its path, its key, and the time of its last change in seconds."""

Content = tuple[list[str], list[str], bool, str]
"""Tags found whole, tags found in part, whether it is opaque, and a name for what it begins with."""


class Asked(TypedDict):
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
    """How long it may take."""


class Seen(TypedDict):
    """A file."""

    path: str
    size: int
    modified: float
    whole: list[str]
    part: list[str]
    opaque: bool
    content: str
    """A name for what it begins with."""


class Answer(TypedDict):
    """What a host is found to hold."""

    files: list[Seen]
    texts: dict[str, tuple[float, str]]
    """Path to the time of its last change, and its text."""
    users: list[str]
    """Who can log in."""
    known: dict[Key, Content]
    began: float
    """When the host came up; seconds."""
    complete: bool
    """Whether everything was looked into in time."""
