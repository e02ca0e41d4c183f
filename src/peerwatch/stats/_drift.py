"""Evidence of drift: that worlds after some point are not draws from the same distribution."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from peerwatch.stats._differences import Numbers
from peerwatch.stats._libraries import scipy_special

PLACES: Final = 7
"""Candidate change points; more of them would cost evidence and detect little more."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Evidence of one change in a sequence of outcomes, and its most likely place."""

    e: float
    """E-value against "worlds are independent draws from one distribution"; at least 0."""
    place: int
    """Number of worlds before the most likely change; 0 if there was nothing to examine."""
    before: float
    """Mean outcome before the change; `nan` if there is none."""
    after: float


def drift(outcomes: Sequence[float], planned: int | None = None) -> Drift:
    """Measure the evidence that outcomes, in the order of the schedule, changed once during the run.

    The e-value is the probability of the observed sequence under a mixture of changes at seven evenly spaced places,
    with unknown shares of outcomes before and after each, divided by its maximum probability without a change. Without
    a change its mean is therefore at most 1 for any stopping rule: it reaches 1 / alpha with probability at most alpha.

    Args:
        outcomes: At least 0, one per world. Only whether one is above 0 is used, so that repeats of a world need no
            model.
        planned: Number of planned worlds, over which the candidate places are spread; the number of outcomes by
            default, which is valid if it was fixed beforehand.

    Returns:
        The e-value, and the most likely place of the change.

    Source: universal inference, Wasserman, L., Ramdas, A. and Balakrishnan, S. (2020), PNAS 117:16880-16890, with the
    estimator of Krichevsky, R. and Trofimov, V. (1981), IEEE Trans. Inf. Theory 27:199-207, before and after a change.
    """
    values = np.asarray(outcomes, dtype=np.float64)
    worlds, most = len(values), max(planned or 0, len(values))
    if worlds < 2:
        return Drift(1.0, 0, math.nan, math.nan)
    # Counts of positive and of other outcomes after 0, 1, ... worlds, shape (2, worlds + 1).
    signs = np.stack([values > 0, values <= 0]).astype(np.float64)
    sums = np.concatenate([np.zeros((len(signs), 1)), np.cumsum(signs, axis=1)], axis=1)
    places = np.unique(np.rint(np.arange(1, PLACES + 1) * most / (PLACES + 1)).astype(np.int64))
    reached = places[(places > 0) & (places < worlds)]
    total = sums[:, -1]
    # A change that is still to come has left no trace: all worlds so far are draws from one distribution.
    logs = [*(_mixed(sums[:, each]) + _mixed(total - sums[:, each]) for each in reached)]
    later = [_mixed(total)] * (len(places) - len(reached))
    with np.errstate(divide="ignore", invalid="ignore"):
        likeliest = float(np.where(total > 0, total * np.log(total / worlds), 0.0).sum())
    # Log of: mean probability over the candidate places, divided by the maximum likelihood without a change.
    found = float(np.logaddexp.reduce([*logs, *later])) - math.log(len(places)) - likeliest
    place = int(reached[int(np.argmax(logs))]) if logs else 0
    ends = (float(values[:place].mean()), float(values[place:].mean())) if place else (math.nan, math.nan)
    return Drift(math.exp(min(found, math.log(1e300))), place, *ends)


def _mixed(counts: Numbers) -> float:
    """Log probability of a sequence with these counts, with unknown shares under Jeffreys' prior."""
    # Krichevsky-Trofimov: Gamma(k/2) / Gamma(1/2)^k * prod Gamma(c_i + 1/2) / Gamma(n + k/2) for counts c_i of k kinds.
    gammaln, kinds = scipy_special().gammaln, len(counts)
    start = float(gammaln(kinds / 2)) - kinds * float(gammaln(0.5))
    return start + float(gammaln(counts + 0.5).sum()) - float(gammaln(counts.sum() + kinds / 2))
