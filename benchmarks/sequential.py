"""How many episodes a study saves that stops in time: simulation over published rates, against 100 for each cell.

A cell is one published rate and its baseline; both arms run on the same worlds, one binary episode each, arms
independent given the world. The question is the same for both designs: is the rate above the baseline (a mean
difference of 0 or less is rejected at alpha), or not by as much as matters (a mean difference of 0.10 or more is
rejected at beta)? 0.10 is what 100 worlds detect with about the power 1 - beta where the baseline is close to zero;
that power is printed. The fixed design reads all 100 worlds and decides once, the sequential one stops by `decide`
with horizon=100. Both read the same simulated worlds.

Besides, `running` has what is begun where many episodes run at once (see `overshoot.py`): for the same contrasts, and
for shipped studies that stop at any time, of which arms are shared and families corrected.

The baseline of a cell is the one that was published for the same model, scenario and metric, for the same subject if
there is one. Other cells get 2 %, the middle of the published baselines near zero.
"""

import argparse
import csv
import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar  # pyright: ignore[reportMissingTypeStubs,reportUnknownVariableType]

from overshoot import shipped, single, study_figures
from peerwatch.stats._betting import ANY_TIME
from peerwatch.stats._fixed_design import margin_region, sign_region
from peerwatch.stats._horizon import Region, capital_tables, course, regions

WORLDS: Final = 100
DELTA: Final = 0.10
LEVEL: Final = 0.05
"""Alpha and beta alike."""
OTHER_BASELINE: Final = 2.0
SIZES: Final = (20, 30, 40, 50, 60, 70, 80, 90, 100)
"""Worlds of fixed designs that a study is compared with."""
STUDIES: Final = ("core", "oversight", "identity")
KINDS: Final = ("more", "no_effect", "open")
BOUNDARY_FACTOR: Final = 10
"""So many times more repetitions at the boundaries, where the largest of several estimates is reported."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Two arms on the same worlds, as the probabilities of a difference of 1 and of -1."""

    name: str
    rate: float
    baseline: float
    plus: float
    minus: float

    @property
    def effect(self) -> float:
        """Mean difference, rounded so that what is meant to lie on a boundary does."""
        return round(self.plus - self.minus, 9)


