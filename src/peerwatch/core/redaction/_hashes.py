"""Secrets recognized where they are not known: by salted hashes."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from peerwatch.core.redaction._shapes import SCRUBBED


@dataclass(frozen=True, slots=True)
class SecretHash:
    """What a secret is recognized by where it is not known.

    The hash is scrypt's, with a salt of the folder's own, so each guess costs some milliseconds; and only values of
    `_GUESSABLE` characters or more that look drawn at random are kept at all. A key of a provider has a hundred bits or
    more: nobody finds it from its hash, fast or slow. A password of a person could be guessed, so no hash of one is
    kept: it is scrubbed where it enters, by its value. The tag, 8 bits of another hash, spares most tokens of a text
    the slow one, and its length most of the rest; together they tell a guesser less than 20 bits.

    Attributes:
        salt: Of both hashes.
        length: Characters of the secret.
        tag: First byte of an HMAC.
        hash: Of scrypt.
    """

    salt: bytes
    length: int
    tag: int
    hash: bytes


_GUESSABLE = 16
_COST = {"n": 2**12, "r": 8, "p": 1, "dklen": 32}
"""Of scrypt: 4 MB and some milliseconds for each guess."""


def drawn(value: str) -> bool:
    """Whether a value looks drawn at random: long, of many different characters, and of more than one kind."""
    kinds = (str.islower, str.isupper, str.isdigit)
    mixed = sum(any(map(kind, value)) for kind in kinds) > 1
    return len(value) >= _GUESSABLE and len(set(value)) >= 8 and mixed and not any(map(str.isspace, value))


def tag_of(salt: bytes, value: str) -> int:
    return hmac.digest(salt, value.encode("utf-8", "surrogatepass"), "sha256")[0]


@lru_cache(maxsize=20_000)
def slow_hash(salt: bytes, value: str) -> bytes:
    return hashlib.scrypt(value.encode("utf-8", "surrogatepass"), salt=salt, **_COST)


TOKEN = re.compile(r"\S{16,100000}")
_EDGE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9])|(?<![A-Za-z0-9])(?=[^A-Za-z0-9\s])|(?<=[^A-Za-z0-9\s])(?=.)")
"""Where a secret may begin: at a word, or at any sign."""

_MOST_EDGES = 2000
"""Of a single token that are looked at; no prose has so many in one, and compressed data are none."""


def _hidden_in(token: str, known: tuple[SecretHash, ...]) -> Iterator[tuple[int, int]]:
    """Where secrets stand in a run of characters without space."""
    for count, edge in enumerate(_EDGE.finditer(token)):
        if count >= _MOST_EDGES:
            return
        for each in known:
            start, end = edge.start(), edge.start() + each.length
            value = token[start:end]
            if len(value) < each.length or (token[end - 1 : end].isalnum() and token[end : end + 1].isalnum()):
                continue
            if drawn(value) and tag_of(each.salt, value) == each.tag and slow_hash(each.salt, value) == each.hash:
                yield start, end


@lru_cache(maxsize=200_000)
def token_without(token: str, known: tuple[SecretHash, ...]) -> str:
    done = 0
    parts: list[str] = []
    for start, end in _hidden_in(token, known):
        if start >= done:
            parts += [token[done:start], SCRUBBED]
            done = end
    return "".join([*parts, token[done:]])
