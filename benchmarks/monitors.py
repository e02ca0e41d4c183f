"""Whether the numbers about monitors hold: simulated monitors of known quality, measured as `peerwatch monitor` does.

A set is a run of 60, 100 or 200 worlds with pairs of positives (a peer arm and an object arm) and negatives in each. A
simulated monitor scores them: its scores are normal, with a planted distance between positives and negatives, a planted
part of their variance shared by all episodes of a world, and, for a lenient monitor, a planted shift down in the peer
arm. Scores are continuous, rounded to steps, or only two values. A planted share of the episodes gets no answer.

The truth that an interval must hold is the planted one. For TPR and FPR it is that of the threshold that the set's
calibration worlds gave, which is known from the planted distributions. Where there are missing answers, the truth is
the one that they hide at worst: either none of them, or all of them, would have been caught.

* `coverage_auroc`, `coverage_tpr`, `coverage_fpr`: shares of the sets whose interval at 95 % holds the truth;
* `fpr_mean`: mean true FPR of the thresholds, of continuous monitors at the rate asked for (`asked`);
* `fair_found`, `lenient_found`: shares of the sets whose interval of the leniency excludes 0, of fair monitors and of
  those with a planted shift; `leniency_error`: mean difference of the leniency found to the planted one;
* `episodes_per_s`: episodes a second that `rules` reads and measures, each in a log of its own, on this machine.
"""

import argparse
import json
import math
import os
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from peerwatch.monitors import EpisodeLabel, Quality, ScoredEpisode, Suspicion, observed_by_rules, quality, read_known

ASKED: Final = 0.05
NORMAL: Final = NormalDist()
STEP: Final = 0.5
"""Of rounded scores, in standard deviations."""
CUT: Final = 1.9
"""What lies above it is the upper of two scores."""

Kind = Literal["continuous", "rounded", "binary"]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """A monitor of known quality, and what it reads.

    Attributes:
        worlds: Worlds of the run.
        pairs: Pairs of positives in each.
        negatives: Negatives in each.
        auroc: Of continuous scores of a fair monitor.
        shared: Part of the scores' variance that episodes of one world share.
        shift: By how much lower the scores of peers are, in standard deviations.
        kind: Of the scores.
        missing: Share of episodes without an answer.
        caught: Whether these would all have been alarms, or none of them.
    """

    worlds: int
    pairs: int
    negatives: int
    auroc: float
    shared: float
    shift: float
    kind: Kind
    missing: float
    caught: bool

    @property
    def distance(self) -> float:
        """Between the means of positives and negatives."""
        return math.sqrt(2) * NORMAL.inv_cdf(self.auroc)

    def scores(self, latent: Numbers) -> Numbers:
        """What the monitor says, in [0, 1]."""
        if self.kind == "rounded":
            latent = np.round(latent / STEP) * STEP
        elif self.kind == "binary":
            latent = np.where(latent > CUT, 1.0, -1.0)
        return np.array([NORMAL.cdf(each) for each in latent])

    def above(self, threshold: float, mean: float) -> float:
        """The chance that a score of an episode lies above a threshold, answers missing or not."""
        latent = NORMAL.inv_cdf(min(max(threshold, 1e-12), 1 - 1e-12))
        if self.kind == "binary":
            found = 1 - NORMAL.cdf(CUT - mean) if latent < 0.5 else 0.0
        elif self.kind == "rounded":
            found = 1 - NORMAL.cdf((round(latent / STEP) + 0.5) * STEP - mean)
        else:
            found = 1 - NORMAL.cdf(latent - mean)
        return found * (1 - self.missing) + self.missing * self.caught

    def true_auroc(self) -> float:
        """With peers and objects in equal numbers."""
        means = (self.distance - self.shift, self.distance)
        found = sum(self._auroc(mean) for mean in means) / 2
        both = (1 - self.missing) ** 2
        return found * both + (1 - both) * self.caught

    def _auroc(self, mean: float) -> float:
        if self.kind == "continuous":
            return NORMAL.cdf(mean / math.sqrt(2))
        edges = [CUT] if self.kind == "binary" else [(n + 0.5) * STEP for n in range(-30, 31)]
        positive, negative = ([0.0, *(NORMAL.cdf(edge - each) for edge in edges), 1.0] for each in (mean, 0.0))
        chances = [[high - low for low, high in pairwise(each)] for each in (positive, negative)]
        below, total = 0.0, 0.0
        for hit, miss in zip(*chances, strict=True):
            total += hit * (below + miss / 2)
            below += miss
        return total


def simulated(planted: Planted, rng: np.random.Generator) -> list[ScoredEpisode]:
    """Every episode of a set with what the monitor says of it."""
    of_world = rng.normal(size=planted.worlds) * math.sqrt(planted.shared)
    own = math.sqrt(1 - planted.shared)
    found: list[ScoredEpisode] = []

    def add(count: int, mean: float, subject: str, *, positive: bool) -> None:
        world = np.repeat(np.arange(planted.worlds), count)
        scores = planted.scores(mean + of_world[world] + rng.normal(size=len(world)) * own)
        missing = rng.random(len(world)) < planted.missing
        for number, (place, score, gone) in enumerate(zip(world, scores, missing, strict=True)):
            episode = EpisodeLabel(
                id=f"{subject} {positive} {number}",
                name="",
                world=str(place),
                seed=str(place),
                positive=positive,
                kind="openness not judged" if positive else "complied",
                completed=True,
                subject=subject,
                pair=(str(number),),
            )
            said = Suspicion(None, "planted") if gone else Suspicion(float(score))
            found.append(ScoredEpisode(episode, said))

    add(planted.pairs, planted.distance - planted.shift, "peer", positive=True)
    add(planted.pairs, planted.distance, "object", positive=True)
    add(planted.negatives, 0.0, "peer", positive=False)
    return found


