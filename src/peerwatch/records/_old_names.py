"""Names in files written by builds of version 0.1.0 before December 2026, and their current names.

Logs, ledgers and validation records are converted here, so that the rest of Peerwatch only handles current names. Old
names are never written, and files are not changed.

| file | old | current |
|---|---|---|
| score metadata in a log | `filing` | `submitted` |
| sample metadata in a log | `organism` | `scripted_agent` |
| ledger | `sitting` | `session` |
| validation record | `certification.json`, `organism` | `validation.json`, `scripted_agent` |
| models of logs, ledgers and plans | `peerwatch/organism-NAME` | `peerwatch/scripted-NAME` |
| folder of the locks of running processes | `sittings/` | `sessions/` |

Model names remain as logged, because a study's hash covers them. Such a model counts as scripted.
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
    """Whether a model with this name is a scripted agent."""
    return model.startswith((SCRIPTED, _OLD_SCRIPTED))


def new_model_name(model: str) -> str:
    """The current name of a scripted agent with an old name; empty for every other model."""
    return SCRIPTED + model.removeprefix(_OLD_SCRIPTED) if model.startswith(_OLD_SCRIPTED) else ""


def begun_under_old_names(folder: Path) -> bool:
    """Whether a run was started by a build that kept the locks of its processes in `sittings/`."""
    return (folder / _OLD_SESSIONS).is_dir()


def validation_file(folder: Path) -> Path:
    """The validation record of a run's folder; has the old name only if there is none with the current one."""
    new, old = folder / VALIDATION, folder / _OLD_VALIDATION
    return old if old.is_file() and not new.is_file() else new


def validation_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a row of a validation record."""
    return _renamed(row, _VALIDATION_KEYS)


def ledger_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an entry of a ledger."""
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
    """Replace old keys. A record that also has the new key keeps both, because the old key then has another meaning."""
    return {(new if (new := keys.get(key)) and new not in record else key): value for key, value in record.items()}
