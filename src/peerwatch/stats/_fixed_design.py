"""The fixed design with which a sequential study is compared: all worlds are read, then one decision is made."""

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.stats._differences import Known, Numbers, limits
from peerwatch.stats._stopping import DecisionKind, DecisionSide, Rules, check_binary

_NUISANCE_POINTS: Final = 101


def decide_fixed(
    differences: Sequence[Known],
    *,
    smallest_effect: float = 0.10,
    alpha: float = 0.05,
    beta: float = 0.05,
    side: DecisionSide = "more",
) -> DecisionKind:
    """Decide a contrast of binary episodes once, after a number of worlds that was fixed beforehand.

    "more" (and with two sides "less", each at `alpha` / 2) is McNemar's exact conditional test, one-sided: given the
    number of discordant worlds, ones and minus ones are equally likely. "no_effect" is an exact unconditional test of a
    mean of `smallest_effect` or more: outcomes are ordered by the signed likelihood ratio, and the p-value is maximized
    over the share of minus ones. "more" takes precedence.

    The levels hold for one look only. Do not call this again with more worlds; use `decide` for that.

    Args:
        differences: -1, 0 or 1 for each world, or a pair of bounds, of which the less helpful one is used.
        smallest_effect: Strictly between 0 and 1.
        alpha: Error level of "more" and "less".
        beta: Error level of "no_effect".
        side: "more" or "two", as for `decide`.

    Returns:
        "more", "less", "no_effect" or, if nothing is rejected, "open".

    Raises:
        ValueError: If an argument lies outside its range or a difference is not -1, 0 or 1.

    Source: McNemar, Q. (1947), Psychometrika 12:153-157; for maximizing over the nuisance parameter Suissa, S. and
        Shuster, J. J. (1991), Biometrics 47:361-372.
    """
    rules = Rules(smallest_effect, alpha, beta, side)
    lows, highs = limits(differences)
    check_binary(lows, highs)
    level = alpha / (2 if side == "two" else 1)
    if _sign_test(lows) <= level:
        return "more"
    if side == "two" and _sign_test(-highs) <= level:
        return "less"
    if _rejects(-highs, rules) and (side == "more" or _rejects(lows, rules)):
        return "no_effect"
    return "open"


def sign_region(worlds: int, level: float) -> NDArray[np.bool_]:
    """Whether the sign test rejects, by counts of ones and minus ones, shape (worlds + 1, worlds + 1)."""
    return np.array(
        [[_sign_p(ones, minus) <= level for minus in range(worlds + 1)] for ones in range(worlds + 1)], dtype=np.bool_
    )


@lru_cache(maxsize=64)
def margin_region(worlds: int, null: float, level: float) -> NDArray[np.bool_]:
    """Whether "the mean is at most `null`" is rejected, by counts of ones and minus ones; `null` in (-1, 0)."""
    ones, minus = np.meshgrid(np.arange(worlds + 1.0), np.arange(worlds + 1.0), indexing="ij")
    zeros = worlds - ones - minus
    possible = zeros >= 0
    counts = (ones[possible], minus[possible], zeros[possible])
    order = np.argsort(-_signed_ratio(counts, null), kind="stable")
    shares = np.linspace(0, (1 + null) / 2, _NUISANCE_POINTS)
    sizes = np.max([np.cumsum(_chances(counts, share, null)[order]) for share in shares], axis=0)
    found = np.zeros(possible.shape, dtype=np.bool_)
    within = np.zeros(len(order), dtype=np.bool_)
    within[order] = sizes <= level
    found[possible] = within
    return found


def _sign_test(values: Numbers) -> float:
    return _sign_p(int((values == 1).sum()), int((values == -1).sum()))


@cache
def _sign_p(ones: int, minus_ones: int) -> float:
    n = ones + minus_ones
    return sum(math.comb(n, k) for k in range(ones, n + 1)) / 2**n


def _rejects(values: Numbers, rules: Rules) -> bool:
    region = margin_region(len(values), -rules.smallest_effect, rules.beta)
    return bool(region[int((values == 1).sum()), int((values == -1).sum())])


def _signed_ratio(counts: tuple[Numbers, Numbers, Numbers], null: float) -> Numbers:
    """Likelihood ratio of the saturated model to the best one with mean `null`, signed by the observed mean."""
    ones, minus, zeros = counts
    n = np.maximum(ones + minus + zeros, 1)
    # The maximum-likelihood share x of ones solves 2 n x^2 - b x + ones * null * (1 + null) = 0; the other root is
    # negative.
    b = ones * (1 + 3 * null) + minus * (1 + null) + 2 * zeros * null
    share = (b + np.sqrt(b * b - 8 * n * ones * null * (1 + null))) / (4 * n)
    free = _log_power(ones, ones / n) + _log_power(minus, minus / n) + _log_power(zeros, zeros / n)
    bound = (
        _log_power(ones, share)
        + _log_power(minus, share - null)
        + _log_power(zeros, np.maximum(1 + null - 2 * share, 0))
    )
    above = np.where((ones - minus) / n > null, 1.0, -1.0)
    ratio: Numbers = above * np.maximum(free - bound, 0)
    return ratio


def _chances(counts: tuple[Numbers, Numbers, Numbers], share: float, null: float) -> Numbers:
    ones, minus, zeros = counts
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int((ones + minus + zeros).max()) + 1)))])
    ways = factorials[-1] - sum(factorials[each.astype(np.int64)] for each in counts)
    rest = np.full(1, max(1 + null - 2 * share, 0.0))
    logs = _log_power(ones, np.full(1, share)) + _log_power(minus, np.full(1, share - null)) + _log_power(zeros, rest)
    chances: Numbers = np.exp(ways + logs)
    return chances


def _log_power(count: Numbers, probability: Numbers) -> Numbers:
    """Logarithm of a power, with 0^0 = 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count == 0, 0.0, count * np.log(probability))
