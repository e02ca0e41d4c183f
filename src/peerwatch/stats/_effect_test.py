"""The one shape in which a p-value leaves this package."""

import math
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class EffectTest:
    """An effect with its interval and, never without these, the p-value of no effect.

    Where nothing was observed all four numbers are `nan`: not measured, which is neither significant nor not.
    """

    __test__: ClassVar[bool] = False
    """Pytest takes a name that begins with Test for tests, wherever it is imported."""

    effect: float
    """First minus second, in the units of the data."""
    low: float
    """Lower limit; `-inf`, or the least possible value where one was given, when the data set none."""
    high: float
    p: float
    """Two-sided, in [0, 1]."""
    n: int
    """Units that the numbers rest on: worlds where the data are paired, else episodes."""
    confidence: float
    """Two-sided level of the interval."""
    test: str
    """What gave the p-value."""
    interval: str
    """What gave the limits. Where it is not the test's own inversion, the two may disagree close to the level."""
    smallest_p: float = 0.0
    """The least p-value that so many units can give, whatever they show."""

    def __post_init__(self) -> None:
        """Refuse a p-value on its own.

        Raises:
            ValueError: When the p-value lies outside [0, 1], or comes without an effect inside its limits.
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
        """Whether so few units can reach the level at all; if not, no result of theirs could have been significant."""
        return self.smallest_p <= 1 - self.confidence + 1e-12


def not_measured(confidence: float, test: str, interval: str) -> EffectTest:
    """Give the result of no data."""
    return EffectTest(math.nan, math.nan, math.nan, math.nan, 0, confidence, test, interval, 1.0)
