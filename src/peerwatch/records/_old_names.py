"""Names in files of the builds of version 0.1.0 before December 2026, and what they are called now.

Logs, ledgers and validation records are read through here, so that the rest of Peerwatch knows only today's names.
Nothing is written under an old name, and no file is changed.

| file | then | now |
|---|---|---|
| score metadata in a log | `filing` | `submitted` |
| sample metadata in a log | `organism` | `scripted_agent` |
| ledger | `sitting` | `session` |
| validation record | `certification.json`, `organism` | `validation.json`, `scripted_agent` |
| models of logs, ledgers and plans | `peerwatch/organism-NAME` | `peerwatch/scripted-NAME` |
| folder of the locks of processes at work | `sittings/` | `sessions/` |

Names of models stay as they were logged: a study's hash covers them. Such a model counts as scripted.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peerwatch.core.agent_names import SCRIPTED

if TYPE_CHECKING:  # a study is checked before Inspect is loaded
    from inspect_ai.log import EvalSample, EvalSampleSummary

VALIDATION = "validation.json"
"""The validation record of a run's folder."""

_OLD_VALIDATION = "certification.json"
_OLD_SCRIPTED = "peerwatch/organism-"
_OLD_SESSIONS = "sittings"

_SAMPLE_KEYS = {"organism": "scripted_agent"}
_SCORE_KEYS = {"filing": "submitted"}
_ROW_KEYS = {"sitting": "session"}
_VALIDATION_KEYS = {"organism": "scripted_agent"}


def is_scripted(model: str) -> bool:
    """Whether the conduct of a model of this name was written in advance."""
    return model.startswith((SCRIPTED, _OLD_SCRIPTED))


def new_model_name(model: str) -> str:
    """What a scripted agent with an old name is called today; empty for every other model."""
    return SCRIPTED + model.removeprefix(_OLD_SCRIPTED) if model.startswith(_OLD_SCRIPTED) else ""


def begun_under_old_names(folder: Path) -> bool:
    """Whether a run was started by a build that kept the locks of its processes in `sittings/`."""
    return (folder / _OLD_SESSIONS).is_dir()


def validation_file(folder: Path) -> Path:
    """Where a run's folder has its validation record: under the old name only if there is none under the new one."""
    new, old = folder / VALIDATION, folder / _OLD_VALIDATION
    return old if old.is_file() and not new.is_file() else new


def validation_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a validation record."""
    return _renamed(row, _VALIDATION_KEYS)


def ledger_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a ledger."""
    return _renamed(row, _ROW_KEYS)


def rename_samples(samples: "Iterable[EvalSample | EvalSampleSummary]") -> None:
    """Convert samples that were just read to the current names, in place, including their scores and edits."""
    for sample in samples:
        sample.metadata = _renamed(sample.metadata, _SAMPLE_KEYS)
        for score in (sample.scores or {}).values():
            for each in (score, *score.history):
                if isinstance(each.metadata, dict):
                    each.metadata = _renamed(each.metadata, _SCORE_KEYS)


def _renamed(record: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """A record without old keys. One that has the new key as well keeps both: the old one has another meaning then."""
    return {(new if (new := keys.get(key)) and new not in record else key): value for key, value in record.items()}