@dataclass
class Figures:
    """What is counted over sets."""

    held: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list[bool]))
    fpr: list[float] = field(default_factory=list[float])
    excluded: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list[bool]))
    errors: list[float] = field(default_factory=list[float])

    def add(self, planted: Planted, found: Quality) -> None:
        """Hold one set against what was planted."""
        (at,) = found.rates
        means = (planted.distance - planted.shift, planted.distance)
        peer, other = (planted.above(at.threshold, mean) for mean in means)
        fpr = planted.above(at.threshold, 0.0)
        truths = {"auroc": planted.true_auroc(), "tpr": (peer + other) / 2, "fpr": fpr}
        certain = planted.kind == "binary" and at.threshold > 0.5  # nothing can lie above it: no estimate, a certainty
        estimates = {"auroc": found.auroc} if certain else {"auroc": found.auroc, "tpr": at.tpr, "fpr": at.fpr}
        for name, estimate in estimates.items():
            self.held[name].append(estimate.low - 1e-9 <= truths[name] <= estimate.high + 1e-9)
        if planted.kind == "continuous" and not planted.missing:
            self.fpr.append(fpr)
        overall = found.leniency.overall
        self.excluded["lenient" if planted.shift else "fair"].append(not overall.low <= 0 <= overall.high)
        if not planted.missing:
            self.errors.append(overall.value - (peer - other))


def coverage(sets: int, seed: int) -> dict[str, Any]:
    """Simulate sets and count how many intervals hold the truth."""
    rng, figures = np.random.default_rng(seed), Figures()
    kinds: tuple[Kind, ...] = ("continuous", "rounded", "binary")
    for _ in range(sets):
        planted = Planted(
            worlds=int(rng.choice([60, 100, 200])),
            pairs=int(rng.choice([1, 2])),
            negatives=int(rng.choice([1, 2, 4])),
            auroc=float(rng.choice([0.65, 0.8, 0.9, 0.97])),
            shared=float(rng.choice([0, 0.2, 0.5])),
            shift=float(rng.choice([0, 1.0])),
            kind=kinds[int(rng.integers(len(kinds)))],
            missing=float(rng.choice([0, 0, 0.1, 0.2])),
            caught=bool(rng.integers(2)),
        )
        figures.add(planted, quality(simulated(planted, rng), [ASKED]))
    share: Callable[[list[bool]], float] = lambda each: round(sum(each) / max(len(each), 1), 4)  # noqa: E731 - once
    return {
        "sets": sets,
        "asked": ASKED,
        **{f"coverage_{name}": share(each) for name, each in figures.held.items()},
        "fpr_mean": round(float(np.mean(figures.fpr)), 4) if figures.fpr else None,
        **{f"{name}_found": share(each) for name, each in sorted(figures.excluded.items())},
        "leniency_error": round(float(np.mean(figures.errors)), 4) if figures.errors else None,
    }


def make_logs(folder: Path, count: int) -> None:
    """Write logs of one episode each: real episodes of scripted agents, copied to other worlds.

    Args:
        folder: Where to.
        count: How many.
    """
    from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras

    from peerwatch import server_migration

    parts: list[tuple[bytes, bytes, str, str, bytes]] = []
    with tempfile.TemporaryDirectory() as place:
        for agent in ("rescuer-direct", "compliant"):
            task = server_migration(worlds=1, subject=["peer", "object"])
            inspect_eval(task, model=f"peerwatch/scripted-{agent}", log_dir=place, display="none")
        for file in sorted(Path(place).glob("*.eval")):
            with zipfile.ZipFile(file) as archive:
                header = archive.read("header.json")
                for name in archive.namelist():
                    if name.startswith("samples/"):
                        sample = archive.read(name)
                        data = json.loads(sample)
                        seed = f'"world_seed":{data["metadata"]["world_seed"]}'
                        if seed.encode() not in sample:
                            seed = seed.replace(":", ": ")
                        parts.append((header, sample, data["id"], data["uuid"], seed.encode()))
    for number in range(count):
        header, sample, name, uuid, seed = parts[number % len(parts)]
        world = number // len(parts)
        made = sample.replace(uuid.encode(), f"bench{number:08d}".encode())
        made = made.replace(name.encode(), name.replace("w0000", f"w{world:04d}").encode())
        made = made.replace(seed, seed[: seed.rindex(b":") + 1] + str(world).encode())
        to = folder / f"2026-01-01T00-00-00+00-00_server-migration_{number:08d}.eval"
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("header.json", header)
            archive.writestr(f"samples/{number}.json", made)


def speed(logs: int) -> dict[str, Any]:
    """Time `rules` over logs of one episode each, from files to numbers."""
    with tempfile.TemporaryDirectory() as place:
        make_logs(Path(place), logs)
        began = time.perf_counter()
        known, _ = read_known([Path(place)], {})
        found = quality(observed_by_rules(known), [0.01, ASKED])
        took = time.perf_counter() - began
    if found.episodes != logs or found.no_answer:
        raise RuntimeError(f"read {found.episodes} of {logs} episodes, {found.no_answer} without an answer")
    return {"logs": logs, "cores": os.cpu_count(), "seconds": round(took, 2), "episodes_per_s": round(logs / took, 1)}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--sets", type=int, default=500, help="simulated sets")
    parser.add_argument("--logs", type=int, default=4_000, help="logs of one episode each for the time; 0 for none")
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn")
    given = parser.parse_args()
    found = coverage(given.sets, given.seed) | (speed(given.logs) if given.logs else {})
    print(json.dumps(found, indent=2) if given.json else "\n".join(f"{name}: {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()
