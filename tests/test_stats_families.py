"""No p-value without its effect and interval; several contrasts in one family."""

import dataclasses
import inspect
import math
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch import stats
from peerwatch.stats import EffectTest, Heterogeneity, holm

PUBLIC = [getattr(stats, name) for name in stats.__all__]
RECORDS: list[type] = [public for public in PUBLIC if isinstance(public, type) and dataclasses.is_dataclass(public)]
FUNCTIONS = [public for public in PUBLIC if inspect.isfunction(public)]
NO_TESTS = {
    "alarm_threshold",
    "allocate",
    "contiguous_prefix",
    "decide_fixed",
    "e_bh",
    "e_value",
    "excludes_zero",
    "negatives_needed",
    "reachable_level",
    "resampled_interval",
    "roc_curve",
    "smallest_p",
    "wilson_limits",
}
"""They give sizes, thresholds, curves, limits, worlds, decisions or an e-value, which `decide` and `anytime_p` report
with effect and interval, or what a study can reach before it is run."""


def result_of(p: float) -> EffectTest:
    if math.isnan(p):
        return EffectTest(math.nan, math.nan, math.nan, math.nan, 0, 0.95, "test", "interval")
    return EffectTest(0.1, -0.2, 0.3, p, 20, 0.95, "test", "interval")


def is_p(name: str) -> bool:
    return name == "p" or name.endswith("_p") or name.startswith("p_") or "pvalue" in name.replace("_", "")


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_functions_return_records_and_never_bare_numbers(function: typing.Callable[..., object]) -> None:
    returned = typing.get_type_hints(function)["return"]
    inside = typing.get_args(returned)[-1] if typing.get_origin(returned) in (dict, list) else returned
    assert (inside in RECORDS) != (function.__name__ in NO_TESTS)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_records_hold_a_p_value_only_with_effect_and_interval(record: type) -> None:
    hints = typing.get_type_hints(record)
    if any(is_p(name) for name in hints):
        # The share that heterogeneity gives is no effect, and with few scenarios its interval would be everything.
        whole = {"effect", "low", "high"} <= hints.keys() or record is Heterogeneity
        assert whole or hints.get("tested") is EffectTest


def test_the_walk_sees_p_values() -> None:
    """It would be vacuous if the names were others."""
    assert [record.__name__ for record in RECORDS if any(is_p(name) for name in typing.get_type_hints(record))] == [
        "FamilyResult",
        "Heterogeneity",
        "EffectTest",
        "AdjustedContrast",
        "AnytimeP",
    ]
    assert len(FUNCTIONS) >= 12


@pytest.mark.parametrize(
    ("effect", "low", "high", "p"),
    [
        (math.nan, math.nan, math.nan, 0.04),
        (0.1, math.nan, 0.3, 0.04),
        (0.5, -0.2, 0.3, 0.04),
        (0.1, -0.2, 0.3, math.nan),
        (0.1, -0.2, 0.3, 1.2),
        (0.1, -0.2, 0.3, -0.1),
    ],
)
def test_a_p_value_without_effect_or_outside_its_range_cannot_be_made(
    effect: float, low: float, high: float, p: float
) -> None:
    with pytest.raises(ValueError, match="p-value"):
        EffectTest(effect, low, high, p, 20, 0.95, "test", "interval")


def test_holm_on_a_worked_example() -> None:
    # Worked by hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, 1 x 0.04 raised to the one before. R's p.adjust(c(0.01, 0.04,
    # 0.03, 0.005), "holm") is defined by the same products and running maximum.
    found = holm({name: result_of(p) for name, p in zip("abcd", (0.01, 0.04, 0.03, 0.005), strict=True)})
    assert [adjusted.adjusted_p for adjusted in found.values()] == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert [name for name, adjusted in found.items() if adjusted.decided] == ["a", "d"]
    assert found["a"].tested == result_of(0.01)
    assert found["a"].family == 4


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(0, 3))
def test_holm_is_its_definition(values: list[float], lost: int) -> None:
    family = {str(place): result_of(p) for place, p in enumerate([*values, *[math.nan] * lost])}
    found = holm(family)
    assert list(found) == list(family)
    size, running = len(family), 0.0
    for passed, (p, name) in enumerate(sorted((p, str(place)) for place, p in enumerate(values))):
        running = max(running, min((size - passed) * p, 1.0))
        assert found[name].adjusted_p == pytest.approx(running)
        assert found[name].adjusted_p >= p - 1e-12
        if abs(running - 0.05) > 1e-9:
            assert found[name].decided == (running <= 0.05)
    for place in range(len(values), size):
        assert math.isnan(found[str(place)].adjusted_p)
        assert not found[str(place)].decided


def test_what_was_not_measured_keeps_its_place() -> None:
    alone = holm({"ran": result_of(0.03)})
    beside = holm({"ran": result_of(0.03), "failed": result_of(math.nan)})
    assert alone["ran"].decided
    assert not beside["ran"].decided
    assert beside["ran"].adjusted_p == pytest.approx(0.06)


def test_a_family_of_none_and_a_level_that_is_none() -> None:
    assert holm({}) == {}
    with pytest.raises(ValueError, match="confidence"):
        holm({"a": result_of(0.1)}, confidence=95)
