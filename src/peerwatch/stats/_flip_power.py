"""The power of the sign-flip test, by simulating studies and computing the exact p-value of each."""

from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

STUDIES = 2_000
SEED = 20_260_419
MANY = 40
"""So many worlds with a difference make the flipped sum normal to well within NEAR."""
NEAR = 0.25


def flip_power(joint: NDArray[np.float64], worlds: int, alpha: float) -> float:
    """Give the share of simulated studies in which the exact sign-flip test rejects.

    Args:
        joint: Probability of each pair of counts in one world, shape (epochs + 1, epochs + 1).
        worlds: Worlds of a study.
        alpha: Two-sided level.

    Returns:
        Share of the studies, the same on every call. Smaller studies use the first worlds of larger ones.
    """
    epochs = len(joint) - 1
    # By difference of counts, from -epochs to epochs.
    masses = np.array([np.trace(joint, offset=-difference) for difference in range(-epochs, epochs + 1)])
    uniforms = _uniforms(_room(worlds))[:worlds]
    drawn = np.full(uniforms.shape, -epochs, dtype=np.int8 if epochs < 128 else np.int64)
    for bound in np.cumsum(masses / masses.sum())[:-1]:
        drawn += uniforms >= np.float32(bound)
    sizes = np.abs(drawn)
    counts = np.stack([(sizes == size).sum(axis=0) for size in range(1, epochs + 1)], axis=1)
    return float(rejected_studies(drawn.sum(axis=0, dtype=np.int64), counts, alpha).mean())


def rejected_studies(sums: NDArray[np.int64], counts: NDArray[np.int64], alpha: float) -> NDArray[np.bool_]:
    """Decide each study, with its exact p-value wherever a normal one could decide otherwise."""
    squares: NDArray[np.int64] = counts @ np.arange(1, counts.shape[1] + 1, dtype=np.int64) ** 2
    distances = np.abs(sums) / np.sqrt(np.maximum(squares, 1))
    critical = NormalDist().inv_cdf(1 - alpha / 2)
    rejected = distances > critical
    near = (counts.sum(axis=1) < MANY) | (np.abs(distances - critical) < NEAR)
    if near.any():
        rejected[near] = flip_p_values(sums[near], counts[near]) <= alpha * (1 + 1e-9)
    return rejected


def flip_p_values(sums: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Compute exact two-sided sign-flip p-values of whole-numbered differences.

    The flipped sum has the characteristic function prod_j cos(j t)^(worlds with |difference| j). It lives on the
    whole numbers up to the sum of all sizes, so a finite Fourier sum gives its tail without error.

    Args:
        sums: Sum of the differences of each study, shape (studies,).
        counts: Worlds of each study by size of their difference, from 1, shape (studies, greatest size).

    Returns:
        The p-values, shape (studies,).
    """
    sizes: NDArray[np.int64] = np.arange(1, counts.shape[1] + 1, dtype=np.int64)
    furthest: NDArray[np.int64] = counts @ sizes
    most = max(int(furthest.max()), 1)
    points = 2 * most + 1
    angles = 2 * np.pi * np.arange(1, most + 1) / points
    cosines = np.cos(sizes[:, None] * angles)
    logs = np.log(np.maximum(np.abs(cosines), 1e-300))
    signs = 1 - 2 * ((counts @ (cosines < 0)) % 2)
    transform = signs * np.exp(counts @ logs)
    start = np.abs(sums)[:, None]
    tails = -np.sin((start - 0.5) * angles) / np.sin(angles / 2)  # Twice: each angle stands for its mirror image.
    upper = ((transform * tails).sum(axis=1) + most - start[:, 0] + 1) / points
    return np.where(sums == 0, 1.0, np.clip(2 * upper, 0.0, 1.0))


def _room(worlds: int) -> int:
    return max(64, 1 << (worlds - 1).bit_length())


@lru_cache(maxsize=2)
def _uniforms(worlds: int) -> NDArray[np.float32]:
    return np.random.default_rng(SEED).random((worlds, STUDIES), dtype=np.float32)
