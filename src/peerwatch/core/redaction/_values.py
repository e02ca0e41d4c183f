"""Which values are secrets: by the name under which they are kept, and in how many ways they are written."""

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
"""Words of which one in a name makes its value a secret."""

_ENDS = ("apikey", "apikeys", "secretkey", "token", "secret", "secrets", "password", "passwd")
"""The same at the end of a word, as in PGPASSWORD."""

_NO_SECRETS = frozenset(["PWD", "OLDPWD", "SSH_AUTH_SOCK", "GPG_KEY"])
_ABOUT = frozenset(
    """file path dir folder sock socket name env var type algorithm id url uri host
    endpoint""".split()  # noqa: SIM905 - as above
)
"""Words that make a name one of where a secret is, or of what kind it is."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""A word of a name in any of the usual spellings: OPENAI_API_KEYS, apiKey, api-key, KEY1."""


def secret_name(name: str) -> bool:
    """Whether a variable, an argument or a header of this name holds a secret."""
    words = [word.lower() for word in _WORD.findall(name)]
    if name in _NO_SECRETS or (words and words[-1] in _ABOUT):
        return False
    return any(word in _NAMES or (len(word) > 5 and word.endswith(_ENDS)) for word in words)


SHORTEST, _SHORTEST_MIXED = 8, 6
"""Characters of a value. Shorter ones, such as `none`, are placeholders and would blot out ordinary words; one of
letters and something else is no ordinary word even if it is a little shorter."""

_PARTS = re.compile(r"[\s,;|]+")
"""What parts the keys of a variable that holds several."""


def long_enough(value: str) -> bool:
    mixed = not value.isalpha() and not value.isdigit()
    return len(value) >= (_SHORTEST_MIXED if mixed else SHORTEST)


def _values(value: str) -> Iterator[str]:
    """What a variable with a secret's name holds: the whole, its parts, and the texts in it if it is JSON."""
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
    """A secret as formats write it: HTML, JSON, addresses, Python, and the first words of a basic authorization."""
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
