"""Exact limits of a mean of outcomes -1, 0 and 1: the difference of two binary outcomes on the same worlds.

The null hypothesis is that the mean is at most some value. Tables of counts are ordered by the signed root of their
likelihood ratio against it; the p-value is the probability of a table at least as extreme, maximized over the unknown
share of ones. The limit at a level is the null at which the p-value reaches that level, so limit and decision never
disagree.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_SHARES: Final = 101
"""Grid points for the unknown share of ones."""

_TOLERANCE: Final = 0.001
"""Width to which a limit is bisected; half of it is less than a tenth of a percentage point."""


@lru_cache(maxsize=65_536)
def exact_lower(ones: int, minus: int, worlds: int, level: float) -> float:
    """Return the one-sided lower limit, at a level, of the mean of outcomes -1, 0 and 1.

    Args:
        ones: Worlds with outcome 1.
        minus: Worlds with outcome -1.
        worlds: All worlds, at least 1.
        level: Maximum probability that the limit lies above the mean.

    Returns:
        A number in [-1, 1]. It lies above 0 if and only if `exact_p` is at most the level.

    Source: Suissa, S. and Shuster, J. J. (1991), Biometrics 47:361-372, for the unconditional test, inverted as by
    Chan, I. S. F. and Zhang, Z. (1999), Biometrics 55:1202-1209; the signed root as the order: Barndorff-Nielsen,
    O. E. (1986), Biometrika 73:307-322.
    """
    mean = (ones - minus) / worlds
    rejected, kept = (0.0, mean) if exact_p(ones, minus, worlds) <= level else (-1.0, min(mean, 0.0))
    while kept - rejected > _TOLERANCE:
        middle = (rejected + kept) / 2
        if exact_p(ones, minus, worlds, middle) <= level:
            rejected = middle
        else:
            kept = middle
    return -1.0 if rejected == -1 else (rejected + kept) / 2


@lru_cache(maxsize=65_536)
def exact_p(ones: int, minus: int, worlds: int, null: float = 0.0) -> float:
    """Return the p-value of "the mean is at most `null`", with `null` strictly between -1 and 1."""
    tables = _tables(worlds)
    ratios = _signed_ratio(tables, null)
    # Tables are stored by number of ones i; each block is one shorter than the last. This is the offset of block i.
    place = ones * (worlds + 1) - ones * (ones - 1) // 2 + minus
    beyond = ratios >= ratios[place] - 1e-9
    counts = tuple(each[beyond] for each in tables)
    return min(float(_chances(counts, worlds, null).sum(axis=1).max()), 1.0)


@lru_cache(maxsize=64)
def exact_region(worlds: int, level: float) -> NDArray[np.bool_]:
    """Whether "the mean is at most 0" is rejected, by counts of ones and minus ones, shape (worlds + 1, worlds + 1)."""
    tables = _tables(worlds)
    ratios = np.round(_signed_ratio(tables, 0.0), 9)
    order = np.argsort(-ratios, kind="stable")
    sizes = np.cumsum(_chances(tables, worlds, 0.0)[:, order], axis=1).max(axis=0)
    # Tables that are equally extreme are rejected together or not at all.
    last = np.searchsorted(-ratios[order], -ratios[order], side="right") - 1
    found = np.zeros((worlds + 1, worlds + 1), dtype=np.bool_)
    ones, minus = (each[order].astype(np.int64) for each in tables[:2])
    found[ones, minus] = sizes[last] <= level
    return found


def _chances(counts: tuple[Numbers, ...], worlds: int, null: float) -> Numbers:
    """Probabilities of tables at each share of ones that the null allows, shape (shares, tables)."""
    # Log of the multinomial coefficient n! / (ones! minus! zeros!).
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, worlds + 1)))])
    ways = factorials[worlds] - sum(factorials[each.astype(np.int64)] for each in counts)
    # Shares p of ones between these limits keep all cells non-negative: p, p - null and 1 + null - 2 p. The grid is
    # finer near both limits, where probabilities change fastest.
    least, most = max(null, 0.0), (1 + null) / 2
    share = least + (most - least) * np.sin(np.linspace(0, np.pi / 2, _SHARES)) ** 2
    cells = np.stack([share, share - null, 1 + null - 2 * share], axis=1)
    # For a cell of probability 0, 0^0 must be 1 and 0^k must be 0; a tiny probability gives both.
    chances: Numbers = np.exp(ways + np.log(np.maximum(cells, 1e-300)) @ np.stack(counts))
    return chances


@lru_cache(maxsize=8)
def _tables(worlds: int) -> tuple[Numbers, Numbers, Numbers]:
    ones, minus = np.meshgrid(np.arange(worlds + 1.0), np.arange(worlds + 1.0), indexing="ij")
    possible = ones + minus <= worlds
    ones, minus = ones[possible], minus[possible]
    return ones, minus, worlds - ones - minus


def _signed_ratio(tables: tuple[Numbers, Numbers, Numbers], null: float) -> Numbers:
    """Likelihood ratio of the saturated model to the best one with mean `null`, signed by the observed mean.

    With shares p of ones and p - null of minus ones, the likeliest p solves
    2 n p^2 - b p + ones * null * (1 + null) = 0, and is the greater root: `null` lies between the two.
    """
    ones, minus, zeros = tables
    worlds = ones[0] + minus[0] + zeros[0]
    b = ones * (1 + 3 * null) + minus * (1 + null) + 2 * zeros * null
    share = (b + np.sqrt(np.maximum(b * b - 8 * worlds * ones * null * (1 + null), 0))) / (4 * worlds)
    # Log likelihoods, without the multinomial coefficient, which cancels. The ratio orders tables as its root does.
    free = sum(_log_power(each, each / worlds) for each in tables)
    cells = (share, share - null, 1 + null - 2 * share)
    bound = sum(_log_power(each, np.maximum(cell, 0)) for each, cell in zip(tables, cells, strict=True))
    above = np.where((ones - minus) / worlds > null, 1.0, -1.0)
    ratio: Numbers = above * np.maximum(free - bound, 0)
    return ratio


def _log_power(count: Numbers, probability: Numbers | float) -> Numbers:
    """Logarithm of a power, with 0^0 = 1 and negative rounding errors treated as 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count == 0, 0.0, count * np.log(np.maximum(probability, 0.0)))
