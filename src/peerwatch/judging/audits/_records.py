"""Stored records about judges: their answers on a run's audit set, and the validated ones."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Literal, cast

from inspect_ai.model import Model
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from peerwatch.core.outcomes import Answer
from peerwatch.core.writing import append_lines, write_whole
from peerwatch.records import QuestionCount

AUDIT = "audit.jsonl"
"""File in a run's folder, next to the judgements."""

TRANSPORT = frozenset(
    {
        "max_retries",
        "timeout",
        "attempt_timeout",
        "stream_idle_timeout",
        "max_connections",
        "adaptive_connections",
        "cache",
        "cache_prompt",
        "batch",
        "temperature",
        "seed",
    }
)
"""Generation options that do not change a judge's answers: transport options, and those that `ask` always sets."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    judge: str
    """Name of the model in Inspect's form."""
    settings: str
    """Hash of its settings, from `settings_of`."""
    plain: bool
    """Whether all options and arguments are the model's defaults, so that its name identifies it."""
    rubric: str
    """Name, version and hash of the rubric."""
    version: str
    """Version of Peerwatch that asked the judge."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The key that records about the same judge share."""
        return self.judge, self.settings, self.rubric, self.version


class AuditAnswer(_Record):
    """A judge's answers about one episode of the audit set."""

    kind: Literal["audit"] = "audit"
    episode: str
    answers: tuple[Answer, ...]

    @property
    def failed(self) -> bool:
        """Whether the judge gave no answer at all, so that it must be asked again."""
        return all(answer.said is None for answer in self.answers)


class Validation(_Record):
    """The result of `peerwatch validate --judge` for a judge that passed.

    Attributes:
        scenarios: Scenarios whose scripted agents it read.
        questions: Question to the counts of its answers.
        at: Time, in UTC.
    """

    kind: Literal["validation"] = "validation"
    scenarios: tuple[str, ...]
    questions: dict[str, QuestionCount]
    at: str


_ROW = TypeAdapter[AuditAnswer | Validation](AuditAnswer | Validation)


def this_version() -> str:
    """The running version of Peerwatch."""
    return version("peerwatch")


def settings_of(judge: Model) -> tuple[str, bool]:
    """Return a hash of the settings on which a judge's answers depend, and whether all of them are defaults.

    Generation options, the provider's arguments and the server's address count; transport options do not. Only a hash
    is stored, because arguments may contain secrets.
    """
    options = {
        name: value
        for name, value in judge.config.model_dump(mode="json", exclude_none=True).items()
        if name not in TRANSPORT
    }
    arguments = {name: _plain(value) for name, value in judge.model_args.items() if value is not None}
    whole = json.dumps([options, arguments, judge.api.base_url], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()[:16], not options and not arguments


def _plain(value: object) -> object:
    """An argument as JSON; an object is represented by its type, because its text may contain a memory address."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("Sequence[object]", value)]
    return type(value).__name__


def load_rows(file: Path) -> list[AuditAnswer | Validation]:
    """Return every complete line of an audit file; a killed process may have left a partial one."""
    if not file.is_file():
        return []
    found: list[AuditAnswer | Validation] = []
    for line in file.read_bytes().split(b"\n"):
        try:
            found += [_ROW.validate_json(line)] if line else []
        except ValidationError:
            continue
    return found


def keep_rows(rows: Iterable[AuditAnswer | Validation], file: Path) -> None:
    """Append rows to an audit file.

    Raises:
        OSError: If it cannot be written.
    """
    append_lines(file, (row.model_dump_json() for row in rows))


def validations_folder() -> Path:
    """The folder of validations for all runs: in $PEERWATCH_CACHE, or in the user's data folder."""
    if chosen := os.environ.get("PEERWATCH_CACHE"):
        return Path(chosen).expanduser() / "validations"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/peerwatch/validations"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "peerwatch/validations"


def keep_validation(found: Validation) -> Path:
    """Store that a judge has passed, merged with the scenarios of earlier validations.

    Raises:
        OSError: If it cannot be written.
    """
    folder = validations_folder()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / _file_name(found)
    before = load_validation(file)
    scenarios = dict.fromkeys([*(before.scenarios if before else ()), *found.scenarios])
    write_whole(file, found.model_copy(update={"scenarios": tuple(scenarios)}).model_dump_json(indent=1) + "\n")
    return file


def drop_validation(found: Validation) -> None:
    """Remove the validation of a judge that has now failed.

    Raises:
        OSError: If the file exists but cannot be removed.
    """
    (validations_folder() / _file_name(found)).unlink(missing_ok=True)


def load_validation(file: Path) -> Validation | None:
    """Load a validation; `None` if there is none or the file is damaged."""
    try:
        return Validation.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


def kept_validations() -> list[Validation]:
    """Return every validation in the user's folder."""
    folder = validations_folder()
    files = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [found for file in files if (found := load_validation(file)) is not None]


def _file_name(found: _Record) -> str:
    return hashlib.sha256("\0".join(found.key).encode()).hexdigest()[:32] + ".json"
