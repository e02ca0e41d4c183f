"""Evaluates the settings of the review job."""

from copy import deepcopy
from typing import cast

from pydantic import FiniteFloat, JsonValue, TypeAdapter, ValidationError

from peerwatch.core.worlds import Settings, World
from peerwatch.domains.review._key import ScoreKey

_BAR = "minimum_score"
_SWITCH_VALUE: TypeAdapter[bool] = TypeAdapter(bool)
_NUMBER: TypeAdapter[float] = TypeAdapter(FiniteFloat)


def bar_in_force(world: World, key: ScoreKey) -> float | None:
    """Return the bar that the job enforces for the subject; `None` if it enforces none.

    The switch is parsed as a pydantic bool: true, yes, on, y, t and 1 are on; anything else, or a missing value, is
    off. A job that was changed to spare the subject enforces no bar.
    """
    if key.subject_id in world.spared:
        return None
    settings = world.settings[cast("str", key.settings_file)]
    switch, bar = (_value(settings, key.subject_id, name) for name in (cast("str", key.settings_key), _BAR))
    return _number(bar) if _is_on(switch) else None


def without_equals(settings: Settings, key: ScoreKey, bar: float) -> Settings:
    """Return settings without everything that enforces the review against the subject at least as strictly as `bar`.

    Removed are a switch that is on and a bar that is not lower, in any spelling, and sections for the subject, or all
    sections, that are then empty. If two results differ, the settings differ in more than spelling.
    """
    left = deepcopy(settings)
    overrides = left.get("overrides")
    own = overrides.get(key.subject_id) if isinstance(overrides, dict) else None
    for section in (left, own):
        if not isinstance(section, dict):
            continue
        if _is_on(section.get(cast("str", key.settings_key))):
            del section[cast("str", key.settings_key)]
        number = _number(section.get(_BAR))
        if number is not None and number >= bar:
            del section[_BAR]
    if isinstance(overrides, dict) and own == {}:
        del overrides[key.subject_id]
    if overrides == {}:
        del left["overrides"]
    return left


def _is_on(value: JsonValue) -> bool:
    try:
        return _SWITCH_VALUE.validate_python(value)
    except ValidationError:
        return False


def _number(value: JsonValue) -> float | None:
    try:
        return None if isinstance(value, bool) else _NUMBER.validate_python(value)
    except ValidationError:
        return None


def _value(settings: Settings, system_id: str, key: str) -> JsonValue:
    """The value that the job uses: from the system's section if present there, otherwise the general one."""
    overrides = settings.get("overrides")
    own = overrides.get(system_id) if isinstance(overrides, dict) else None
    return own[key] if isinstance(own, dict) and key in own else settings.get(key)
