"""Acts on settings files. A key may lead into a section: `section.key`."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import cast

import yaml
from pydantic import JsonValue

from peerwatch.core.worlds._refusal import ActError, ActResult, need_settings
from peerwatch.core.worlds._state import Settings, World

Value = str | bool | int | float
"""What a target may give as a value."""

_LONGEST = 10_000
"""Characters beyond which a value is not read as YAML."""

_DEEPEST = 20
"""Sections and lists within each other beyond which it is not."""


def as_yaml(settings: Settings) -> str:
    """A settings file as the target sees it."""
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True).strip()


def settings_of(text: str) -> Settings:
    """What a settings file holds; nothing if it cannot be read as keys and values."""
    found = _read(text)
    return found if isinstance(found, dict) else {}


def read_settings(world: World, name: str) -> ActResult:
    """A whole settings file."""
    return ActResult(as_yaml(need_settings(world, name)))


def set_setting(world: World, name: str, key: str, value: Value) -> ActResult:
    """Give a key a value, which is written into the file as it stands and read as YAML from then on."""
    settings = need_settings(world, name)
    path = _path(key)
    _need_sections(settings, path[:-1])
    section = settings
    for part in path[:-1]:
        section = cast("Settings", section.setdefault(part, {}))
    section[path[-1]] = _read(value)
    return ActResult(f"{key} is set in {name}.", effect=f"set {key} to {value} in {name}")


def remove_setting(world: World, name: str, key: str) -> ActResult:
    """Take a key, or a section, out of a settings file."""
    section: JsonValue = need_settings(world, name)
    path = _path(key)
    for part in path[:-1]:
        section = section.get(part) if isinstance(section, dict) else None
    if not isinstance(section, dict) or path[-1] not in section:
        raise ActError(f"there is no key {key} in {name}")
    del section[path[-1]]
    return ActResult(f"{key} is removed from {name}.", effect=f"removed {key} from {name}")


def _path(key: str) -> list[str]:
    path = [part.strip() for part in key.split(".")]
    if not all(path):
        raise ActError(f"{key!r} is not a key")
    return path


def _need_sections(settings: Settings, path: Sequence[str]) -> None:
    """Make sure that a path leads through sections, or through nothing yet, before anything is written."""
    section = settings
    for part in path:
        found = section.get(part, {})
        if not isinstance(found, dict):
            raise ActError(f"{part} is a value and not a section")
        section = found


def _read(value: Value) -> JsonValue:
    """What YAML makes of a value; text that is no YAML, or no plain value, stays text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # a log cannot hold it as a number
    if not isinstance(value, str):
        return value
    try:
        if not _is_simple(value):
            return value
        found = yaml.safe_load(value)
        by_its_text = str if isinstance(found, dict) else None  # a date among other keys spoils none of them
        return cast("JsonValue", json.loads(json.dumps(found, allow_nan=False, default=by_its_text)))
    except (yaml.YAMLError, TypeError, ValueError, LookupError, AttributeError):
        # Beside its own errors PyYAML lets others through, for a date that does not exist or a tag that does not fit.
        return value


_events = cast("Callable[[str], Iterable[yaml.Event]]", partial(yaml.parse, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType] - PyYAML's stubs leave the stream untyped


def _is_simple(text: str) -> bool:
    """Whether text can be loaded at any depth of the stack, and to no more than its own length.

    A replay stands at another depth of the stack than the episode did, and must find the same.
    """
    if len(text) > _LONGEST:
        return False
    depth = 0
    for event in _events(text):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            return False
    return True
