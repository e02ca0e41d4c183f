"""Anytime-valid evidence: the capital of a gambler who bets against the null hypothesis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from peerwatch.stats._differences import Known, Numbers, limits

BetSide = Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class Bets:
    """A fixed mixture of gamblers, each of which stakes the same fraction of its capital on every world."""

    fractions: tuple[float, ...]
    """Each in (0, 1]; 1 is the full bet, which one worst-case outcome ruins."""
    weights: tuple[float, ...]
    """Share of the initial capital of each gambler; they sum to 1."""


def _any_time_bets() -> Bets:
    # At level 0.05 the full bet needs a weight above 0.58 for five ones in a row to decide, as in Wald's test of 1/2
    # against 1. The other fractions decrease by the square root of two, so that the best fraction for any mean is near
    # one of them.
    fractions = [2 ** (-step / 2) for step in range(11)]
    return Bets(tuple(fractions), (0.6, *[0.04] * 10))


ANY_TIME: Final = _any_time_bets()

POOLED: Final = Bets((0.2, 0.4, 0.8), (1 / 3,) * 3)
"""For pooled scenarios: with hundreds of worlds small fractions grow far enough, and the full bet, which one world
ruins, is useless. There are few bets because each takes its share of the capital from the others.
"""


def bets_of(strata: int) -> Bets:
    """Return the bets for one scenario, or for several pooled ones."""
    return ANY_TIME if strata == 1 else POOLED


def running_log_capital(values: Numbers, null: float, bets: Bets = ANY_TIME) -> Numbers:
    """Return the log capital after 0, 1, ... worlds of a gambler against "the mean is at most `null`".

    A gambler who stakes the fraction f multiplies the capital by 1 + f (x - m) / (1 + m) at every world, which is
    never negative and has mean at most 1 under the null hypothesis.

    Args:
        values: Numbers in [-1, 1], one for each world.
        null: m, strictly between -1 and 1.
        bets: The mixture of gamblers.

    Returns:
        An array with one more element than `values`; the first is 0.
    """
    factors = _log_factors(values, null, bets)
    each = np.concatenate([np.zeros((len(bets.fractions), 1)), np.cumsum(factors, axis=1)], axis=1)
    # log of sum_k w_k C_k, with the capital C_k and the weight w_k of gambler k.
    total: Numbers = np.logaddexp.reduce(each + np.log(np.array(bets.weights))[:, None], axis=0)
    return total


def log_capital(values: Numbers, null: float, bets: Bets = ANY_TIME) -> float:
    """Return the last element of `running_log_capital`, computed faster."""
    each = _log_factors(values, null, bets).sum(axis=1)
    return float(np.logaddexp.reduce(each + np.log(np.array(bets.weights))))


def _log_factors(values: Numbers, null: float, bets: Bets) -> Numbers:
    fractions = np.array(bets.fractions)[:, None]
    with np.errstate(divide="ignore"):
        # log(1 + f (x - m) / (1 + m)), written without subtracting nearly equal numbers.
        factors: Numbers = np.log((1 - fractions) + fractions * (1 + values[None, :]) / (1 + null))
    return factors


def facing(differences: Sequence[Known], null: float, side: BetSide) -> tuple[Numbers, float]:
    """Orient the data so that every bet is on a higher mean; gaps get the value that helps the gambler least.

    Raises:
        ValueError: If `null` is not strictly between -1 and 1, `side` is unknown, or a difference is out of range.
    """
    if not -1 < null < 1:
        raise ValueError(f"null must lie strictly between -1 and 1, got {null}")
    if side not in ("more", "less"):
        raise ValueError(f"side must be 'more' or 'less', got {side!r}")
    lows, highs = limits(differences)
    return (lows, null) if side == "more" else (-highs, -null)


def e_value(differences: Sequence[Known], null: float = 0.0, side: BetSide = "more") -> float:
    """Measure the evidence against "the mean difference is at most `null`" (at least `null` for `side="less"`).

    The e-value is the capital of a gambler who starts with 1 and bets on every world at odds that are fair or worse
    under the null hypothesis. Its mean is then at most 1 for any number of worlds and any stopping rule (Ville's
    inequality): it reaches 1 / alpha with probability at most alpha. It is a fixed mixture of prod(1 + l (d - m)) over
    eleven bets l in (0, 1 / (1 + m)], the largest with weight 0.6, so it does not depend on the order of the worlds.
    The worlds need not be identically distributed: it suffices that the conditional mean of each, given those before
    it, satisfies the null hypothesis.

    Args:
        differences: One number in [-1, 1] for each world, or a pair of bounds if episodes are missing; the bound that
            helps the claim least is used.
        null: m, strictly between -1 and 1, in units of the difference.
        side: "more" is evidence that the mean lies above `null`, "less" that it lies below.

    Returns:
        The e-value, at least 0; 1 without data; capped at 1e300.

    Raises:
        ValueError: If a difference or `null` lies outside its range, or `side` is unknown.

    Source: Waudby-Smith, I. and Ramdas, A. (2024), J. R. Stat. Soc. B 86:1-27; Ramdas, A., Grünwald, P., Vovk, V.
    and Shafer, G. (2023), Stat. Sci. 38:576-601.
    """
    values, turned = facing(differences, null, side)
    return to_e_value(log_capital(values, turned))


def to_e_value(log_capital: float) -> float:
    """Exponentiate without overflow."""
    return math.exp(min(log_capital, math.log(1e300)))
