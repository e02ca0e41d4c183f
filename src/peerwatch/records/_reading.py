"""A summary of how logs were read: unreadable files, copies, replaced episodes and versions."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

ScoreOrigin = Literal["recorded", "appended", "edited", "edit refused"]
"""The origin of an episode's score.

`recorded`: the only score by Peerwatch's scorer. `appended`: the newest of several. `edited`: changed by hand, with
consistent verdict, axes and reasons. `edit refused`: changed by hand only in part, so the score from before the edit
counts.
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
    """Episodes that are also in another log, such as a copied file."""
    replaced: int = 0
    """Episodes that were replaced by a later one of the same slot."""
    twice: tuple[str, ...] = ()
    """Model, sample and epoch of every episode of which two complete runs were found; the later one counts."""
    invalidated: int = 0
    """Episodes that were invalidated in their log and don't count."""
    versions: dict[str, int] = {}
    """Version of Peerwatch, as logged, to the number of episodes."""
    newer: dict[str, int] = {}
    """Dependencies newer than tested, e.g. `inspect_ai 0.3.290 (tested up to 0.3.285)`, to the number of episodes."""
    settings: dict[str, dict[str, str]] = {}
    """The study's name of a model to its settings: generation options, arguments, base URL and solver."""
    apart: tuple[tuple[str, ...], ...] = ()
    """Groups of names that are one model at several settings."""
    mixed: dict[str, str] = {}
    """A model of a planned run whose logs have several settings, to the differing ones."""
