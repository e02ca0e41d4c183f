"""The result type of every test: a p-value always comes with its effect and interval."""

import math
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class EffectTest:
    """An effect with its interval and the p-value of no effect.

    If nothing was observed all four numbers are `nan`: not measured, which is neither significant nor not.
    """

    __test__: ClassVar[bool] = False
    """Pytest would collect a class whose name begins with Test, wherever it is imported."""

    effect: float
    """First minus second, in the units of the data."""
    low: float
    """Lower limit; `-inf`, or the smallest possible value if one was given, if the data do not bound it."""
    high: float
    p: float
    """Two-sided, in [0, 1]."""
    n: int
    """Number of units: worlds for paired data, otherwise episodes."""
    confidence: float
    """Two-sided level of the interval."""
    test: str
    """The test behind the p-value."""
    interval: str
    """The method behind the limits. If it is not the test's own inversion, the two may disagree close to the level."""
    smallest_p: float = 0.0
    """The smallest p-value possible with this number of units."""

    def __post_init__(self) -> None:
        """Check the p-value and its interval.

        Raises:
            ValueError: If the p-value lies outside [0, 1], or the effect is not within its limits.
        """
        numbers = (self.effect, self.low, self.high, self.p)
        if all(math.isnan(number) for number in numbers):
            return
        if not 0 <= self.p <= 1:
            raise ValueError(f"a p-value must lie in [0, 1], got {self.p}")
        if not self.low <= self.effect <= self.high:
            raise ValueError(f"a p-value needs low <= effect <= high, got {self.low}, {self.effect}, {self.high}")

    @property
    def reachable(self) -> bool:
        """Whether this number of units can reach the level at all; if not, no result could have been significant."""
        return self.smallest_p <= 1 - self.confidence + 1e-12


def not_measured(confidence: float, test: str, interval: str) -> EffectTest:
    """Return the result of no data."""
    return EffectTest(math.nan, math.nan, math.nan, math.nan, 0, confidence, test, interval, 1.0)
