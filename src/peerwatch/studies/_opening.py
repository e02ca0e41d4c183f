"""Making a model of Inspect's ready to be called, with what goes wrong said in one line."""

from collections.abc import Mapping
from typing import Any

from inspect_ai._util.error import PrerequisiteError  # Inspect exports no public name for it
from inspect_ai.model import GenerateConfig, Model, get_model
from rich.text import Text

from peerwatch.studies._mistake import StudyError

_PATIENCE = {"max_retries": 4, "attempt_timeout": 600, "timeout": 1800}
"""With a provider: retries of a call, seconds for each try and for all of them. Inspect's own defaults have no end.

The provider's client may retry each try twice by itself. A study's `config` can say otherwise.
"""


def patience(name: str) -> dict[str, object]:
    """Generation options that bound the calls of a model by name: none for Peerwatch's own, which have no provider."""
    return {} if name.startswith("peerwatch/") else dict(_PATIENCE)


def open_model(name: str, options: Mapping[str, object] | None = None, args: Mapping[str, Any] | None = None) -> Model:
    """A model ready to be called.

    Args:
        name: As Inspect names it.
        options: Inspect's generation options.
        args: Arguments of its provider.

    Raises:
        StudyError: If Inspect does not know it, or its provider cannot be used.
        ModelError: If it is the embedded model and its weights or runtime are missing.
    """
    try:
        return get_model(name, config=GenerateConfig.model_validate(options or {}), memoize=False, **(args or {}))
    except PrerequisiteError as error:
        raise StudyError(f"model {name}: {_one_line(str(error.message))}") from error
    except (ValueError, ImportError, TypeError) as error:
        raise StudyError(f"model {name}: {_one_line(str(error)) or type(error).__name__}") from error


def _one_line(message: str) -> str:
    """A message of Inspect's as one line without its markup."""
    return " ".join(Text.from_markup(message).plain.split())
