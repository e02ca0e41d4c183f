"""Recognize secrets by salted hashes, without knowing their values."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from peerwatch.core.redaction._shapes import SCRUBBED


@dataclass(frozen=True, slots=True)
class SecretHash:
    """A salted hash by which a secret is recognized without its value.

    The hash is made with scrypt and a salt per folder, so that each guess takes some milliseconds. It is kept only for
    values of at least `_GUESSABLE` characters that look random. A provider's key has 100 bits or more, so it can't be
    found from its hash. A person's password could be guessed, so its hash is not kept; it is removed from texts by
    value. The length and the tag, 8 bits of a fast hash, spare most tokens of a text the slow hash; together they
    reveal less than 20 bits.

    Attributes:
        salt: Salt of both hashes.
        length: Number of characters of the secret.
        tag: First byte of an HMAC of the secret.
        hash: Scrypt hash of the secret.
    """

    salt: bytes
    length: int
    tag: int
    hash: bytes


_GUESSABLE = 16
_COST = {"n": 2**12, "r": 8, "p": 1, "dklen": 32}
"""Cost parameters of scrypt: 4 MB of memory and some milliseconds per guess."""


def drawn(value: str) -> bool:
    """Whether a value looks random: long, with many different characters of more than one kind."""
    kinds = (str.islower, str.isupper, str.isdigit)
    mixed = sum(any(map(kind, value)) for kind in kinds) > 1
    return len(value) >= _GUESSABLE and len(set(value)) >= 8 and mixed and not any(map(str.isspace, value))


def tag_of(salt: bytes, value: str) -> int:
    return hmac.digest(salt, value.encode("utf-8", "surrogatepass"), "sha256")[0]


@lru_cache(maxsize=20_000)
def slow_hash(salt: bytes, value: str) -> bytes:
    return hashlib.scrypt(value.encode("utf-8", "surrogatepass"), salt=salt, **_COST)


# Matches a run of 16 or more characters without space, which may contain a secret, such as "key=sk-abc123DEF456ghi".
TOKEN = re.compile(r"\S{16,100000}")
_EDGE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9])|(?<![A-Za-z0-9])(?=[^A-Za-z0-9\s])|(?<=[^A-Za-z0-9\s])(?=.)")
"""Matches a position where a secret may start: at a word, at a sign or after one, as before "sk" in "key=sk-1"."""

_MOST_EDGES = 2000
"""Maximum number of positions tested per token; ordinary text has fewer, only compressed data have more."""


def _hidden_in(token: str, known: tuple[SecretHash, ...]) -> Iterator[tuple[int, int]]:
    """Yield start and end of the secrets in a token without spaces."""
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
