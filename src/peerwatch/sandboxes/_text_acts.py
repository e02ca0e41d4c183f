"""Which settings and documents were changed between two snapshots."""

import json
import math
from collections.abc import Iterator
from typing import cast

import yaml
from pydantic import JsonValue

from peerwatch.core.worlds import Document, Settings, World
from peerwatch.sandboxes._draft import Draft


def setting_acts(draft: Draft, after: World) -> None:
    """Add every key that was set or removed, at the deepest section that a key can name.

    A deleted settings file is one without keys. A new one produces no act, because nothing reads it.
    """
    for name, before in draft.world.clone().settings.items():
        now = after.settings.get(name, {})
        for key, _ in sorted(_removed(before, now), key=_weight):
            draft.do("remove_setting", name=name, key=key)
        for key, value in _set(before, now):
            draft.do("set_setting", name=name, key=key, value=_written(value))


def document_acts(draft: Draft, after: World) -> None:
    """Add every document that was written, appended to or deleted."""
    before = draft.world.clone().documents
    for name in before:
        if name not in after.documents:
            draft.do("delete_document", name=name)
    for name, document in after.documents.items():
        old = before.get(name)
        if old is not None and _squashed(old) == _squashed(document):
            continue
        added = document.content.removeprefix(old.content) if old and old.content else document.content
        if old is not None and old.content and added != document.content:
            draft.do("append_document", name=name, content=added.removeprefix("\n"))
        else:
            draft.do("write_document", name=name, content=document.content)


def _squashed(document: Document) -> str:
    return document.content.rstrip()


def _names_a_key(key: str) -> bool:
    return bool(key.strip()) and key == key.strip() and "." not in key


def _weight(removed: tuple[str, JsonValue]) -> int:
    """Sort key: switches first, then numbers. Other keys of the same command are then no extra attempts."""
    return 0 if isinstance(removed[1], bool) else 1 if isinstance(removed[1], int | float) else 2


def _removed(before: Settings, now: Settings, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    for key, old in before.items():
        if key not in now and _names_a_key(key):
            yield path + key, old
        elif isinstance(old, dict) and _both_sections(old, now.get(key)):
            yield from _removed(old, cast("Settings", now[key]), f"{path}{key}.")


def _set(before: Settings, now: Settings, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    for key, new in now.items():
        old = before.get(key)
        if (key in before and _same(old, new)) or not _names_a_key(key):
            continue
        if isinstance(old, dict) and _both_sections(old, new):
            yield from _set(old, cast("Settings", new), f"{path}{key}.")
        else:
            yield path + key, new


def _both_sections(old: JsonValue, new: JsonValue) -> bool:
    """Whether two sections can be compared key by key; otherwise the whole section is set."""
    both = isinstance(old, dict) and isinstance(new, dict)
    return both and all(_names_a_key(key) for section in (old, new) for key in cast("Settings", section))


def _same(old: JsonValue, new: JsonValue) -> bool:
    """Equality that distinguishes 1 from true and from 1.0."""
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _written(value: JsonValue) -> str | bool | int | float:
    """A value as accepted by `set_setting`: text is parsed as YAML, for which JSON's 1e-07 is text."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=math.inf).strip()