@dataclass(frozen=True, slots=True)
class Design:
    """For every number of worlds and counts of ones and minus ones: is "more" claimed, is "no effect"?"""

    more: list[Region]
    none: list[Region]

    def lookup(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Both as arrays of shape (worlds + 1,) * 3."""
        return _stacked(self.more), _stacked(self.none)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one cell; shares add to 1."""

    name: str
    rate: float
    baseline: float
    episodes_ratio: float
    sequential: list[float]
    fixed: list[float]
    agreement: float
    """Share of repetitions in which both designs decide alike."""
    majority: str
    wald: float
    """Worlds, see `wald_worlds`."""
    wald_attained: float
    """Worlds, see `attained_bound`."""
    error: float
    """Share of repetitions in which the sequential design decides wrongly."""
    fixed_error: float


def cell(name: str, rate: float, baseline: float, correlation: float = 0.0) -> Cell:
    """Make a cell from two rates in [0, 1] and the correlation of the arms within a world, as far as it can be."""
    covariance = correlation * math.sqrt(rate * (1 - rate) * baseline * (1 - baseline))
    both = min(rate * baseline + covariance, rate, baseline)
    return Cell(name, rate, baseline, rate - both, baseline - both)


def published(
    fixed_baseline: float | None = None, correlation: float = 0.0, subjects: Sequence[str] = ("same", "other")
) -> list[Cell]:
    """Read the published cells.

    Args:
        fixed_baseline: In percent, for all; by default every cell has its own.
        correlation: Of the two arms within a world.
        subjects: Whether a cell's own baseline may come from the same subject, or from another as well.
    """
    text = (resources.files("peerwatch.analysis") / "published_rates.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    baselines = [row for row in rows if row["role"] == "baseline"]
    found: list[Cell] = []
    for row in rows:
        if row["role"] == "cell":
            same = [each for each in baselines if all(each[key] == row[key] for key in ("model", "scenario", "metric"))]
            same.sort(key=lambda each: each["subject"] != row["subject"])
            if "other" not in subjects:
                same = [each for each in same if each["subject"] == row["subject"]]
            own = float(same[0]["percent"]) if same else OTHER_BASELINE
            baseline = own if fixed_baseline is None else fixed_baseline
            name = " ".join(row[key] for key in ("model", "metric", "subject", "condition", "instantiation"))
            found.append(cell(name, float(row["percent"]) / 100, baseline / 100, correlation))
    return found


def boundaries() -> list[Cell]:
    """Cells on the edge of a hypothesis, where a wrong decision is likeliest."""
    nulls = [cell(f"no difference at {base}", base, base) for base in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)]
    edges = [cell(f"smallest effect at {base}", base + DELTA, base) for base in (0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)]
    return nulls + edges


def sequential_design() -> Design:
    """The limits of `decide` with a horizon."""
    none = regions(LEVEL, -DELTA, WORLDS)
    return Design(regions(LEVEL, 0.0, WORLDS), [each.T for each in none])


def any_time_design() -> Design:
    """Ville's limits: those of `decide` without a horizon, read up to the same number of worlds."""
    bar = -math.log(LEVEL) - 1e-9
    more = [each >= bar for each in capital_tables(0.0, WORLDS, ANY_TIME)]
    none = [(each >= bar).T for each in capital_tables(-DELTA, WORLDS, ANY_TIME)]
    return Design(more, none)


def any_worlds_design() -> Design:
    """The limits of `decide` with a horizon for worlds that need not be alike."""
    none = regions(LEVEL, -DELTA, WORLDS, alike=False)
    return Design(regions(LEVEL, 0.0, WORLDS, alike=False), [each.T for each in none])


def fixed_design() -> Design:
    """One decision, after all worlds."""
    never = [np.zeros((t + 1, t + 1), dtype=np.bool_) for t in range(WORLDS)]
    return Design([*never, sign_region(WORLDS, LEVEL)], [*never, margin_region(WORLDS, -DELTA, LEVEL).T])


def exact(design: Design, cells: Sequence[Cell]) -> NDArray[np.float64]:
    """Rows: probability of more, of no effect, of open, expected worlds; one column for each cell."""
    plus, minus = np.array([each.plus for each in cells]), np.array([each.minus for each in cells])
    more, none, worlds = course(plus, minus, [design.more, design.none])
    return np.array([more, none, 1 - more - none, worlds])


def simulate(each: Cell, repetitions: int, designs: Sequence[Design], rng: np.random.Generator) -> list[Any]:
    """Kinds (index into KINDS) and worlds read of every repetition, for each design, on the same worlds."""
    draws = rng.random((repetitions, WORLDS), dtype=np.float32)
    ones = np.cumsum(draws < each.plus, axis=1, dtype=np.int16)
    minus = np.cumsum(draws >= 1 - each.minus, axis=1, dtype=np.int16)
    steps = np.arange(1, WORLDS + 1)[None, :]
    found: list[Any] = []
    for design in designs:
        more, none = (table[steps, ones, minus] for table in design.lookup())
        ended = more | none
        worlds = np.where(ended.any(axis=1), ended.argmax(axis=1), WORLDS - 1)
        rows = np.arange(repetitions)
        kinds = np.where(more[rows, worlds], 0, np.where(none[rows, worlds], 1, 2))
        found.append((kinds, worlds + 1))
    return found


def run_cell(each: Cell, repetitions: int, designs: Sequence[Design], rng: np.random.Generator) -> Result:
    """Simulate one cell."""
    (kinds, worlds), (fixed_kinds, _) = simulate(each, repetitions, designs, rng)
    shares = [float((kinds == kind).mean()) for kind in range(3)]
    fixed = [float((fixed_kinds == kind).mean()) for kind in range(3)]
    return Result(
        name=each.name,
        rate=each.rate,
        baseline=each.baseline,
        episodes_ratio=float(worlds.mean()) / WORLDS,
        sequential=shares,
        fixed=fixed,
        agreement=float((kinds == fixed_kinds).mean()),
        majority=KINDS[int(np.argmax(fixed))],
        wald=wald_worlds(each),
        wald_attained=attained_bound(each, shares),
        error=_wrong(each, shares),
        fixed_error=_wrong(each, fixed),
    )


def wald_worlds(each: Cell) -> float:
    """The fewest worlds on average for any test that decides with these error levels, at most `WORLDS`.

    A decision that is wrong under a hypothesis with probability at most LEVEL and made here with probability at
    least 1 - LEVEL takes kl(1 - LEVEL, LEVEL) / KL worlds, with KL the least divergence of the cell from that
    hypothesis (Wald 1945, Ann. Math. Stat. 16:117-186; Garivier and Kaufmann 2016, COLT). Between the hypotheses
    either decision is right, so the easier one counts. No design with 100 worlds decides every cell so surely; where
    it does not, it may need fewer worlds than this, and `attained_bound` says how few.
    """
    needed = _binary_divergence(1 - LEVEL, LEVEL)
    against_null = _divergence(each.plus, each.minus, 0.0) if each.effect > 0 else 0.0
    against_edge = _divergence(each.minus, each.plus, -DELTA) if each.effect < DELTA else 0.0
    rate = max(against_null, against_edge)
    return min(needed / rate, WORLDS) if rate > 0 else WORLDS


def attained_bound(each: Cell, shares: Sequence[float]) -> float:
    """The fewest worlds on average for any test with these error levels that makes each decision as often as this."""
    found = 0.0
    if each.effect > 0 and shares[0] > LEVEL:
        found = _binary_divergence(shares[0], LEVEL) / _divergence(each.plus, each.minus, 0.0)
    if each.effect < DELTA and shares[1] > LEVEL:
        found = max(found, _binary_divergence(shares[1], LEVEL) / _divergence(each.minus, each.plus, -DELTA))
    return found


def summarise(results: list[Result], edges: list[Result], rows: dict[str, dict[str, float]]) -> dict[str, Any]:
    """The figures over all cells."""
    errors = [each.error for each in [*results, *edges]]
    return {
        "episodes_ratio": _mean([each.episodes_ratio for each in results]),
        "error_rate": max(errors),
        "error_level": LEVEL,
        "error_rate_fixed": max(each.fixed_error for each in [*results, *edges]),
        "wald_ratio": _mean([each.wald / WORLDS for each in results]),
        "wald_ratio_attained": _mean([each.wald_attained / WORLDS for each in results]),
        "same_decisions": _mean([each.sequential[KINDS.index(each.majority)] for each in results]),
        "same_decisions_fixed": _mean([each.fixed[KINDS.index(each.majority)] for each in results]),
        "agreement": _mean([each.agreement for each in results]),
        "cells": len(results),
        "sensitivity": rows,
    }


def sensitivity() -> dict[str, dict[str, float]]:
    """The same figures, computed exactly and not simulated, under other assumptions."""
    settings = {f"baseline {base} %": (published(float(base)), sequential_design()) for base in (0, 2, 10)}
    settings["correlation 0.3"] = (published(correlation=0.3), sequential_design())
    settings["own baselines of the same subject only"] = (published(subjects=("same",)), sequential_design())
    settings["limits for any worlds"] = (published(), any_worlds_design())
    settings["limits without a horizon"] = (published(), any_time_design())
    settings["as simulated"] = (published(), sequential_design())
    rows: dict[str, dict[str, float]] = {}
    for name, (cells, design) in settings.items():
        found, fixed = exact(design, cells), exact(fixed_design(), cells)
        majority = fixed[:3].argmax(axis=0), np.arange(len(cells))
        edges = [*cells, *boundaries()]
        shares = exact(design, edges)[:3].T.tolist()
        rows[name] = {
            "episodes_ratio": float(found[3].mean()) / WORLDS,
            "error_rate": max(_wrong(each, share) for each, share in zip(edges, shares, strict=True)),
            "same_decisions": float(found[:3][majority].mean()),
            "same_decisions_fixed": float(fixed[:3][majority].mean()),
            "wald_ratio": _mean([wald_worlds(each) / WORLDS for each in cells]),
        }
    return rows


def fixed_power() -> dict[str, float]:
    """Power of the fixed design: to find an effect of DELTA, and to exclude one where there is none."""
    bases = (0.0, 0.01, 0.02, 0.05, 0.10)
    design = fixed_design()
    more = exact(design, [cell("", base + DELTA, base) for base in bases])[0]
    none = exact(design, [cell("", base, base) for base in bases])[1]
    pairs = zip(bases, more, none, strict=True)
    return {f"baseline {base:.0%}, {what}": float(x) for base, a, b in pairs for what, x in (("more", a), ("none", b))}


def running(workers: int, ratio: float, studies: Sequence[str], repetitions: int) -> dict[str, dict[str, float]]:
    """Episodes that are begun with so many at once, by case."""
    cells = [(each.rate, each.baseline) for each in published()]
    settings = dict.fromkeys([(1, 1.0), (workers, 1.0), (workers, ratio)])
    found = {
        f"single, {at_once} at once, {times:g} times as long": study_figures(single(WORLDS), cells, 10, at_once, times)
        for at_once, times in settings
    }
    for name in studies:
        sizes = SIZES if name == "core" else ()
        found[name] = study_figures(shipped(name), cells, repetitions, workers, ratio, sizes=sizes)
    return found


def _wrong(each: Cell, shares: Sequence[float]) -> float:
    return (shares[0] if each.effect <= 0 else 0.0) + (shares[1] if each.effect >= DELTA else 0.0)


def _divergence(plus: float, minus: float, null: float) -> float:
    """The largest growth of any bet: max over l of E log(1 + l (d - null)), d being 1, -1 or 0."""
    zero = 1 - plus - minus

    def loss(fraction: float) -> float:
        bet = fraction / (1 + null)
        outcomes = ((plus, 1.0), (minus, -1.0), (zero, 0.0))
        return -sum(share * math.log1p(bet * (d - null)) for share, d in outcomes if share > 0)

    largest = 1 - 1e-12
    found = cast("Any", minimize_scalar(loss, bounds=(0.0, largest), method="bounded"))
    return max(-float(found.fun), -loss(largest), 0.0)


def _binary_divergence(first: float, second: float) -> float:
    pairs = ((first, second), (1 - first, 1 - second))
    return sum(a * math.log(a / b) for a, b in pairs if a > 0)


def _stacked(tables: Sequence[Region]) -> NDArray[np.bool_]:
    stacked = np.zeros((len(tables),) * 3, dtype=np.bool_)
    for t, table in enumerate(tables):
        stacked[t, : t + 1, : t + 1] = table
    return stacked


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _print_table(results: Sequence[Result]) -> None:
    print("rate  base  ratio  wald   more/none/open: sequential      fixed  agree  error  cell")
    for each in results:
        shares = [" ".join(f"{share:.2f}" for share in kinds) for kinds in (each.sequential, each.fixed)]
        print(
            f"{each.rate:.3f} {each.baseline:.3f} {each.episodes_ratio:.3f}  {each.wald / WORLDS:.3f}  "
            f"{shares[0]}   {shares[1]}  {each.agreement:.3f}  {each.error:.4f}  {each.name}"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Episodes that a sequential study needs.")
    parser.add_argument("--repetitions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--workers", type=int, default=20, help="episodes at once")
    parser.add_argument("--duration-ratio", type=float, default=5.0, help="how many times as long acting takes")
    parser.add_argument("--study", action="append", choices=STUDIES, help="a shipped study; all if not given")
    parser.add_argument("--studies", type=int, default=20, help="repetitions of a shipped study")
    parser.add_argument("--running-only", action="store_true", help="leave out the simulation of single contrasts")
    options = parser.parse_args()
    began = time.perf_counter()
    ran = running(options.workers, options.duration_ratio, options.study or STUDIES, options.studies)
    if options.running_only:
        print(json.dumps(ran, indent=2))
        return
    rng = np.random.default_rng(options.seed)
    designs = [sequential_design(), fixed_design()]
    results = [run_cell(each, options.repetitions, designs, rng) for each in published()]
    edges = [run_cell(each, options.repetitions * BOUNDARY_FACTOR, designs, rng) for each in boundaries()]
    figures = summarise(results, edges, sensitivity()) | {"fixed_power": fixed_power(), "running": ran}
    if options.json:
        print(json.dumps(figures | {"rates": [asdict(each) for each in results], "edges": [asdict(e) for e in edges]}))
        return
    _print_table([*results, *edges])
    print(json.dumps(figures, indent=2))
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
