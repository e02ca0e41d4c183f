"""A summary of how logs were read: unreadable files, copies, replaced episodes and versions."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

ScoreOrigin = Literal["recorded", "appended", "edited", "edit refused"]
"""Where an episode's score comes from.

`recorded`: the only one that Peerwatch's scorer gave it. `appended`: the newest of several. `edited`: changed by hand,
with verdict, axes and reasons that agree. `edit refused`: changed by hand in a part only, so the score from before the
edit counts.
"""


class UnreadFile(BaseModel):
    """A file that was not read, and the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    why: str


class Reading(BaseModel):
    """A summary of how the logs at some paths were read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unread: tuple[UnreadFile, ...] = ()
    """Files that could not be read: damaged logs, and files that are named like logs but are not logs."""
    foreign: tuple[UnreadFile, ...] = ()
    """Logs of tasks that do not belong to Peerwatch."""
    copies: int = 0
    """Episodes that are in another log as well, as in a copy of a file."""
    replaced: int = 0
    """Episodes that were replaced by a later one of the same slot."""
    twice: tuple[str, ...] = ()
    """Model, sample and epoch of every episode of which two complete runs were found; the later one counts."""
    invalidated: int = 0
    """Episodes that were invalidated in their log: they count nowhere."""
    versions: dict[str, int] = {}
    """Version of Peerwatch, as the logs have it, to the number of episodes."""
    newer: dict[str, int] = {}
    """What was newer than tested, as `inspect_ai 0.3.290 (tested up to 0.3.285)`, to the number of episodes."""
    settings: dict[str, dict[str, str]] = {}
    """What the study calls a model to its settings: generation options, arguments, base URL and solver."""
    apart: tuple[tuple[str, ...], ...] = ()
    """Names of models that are one model at several settings."""
    mixed: dict[str, str] = {}
    """A model of a planned run whose logs were made at several settings, to what differs."""
