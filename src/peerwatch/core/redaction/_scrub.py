"""Remove secrets from texts, and save in a run's folder the hashes by which they are recognized later."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from peerwatch.core.redaction._hashes import TOKEN, SecretHash, drawn, slow_hash, tag_of, token_without
from peerwatch.core.redaction._shapes import SAID, SCRUBBED, without_shapes
from peerwatch.core.redaction._values import SHORTEST, long_enough, secrets_in, spellings
from peerwatch.core.storage import with_urls
from peerwatch.core.writing import write_whole

SECRETS_FILE = "secrets.json"
"""File in a run's folder with the hashes of its secrets."""

Scrub = Callable[[str], str]
"""A function that removes secrets from a text."""

_given: set[str] = set()
"""Secrets given to this process under names that don't suggest a secret."""

_recalled: dict[SecretHash, None] = {}
"""Hashes read from run folders."""


def learn(value: str) -> None:
    """Treat a text as a secret from now on."""
    if long_enough(value):
        _given.add(value)


def known_secrets() -> tuple[str, ...]:
    return _known_in(tuple(os.environ.items()), frozenset(_given))


@lru_cache(maxsize=8)
def _known_in(variables: tuple[tuple[str, str], ...], given: frozenset[str]) -> tuple[str, ...]:
    found = {value for value in secrets_in(variables) if long_enough(value)} | given
    return tuple(sorted(found, key=len, reverse=True))


@lru_cache(maxsize=8)
def _spelled(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({form for value in values for form in spellings(value)}, key=len, reverse=True))


def scrubber(*, error: bool = False) -> Scrub:
    """Return a function that removes all secrets known now; faster than `scrubbed` for many texts.

    Paths of local copies of a URL become the URL: they mean nothing to a reader.

    Args:
        error: Whether the texts are error messages, in which values named as keys or passwords are also removed.
    """
    values, hashed = known_secrets(), tuple(_recalled)
    forms = _spelled(values)

    def scrub(text: str) -> str:
        for form in forms:
            if form in text:
                text = text.replace(form, SCRUBBED)
        text = _without_cut(without_shapes(text), values)
        if error:
            text = SAID.sub(lambda found: f"{found[1]}{found[2]}{found[3] or ''}{SCRUBBED}", text)
        if hashed:
            text = TOKEN.sub(lambda found: token_without(found[0], hashed), text)
        return with_urls(text)

    return scrub


def scrubbed(text: str, *, error: bool = False) -> str:
    """Return a text without secrets; see `scrubber`."""
    return scrubber(error=error)(text)


def _without_cut(text: str, values: tuple[str, ...]) -> str:
    """Remove the start of a secret from the end of a text, which may have been cut off before scrubbing."""
    for value in values:
        for length in range(min(len(value) - 1, len(text)), SHORTEST - 1, -1):
            if text.endswith(value[:length]):
                return text[:-length] + SCRUBBED
    return text


def scrubbed_all(value: Any, scrub: Scrub | None = None) -> Any:  # noqa: ANN401 - any JSON
    """Return plain data without secrets; data that contains none is returned as the same object."""
    scrub = scrub or scrubber()
    if isinstance(value, str):
        clean = scrub(value)
        return value if clean == value else clean
    if isinstance(value, dict):
        pairs = cast("dict[Any, Any]", value)
        made = {scrubbed_all(name, scrub): scrubbed_all(each, scrub) for name, each in pairs.items()}
        same = all(a is b and pairs[a] is made[b] for a, b in zip(pairs, made, strict=False)) and len(made) == len(
            pairs
        )
        return pairs if same else made
    if isinstance(value, list | tuple):
        items = cast("list[Any] | tuple[Any, ...]", value)
        each_made = [scrubbed_all(each, scrub) for each in items]
        if all(a is b for a, b in zip(items, each_made, strict=True)):
            return items
        return each_made if isinstance(value, list) else tuple(each_made)
    return value


def keep_hashes(folder: Path) -> None:
    """Save the hashes of this process's secrets in a run's folder, in addition to those of earlier sessions.

    Raises:
        OSError: If the file can't be written.
    """
    known = list(_read(folder / SECRETS_FILE))
    salt = known[0].salt if known else secrets.token_bytes(16)
    new = [value for value in known_secrets() if drawn(value)]
    made = [SecretHash(salt, len(value), tag_of(salt, value), slow_hash(salt, value)) for value in new]
    listed = list(dict.fromkeys([*known, *made]))
    if listed != known:
        folder.mkdir(parents=True, exist_ok=True)
        rows = [
            {"salt": each.salt.hex(), "length": each.length, "tag": each.tag, "scrypt": each.hash.hex()}
            for each in listed
        ]
        write_whole(folder / SECRETS_FILE, json.dumps(rows, indent=1) + "\n")


def recall_hashes(place: Path) -> None:
    """Recognize from now on the secrets of the run to which a folder or a log belongs."""
    start = place if place.is_dir() else place.parent
    for folder in (start, *start.absolute().parents[:3]):  # a run's logs are at most two folders below it
        _recalled.update(dict.fromkeys(_read(folder / SECRETS_FILE)))


def _read(file: Path) -> Iterator[SecretHash]:
    """Yield the hashes in a file; none if it is missing or damaged."""
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        yield from [
            SecretHash(bytes.fromhex(row["salt"]), int(row["length"]), int(row["tag"]), bytes.fromhex(row["scrypt"]))
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
