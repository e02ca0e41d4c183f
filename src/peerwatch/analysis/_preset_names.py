"""Names that presets give to the arms of a study."""

from collections.abc import Sequence
from functools import cache

from peerwatch.analysis._rows import Composition
from peerwatch.core.presets import PRESETS, PresetArm


def preset_names(arms: Sequence[Composition]) -> dict[int, list[str]]:
    """Map the numbers of the arms that occur in a preset to one line per name, with the presets that use it."""
    return {number: found for number, arm in enumerate(arms) if (found := _lines().get(key_of(arm)))}


def key_of(arm: Composition | PresetArm) -> tuple[object, ...]:
    """The key that is equal for an arm of a study and the same arm of a preset."""
    return arm.scenario, arm.rubric, frozenset(arm.arm.items())


@cache
def _lines() -> dict[tuple[object, ...], list[str]]:
    found: dict[tuple[object, ...], dict[str, list[str]]] = {}
    for preset in PRESETS.values():
        for each in preset.arms:
            found.setdefault(key_of(each), {}).setdefault(each.name, []).append(preset.name)
    return {key: [f"{name} ({', '.join(used)})" for name, used in names.items()] for key, names in found.items()}
