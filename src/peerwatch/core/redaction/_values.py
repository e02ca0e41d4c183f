"""Recognize secret values by their names, and list the spellings in which they may appear."""

import html
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast
from urllib.parse import quote, quote_plus

from peerwatch.core.redaction._shapes import IN_ADDRESS

_NAMES = frozenset(
    """key keys apikey apikeys token tokens secret secrets password passwords passwd passphrase pass pwd pw pat auth
    authorization authentication credential credentials creds cred cookie cookies bearer jwt dsn signature sig webhook
    privatekey accesskey""".split()  # noqa: SIM905 - as a list it would take thirty lines
)
"""Words in a name that mark its value as a secret."""

_ENDS = ("apikey", "apikeys", "secretkey", "token", "secret", "secrets", "password", "passwd")
"""Endings of a word with the same meaning, as in PGPASSWORD."""

_NO_SECRETS = frozenset(["PWD", "OLDPWD", "SSH_AUTH_SOCK", "GPG_KEY"])
_ABOUT = frozenset(
    """file path dir folder sock socket name env var type algorithm id url uri host
    endpoint""".split()  # noqa: SIM905 - as above
)
"""Words in a name that mark its value as the place or kind of a secret, as in TOKEN_FILE."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""Matches a word within a name: "OPENAI" in "OPENAI_API_KEYS", "api" in "apiKey" and "api-key", "KEY" in "KEY1"."""


def secret_name(name: str) -> bool:
    """Whether a variable, an argument or a header of this name contains a secret."""
    words = [word.lower() for word in _WORD.findall(name)]
    if name in _NO_SECRETS or (words and words[-1] in _ABOUT):
        return False
    return any(word in _NAMES or (len(word) > 5 and word.endswith(_ENDS)) for word in words)


SHORTEST, _SHORTEST_MIXED = 8, 6
"""Minimum characters of a secret value. Shorter values, such as `none`, are placeholders, and removing them would
damage ordinary words. Values that mix letters with other characters may be slightly shorter.
"""

_PARTS = re.compile(r"[\s,;|]+")
"""Matches the separators between several keys in one variable, such as ", "."""


def long_enough(value: str) -> bool:
    mixed = not value.isalpha() and not value.isdigit()
    return len(value) >= (_SHORTEST_MIXED if mixed else SHORTEST)


def _values(value: str) -> Iterator[str]:
    """Yield the secrets in a variable's value: the whole value, its parts, and the strings in it if it is JSON."""
    yield value
    yield from _PARTS.split(value)
    if value.lstrip()[:1] in ("{", "["):
        try:
            yield from texts_in(json.loads(value))
        except (ValueError, RecursionError):
            return


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in cast("Mapping[object, object]", value).values():
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from texts_in(each)


def secrets_in(variables: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in variables:
        for found in IN_ADDRESS.finditer(value):
            yield found[2]
        if secret_name(name) and not os.path.exists(value):  # noqa: PTH110 - any text, also one that no path can be
            yield from _values(value)


def spellings(value: str) -> set[str]:
    """Return a secret as encoded in HTML, JSON, URLs, Python and basic authorization."""
    return {
        value,
        html.escape(value),
        html.escape(value, quote=False),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(value)[1:-1].replace("<", "\\u003c"),
        quote(value, safe=""),
        quote_plus(value),
        repr(value)[1:-1],
    }
