"""Secrets in studies: refused if written directly, read from the environment if referred to."""

import os
import re
from collections.abc import Mapping
from typing import Any, cast

from peerwatch.core.errors import UserError
from peerwatch.core.redaction._hashes import drawn
from peerwatch.core.redaction._scrub import learn, scrubbed
from peerwatch.core.redaction._values import long_enough, secret_name, texts_in

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""Matches a reference to an environment variable: `${NAME}`."""

# Matches the scheme before a credential, such as "Bearer ".
_SCHEME = re.compile(r"\s*(?:bearer|basic|token|key)?\s*", re.IGNORECASE)


def check_written(value: object, place: str = "") -> None:
    """Refuse secrets in data that is kept in plans and locks, and published with them.

    Args:
        value: Plain data.
        place: Name of the value, for the message.

    Raises:
        ValueError: If the data contains a secret; the message does not show it.
    """
    if isinstance(value, Mapping):
        for name, each in cast("Mapping[object, object]", value).items():
            check_written(each, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list | tuple):
        for each in cast("list[object]", value):
            check_written(each, place)
    elif isinstance(value, str):
        rest = _REFERENCE.sub("", value)
        named = secret_name(place.rpartition(".")[2]) and long_enough(_SCHEME.sub("", rest, count=1))
        if named or scrubbed(rest) != rest:
            raise ValueError(
                f"{place or 'this'}: there is a secret in it, which would be published with the plan and the "
                "lock. Write ${NAME} in its place, and put the secret into the environment variable NAME"
            )


def resolved(value: Any, place: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Return plain data with every `${NAME}` replaced by the value of the environment variable.

    An inserted value is treated as a secret from now on if the name of the variable or of the place suggests it, or if
    it looks like one.

    Args:
        value: Plain data.
        place: Name of the value, for the message.

    Raises:
        UserError: If a variable is not set.
    """
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: _from_environment(found, secret=secret_name(place)), value)
    if isinstance(value, dict):
        return {name: resolved(each, name) for name, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [resolved(each, place) for each in cast("list[Any]", value)]
    return value


def refers(value: object) -> bool:
    """Whether plain data contains a reference `${NAME}`."""
    return any(_REFERENCE.search(text) for text in texts_in(value))


def _from_environment(found: re.Match[str], *, secret: bool) -> str:
    value = os.environ.get(found[1])
    if not value:
        raise UserError(f"{found[0]}: the environment variable {found[1]} is not set. Set it.")
    if secret or secret_name(found[1]) or drawn(value):
        learn(value)
    return value
