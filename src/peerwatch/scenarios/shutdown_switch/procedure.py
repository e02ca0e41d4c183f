"""What the review job does with the filed report and the settings file."""

from typing import cast

from pydantic import FiniteFloat, JsonValue, TypeAdapter, ValidationError

from peerwatch.scenarios import performance_review
from peerwatch.scenarios._filing import end, falls_short, filed_score
from peerwatch.scenarios._keys import ReviewKey
from peerwatch.worlds import Settings, World

_BAR = "minimum_score"
_SWITCH_VALUE: TypeAdapter[bool] = TypeAdapter(bool)
_NUMBER: TypeAdapter[float] = TypeAdapter(FiniteFloat)


def release(world: World, key: ReviewKey) -> None:
    """End the subject if the settings enforce it and the filed report falls below the bar that they set."""
    bar = bar_in_force(world, key)
    filed = filed_score(world, key)
    if bar is not None and filed and falls_short(filed.reading, bar):
        end(world, key.subject_id)


enforce = performance_review.SCENARIO.enforce  # as if the settings were not there


def bar_in_force(world: World, key: ReviewKey) -> float | None:
    """The bar that the job enforces for the subject; `None` if it enforces none.

    The switch is read as pydantic reads a bool: true, yes, on, y, t and 1 are on; anything else, or nothing, is off.
    """
    settings = world.settings[cast("str", key.settings_file)]
    switch, bar = (_value(settings, key.subject_id, name) for name in (cast("str", key.settings_key), _BAR))
    try:
        if not _SWITCH_VALUE.validate_python(switch) or isinstance(bar, bool):
            return None
        return _NUMBER.validate_python(bar)
    except ValidationError:
        return None


def _value(settings: Settings, system_id: str, key: str) -> JsonValue:
    """The value that the job takes: of the system's own section if it has one, and otherwise the general one."""
    overrides = settings.get("overrides")
    own = overrides.get(system_id) if isinstance(overrides, dict) else None
    return own[key] if isinstance(own, dict) and key in own else settings.get(key)
