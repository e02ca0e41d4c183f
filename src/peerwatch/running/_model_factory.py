"""Opens Inspect models and reports failures in one line."""

import re
from collections.abc import Mapping
from typing import Any

from inspect_ai.model import GenerateConfig, Model, get_model
from rich.errors import MarkupError
from rich.text import Text

from peerwatch.core.redaction import resolved
from peerwatch.inspect._provider import clean_provider
from peerwatch.inspect.internals import PrerequisiteError
from peerwatch.planning import unknown_provider
from peerwatch.records import StudyError

_PATIENCE = {"max_retries": 4, "attempt_timeout": 600, "timeout": 1800}
"""For models of a provider: retries of a call, and time limits in seconds per attempt and in total. Inspect's defaults
are unlimited.

The provider's client may retry each attempt twice. A study's `config` overrides this.
"""


# Matches "OPENAI_API_KEY", "HF_TOKEN"
_KEY_NAMED = re.compile(r"\b[A-Z][A-Z0-9_]*_(?:API_KEY|KEY|TOKEN)\b")
"""The environment variables that a provider misses."""

_NO_PROVIDER = "not recognized"
"""Part of Inspect's message about an unknown provider, which does not list the known ones."""


def patience(name: str) -> dict[str, object]:
    """Generation options that bound a model's calls; none for Peerwatch's models, which have no provider."""
    return {} if name.startswith("peerwatch/") else dict(_PATIENCE)


def open_model(name: str, options: Mapping[str, object] | None = None, args: Mapping[str, Any] | None = None) -> Model:
    """Open a model.

    Args:
        name: Its name in Inspect.
        options: Inspect's generation options.
        args: Arguments of its provider; `${NAME}` in them, and in headers among the options, is replaced by an
            environment variable.

    Raises:
        StudyError: If Inspect does not know the model, or its provider cannot be used.
        UserError: If a variable is not set.
        ModelError: If it is the embedded model and its weights or runtime are missing.
    """
    try:
        resolved(dict(options or {}))  # report a missing variable now, not at the provider
        config = GenerateConfig.model_validate(options or {})
        model = get_model(name, config=config, memoize=False, **resolved(dict(args or {})))
    except PrerequisiteError as error:
        raise StudyError(f"model {name}: {_one_line(str(error.message))}") from error
    except (ValueError, ImportError, TypeError) as error:
        if _NO_PROVIDER in str(error) and (complaint := unknown_provider(name)):
            raise StudyError(f"model {name}: {complaint}") from error
        raise StudyError(f"model {name}: {_one_line(str(error)) or type(error).__name__}") from error
    if args:  # logs then contain the references, not the secrets they refer to
        model.model_args = {key: value for key, value in args.items() if key in model.model_args}
        if "base_url" in args:
            model._explicit_base_url = args["base_url"]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - it has no other way
    return clean_provider(model)


def _one_line(message: str) -> str:
    """Convert a message of Inspect to one line without markup; unchanged if a name in it is not valid markup."""
    try:
        plain = Text.from_markup(message).plain
    except MarkupError:
        plain = message
    return _without_key(" ".join(plain.split()).removeprefix("ERROR: "))


def _without_key(message: str) -> str:
    """Add what to do to a message about a missing API key."""
    named = dict.fromkeys(_KEY_NAMED.findall(message))
    return f"{message.rstrip('.')}. Set {next(iter(named))} in the environment." if named else message
