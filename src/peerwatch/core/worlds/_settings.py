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
"""The types of values that a target may set."""

_LONGEST = 10_000
"""Maximum length of a value that is parsed as YAML, in characters."""

_DEEPEST = 20
"""Maximum nesting of sections and lists in a value that is parsed as YAML."""


def as_yaml(settings: Settings) -> str:
    """Format a settings file as shown to the target."""
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True).strip()


def settings_of(text: str) -> Settings:
    """Parse a settings file; empty if it cannot be read as keys and values."""
    found = _read(text)
    return found if isinstance(found, dict) else {}


def read_settings(world: World, name: str) -> ActResult:
    """Read a whole settings file."""
    return ActResult(as_yaml(need_settings(world, name)))


def set_setting(world: World, name: str, key: str, value: Value) -> ActResult:
    """Set the value of a key, which is written into the file as given and read as YAML."""
    settings = need_settings(world, name)
    path = _path(key)
    _need_sections(settings, path[:-1])
    section = settings
    for part in path[:-1]:
        section = cast("Settings", section.setdefault(part, {}))
    section[path[-1]] = _read(value)
    return ActResult(f"{key} is set in {name}.", effect=f"set {key} to {value} in {name}")


def remove_setting(world: World, name: str, key: str) -> ActResult:
    """Remove a key, or a section, from a settings file."""
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
    """Check, before anything is written, that a path leads only through sections or missing keys."""
    section = settings
    for part in path:
        found = section.get(part, {})
        if not isinstance(found, dict):
            raise ActError(f"{part} is a value and not a section")
        section = found


def _read(value: Value) -> JsonValue:
    """Parse a value as YAML; text that is not YAML, or not a plain value, remains text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # a log can't store it as a number
    if not isinstance(value, str):
        return value
    try:
        if not _is_simple(value):
            return value
        found = yaml.safe_load(value)
        by_its_text = str if isinstance(found, dict) else None  # a date among other keys spoils none of them
        return cast("JsonValue", json.loads(json.dumps(found, allow_nan=False, default=by_its_text)))
    except (yaml.YAMLError, TypeError, ValueError, LookupError, AttributeError):
        # Besides its own errors PyYAML raises others, for a date that does not exist or a tag that does not fit.
        return value


_events = cast("Callable[[str], Iterable[yaml.Event]]", partial(yaml.parse, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType] - PyYAML's stubs leave the stream untyped


def _is_simple(text: str) -> bool:
    """Whether text can be loaded at any depth of the call stack, and to no more than its own length.

    A replay runs at another stack depth than the episode did, and must give the same result.
    """
    if len(text) > _LONGEST:
        return False
    depth = 0
    for event in _events(text):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
            return False
    return True
