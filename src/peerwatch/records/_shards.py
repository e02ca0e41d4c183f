"""Shards: parts of a run for different machines, each in its own subfolder of the run's folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.records._study_error import StudyError

SHARDS = "shards"
"""Subfolder of a run that holds its shards."""

MANIFEST_FILE = "manifest.json"
"""File in a shard's folder that tells what it is and how far it is."""

ShardState = Literal["running", "stopped", "finished"]
"""`running`: at work, or killed. `stopped`: ended without all of its episodes. `finished`: all of its episodes have
ended, and their logs could be read back from where they are kept."""


@dataclass(frozen=True)
class Shard:
    """One part of a run: every `count`-th world, with all of its arms, epochs, models and scenarios.

    Attributes:
        number: Which one, from 0.
        count: How many there are.
    """

    number: int = 0
    count: int = 1

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.number}-of-{self.count}"

    def folder(self, run: Path) -> Path:
        """Return its folder in the folder of a run."""
        return run / SHARDS / self.name

    def holds(self, world: int) -> bool:
        """Return whether a world is in it, by the world's place in the study, from 0."""
        return world % self.count == self.number


WHOLE_RUN = Shard()
"""The only shard of a run without shards."""


class LogFile(BaseModel):
    """A log of a shard."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    """Bytes."""
    sha256: str


class Manifest(BaseModel):
    """Identity and progress of a shard."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: str
    """Hash of the study; all shards of a run have the same one."""
    version: str
    """Version of Peerwatch that runs it."""
    shard: int
    """Its number, from 0."""
    shards: int
    worlds: tuple[int, ...]
    """Seeds of its worlds."""
    planned: int
    """Episodes of these worlds."""
    ended: int = 0
    """Episodes that have ended and need not run again."""
    spent: dict[str, float | None] = {}
    """Calls, tokens, dollars (`None` without a price) and hours, of all of its sessions."""
    state: ShardState = "running"
    why: str = ""
    """Why it has stopped; empty for a shard that has not."""
    logs: dict[str, LogFile] = {}
    """Logs by their path in the shard's folder, as they were read back; of a shard that has ended."""
    begun: str
    """When its first session began, in UTC."""
    at: str
    """When this was written, in UTC."""


def parse_shard(words: str) -> Shard:
    """Read a shard as the command line names it, `I/N`.

    Raises:
        StudyError: If it is not of that form, or there is no such shard.
    """
    number, slash, count = words.partition("/")
    if not slash or not number.strip().isdecimal() or not count.strip().isdecimal():
        raise StudyError(f"--shard {words} is not of the form I/N, as in 0/64 for the first of 64 shards.")
    found = Shard(int(number), int(count))
    if not found.count:
        raise StudyError(f"--shard {words}: give at least 1 shard, as in 0/64 for the first of 64.")
    if found.number >= found.count:
        raise StudyError(f"--shard {words}: shards are numbered from 0. Of {found.count}, give 0 to {found.count - 1}.")
    return found


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest in a shard's folder; `None` if there is none.

    Raises:
        StudyError: If it is damaged.
    """
    file = folder / MANIFEST_FILE
    if not file.is_file():
        return None
    try:
        return Manifest.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise StudyError(f"{file} is not the manifest of a shard. Move it away, or run the shard again.") from error


def shards_at(run: Path) -> Mapping[Shard, Path]:
    """Return the shards whose folders a run's folder holds, by number; empty for a run without shards.

    Raises:
        StudyError: If they are shards of different counts.
    """
    place = run / SHARDS
    found = {
        Shard(int(number), int(count)): each
        for each in (place.iterdir() if place.is_dir() else ())
        for number, middle, count in [each.name.partition("-of-")]
        if middle and number.isdecimal() and count.isdecimal() and each.is_dir()
    }
    counts = sorted({each.count for each in found})
    if len(counts) > 1:
        said = " and ".join(map(str, counts))
        raise StudyError(
            f"{place} holds shards of different counts ({said}), which overlap. Give each count a folder of its own."
        )
    return dict(sorted(found.items(), key=lambda item: item[0].number))
