"""Taking secrets out of texts, and keeping in a run's folder what they are recognized by."""

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
"""In a run's folder: what its secrets are recognized by."""

Scrub = Callable[[str], str]
"""Takes secrets out of a text."""

_given: set[str] = set()
"""Secrets that this process was given under names that do not look like one."""

_recalled: dict[SecretHash, None] = {}
"""Hashes from the folders of runs."""


def learn(value: str) -> None:
    """Treat a text as a secret from now on, and nothing else that it may be."""
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
    """What takes every secret that is known by now out of a text; quicker than `scrubbed` for many texts.

    Paths of local copies of a URL become the URL: they mean nothing to a reader.

    Args:
        error: Whether the texts are messages of errors, in which anything that is called a key or a password is one.
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
    """A text without secrets; see `scrubber`."""
    return scrubber(error=error)(text)


def _without_cut(text: str, values: tuple[str, ...]) -> str:
    """A text without the beginning of a secret at its end: it may have been cut there before anybody scrubbed it."""
    for value in values:
        for length in range(min(len(value) - 1, len(text)), SHORTEST - 1, -1):
            if text.endswith(value[:length]):
                return text[:-length] + SCRUBBED
    return text


def scrubbed_all(value: Any, scrub: Scrub | None = None) -> Any:  # noqa: ANN401 - any JSON
    """Plain data without secrets; what has none in it comes back as it is, the same object."""
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
    """Keep in a run's folder what the secrets of this process are recognized by; those of earlier sessions stay.

    Raises:
        OSError: If it cannot be written.
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
    """Recognize from now on the secrets of the run that a folder, or a log in one, belongs to."""
    start = place if place.is_dir() else place.parent
    for folder in (start, *start.absolute().parents[:3]):  # a run keeps its logs two folders down
        _recalled.update(dict.fromkeys(_read(folder / SECRETS_FILE)))


def _read(file: Path) -> Iterator[SecretHash]:
    """What a file of hashes holds; nothing of one that is missing or damaged, since nobody can fix it."""
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        yield from [
            SecretHash(bytes.fromhex(row["salt"]), int(row["length"]), int(row["tag"]), bytes.fromhex(row["scrypt"]))
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
