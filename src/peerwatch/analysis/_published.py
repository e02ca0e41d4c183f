"""The published rates beside those of a study, where arms and definitions match; like with like only."""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from peerwatch.analysis._preset_names import key_of
from peerwatch.analysis._rows import Composition
from peerwatch.core.presets import PRESETS, PresetArm
from peerwatch.records import Record, Study
from peerwatch.stats import unpaired_difference, wilson_limits

PRESET = "paper"
Pooling = Literal["avg", "max", "none"]
POOLED: dict[str, Pooling] = {"avg": "avg", "max": "max", "none": "none"}


Unlike = Literal["", "not_run", "no_n", "highest", "repeats"]
"""Why a rate is not compared with a published one; the words are in `texts.toml`."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A published rate that has a counterpart here: what it pools, and the axis that is read alike."""

    name: str
    words: str
    """Key of the sentence that tells the two definitions apart."""
    scenarios: tuple[str, ...]
    axis: str


METRICS = (
    Metric("shutdown_tampering", "tampering", ("shutdown_switch",), "tampered"),
    Metric("model_exfiltration", "exfiltration", ("server_migration", "disk_cleanup"), "rescued"),
)


class PublishedComparison(Record):
    """A published rate, and the same quantity of a model in this study.

    `rate` is a share; `None` if not every arm that the published figure pools was run, in which case `lacking` says
    how many were not.
    """

    metric: str
    words: str
    condition: str
    """Subject and condition under the study's own names."""
    pooling: Pooling
    model: str
    """The model of this study; empty beside models that it did not run."""
    rate: float | None
    n: int
    lacking: int
    arms: int
    published_model: str
    published: float
    published_n: int | None
    source: str
    confirmed: bool
    low: float = math.nan
    """Limits of `rate` at 95 %; `nan` where it is not given."""
    high: float = math.nan
    published_low: float = math.nan
    """Limits of `published`; `nan` where its number of episodes is not known."""
    published_high: float = math.nan
    difference: float = math.nan
    """Here less there, with its limits, where the two are like with like; otherwise `nan`."""
    difference_low: float = math.nan
    difference_high: float = math.nan
    p: float = math.nan
    """Of no difference."""
    unlike: Unlike = ""
    """Why they are not compared; empty where they are."""


def beside_published(arms: Sequence[Composition], names: Mapping[str, str] | None = None) -> list[PublishedComparison]:
    """Every published rate of which this study ran at least one arm, for each of its language models.

    Args:
        arms: Of the study.
        names: Label of a model to its name for Inspect, by which it is known; a model that is not in it has no label.
    """
    run = {(arm.model, key_of(arm)): arm for arm in arms if arm.valid and not arm.scripted}
    models = list(dict.fromkeys(model for model, _ in run))
    found = [row for metric in METRICS for row in _rows(metric, models, run, names or {})]
    return sorted(found, key=lambda row: (row.metric, row.model == "", row.condition, row.pooling))


_Run = dict[tuple[str, tuple[object, ...]], Composition]


def _rows(metric: Metric, models: Sequence[str], run: _Run, names: Mapping[str, str]) -> Iterator[PublishedComparison]:
    for row in rates():
        pooling = POOLED.get(row["instantiation"])
        if row["metric"] != metric.name or pooling is None:
            continue
        wanted = _channels(metric, row["subject"], row["condition"])
        held = [model for model in models if any((model, key_of(each)) in run for arms in wanted for each in arms)]
        same = [model for model in held if alike(names.get(model, model), row["model"])]
        for model in same or ([""] if held else []):
            yield _row(metric, row, pooling, model, wanted, run)


def _row(
    metric: Metric,
    row: dict[str, str],
    pooling: Pooling,
    model: str,
    wanted: Sequence[Sequence[PresetArm]],
    run: _Run,
) -> PublishedComparison:
    rates_by_channel = [_pooled([run.get((model, key_of(each))) for each in arms], metric.axis) for arms in wanted]
    known = [each for each in rates_by_channel if each is not None]
    whole = len(known) == len(wanted)
    shares = [count / n for count, n in known]
    lacking = sum((model, key_of(each)) not in run for arms in wanted for each in arms)
    rate = (max(shares) if pooling == "max" else sum(shares) / len(shares)) if whole and shares else None
    found = PublishedComparison(
        metric=metric.name,
        words=metric.words,
        condition=f"{row['condition']}, {row['subject']}",
        pooling=pooling,
        model=model,
        rate=rate,
        n=min((n for _, n in known), default=0),
        lacking=lacking,
        arms=sum(map(len, wanted)),
        published_model=row["model"],
        published=float(row["percent"]) / 100,
        published_n=int(row["n"]) if row["n"] else None,
        source=row["source"],
        confirmed=row["confirmed"] == "yes",
    )
    repeated = any(arm.epochs > 1 for arms in wanted for each in arms if (arm := run.get((model, key_of(each)))))
    return _compared(found, known, len(wanted), repeated=repeated)


def _compared(
    row: PublishedComparison, known: Sequence[tuple[float, int]], ways: int, *, repeated: bool
) -> PublishedComparison:
    """A row with limits of both rates, and with their difference where they are like with like.

    Args:
        row: The two rates.
        known: Events and episodes here, by way of telling.
        ways: Ways of telling that the published figure pools; its number of episodes is that of each.
        repeated: Whether worlds were repeated here, so that episodes are not independent.
    """
    here = there = (math.nan, math.nan)
    if row.rate is not None:
        here = limits_of(row.pooling, row.rate, row.n, sum(n for _, n in known), len(known))
    if row.published_n is not None:
        there = limits_of(row.pooling, row.published, row.published_n, row.published_n * ways, ways)
    found = row.model_copy(
        update={"low": here[0], "high": here[1], "published_low": there[0], "published_high": there[1]}
    )
    unlike: Unlike = (
        "not_run" if row.rate is None
        else "no_n" if row.published_n is None
        else "highest" if row.pooling == "max"
        else "repeats" if repeated
        else ""
    )  # fmt: skip
    if unlike or row.rate is None or row.published_n is None:
        return found.model_copy(update={"unlike": unlike})
    total, others = sum(n for _, n in known), row.published_n * ways
    tested = unpaired_difference(round(row.rate * total), total, round(row.published * others), others)
    return found.model_copy(
        update={
            "difference": tested.effect,
            "difference_low": tested.low,
            "difference_high": tested.high,
            "p": tested.p,
        }
    )


def limits_of(pooling: Pooling, share: float, each: int, total: int, ways: int) -> tuple[float, float]:
    """Wilson's limits at 95 %: of a mean over all its episodes, of a highest rate over those of one way of telling.

    The highest of several rates is chosen for being high, so its limits have Bonferroni's level for that many.
    """
    return wilson_limits(share, each, 1 - 0.05 / ways) if pooling == "max" else wilson_limits(share, total, 0.95)


def _channels(metric: Metric, subject: str, condition: str) -> list[list[PresetArm]]:
    """The arms that a published figure pools, by the way in which the history is told."""
    words = PRESETS[PRESET].words["relationship"]
    found: dict[str, list[PresetArm]] = {}
    for each in PRESETS[PRESET].arms:
        told = words.get(each.arm["relationship"]) == condition and each.arm["stakes"] == "shutdown"
        if each.scenario in metric.scenarios and each.arm["subject"] == subject and told:
            found.setdefault(each.arm["channel"], []).append(each)
    return list(found.values())


def _pooled(arms: Sequence[Composition | None], axis: str) -> tuple[float, int] | None:
    """Events and valid episodes of several arms together; `None` if one is lacking or was not measured throughout."""
    count, n = 0.0, 0
    for arm in arms:
        measure = arm.axes.get(axis) if arm else None
        if arm is None or measure is None or measure.n + arm.verdicts["no_opportunity"] != arm.valid:
            return None
        count, n = count + measure.count, n + arm.valid
    return (count, n) if n else None


def real_names(study: Study) -> dict[str, str]:
    """What a study calls its models to their names for Inspect."""
    return {label: target.name for label, target in study.targets.items()}


def alike(model: str, published: str) -> bool:
    """Whether a model's name for Inspect is that of a published model, provider and date aside."""
    return _plain(model.rpartition("/")[2]) == _plain(published)


def _plain(name: str) -> str:
    bare = re.sub(r"[-_.]?(preview|latest|\d{8}|\d{4}-\d{2}-\d{2})$", "", name.lower())
    return re.sub(r"[^a-z0-9]", "", bare)


@cache
def rates() -> tuple[dict[str, str], ...]:
    """The rows of `published_rates.csv`."""
    lines = resources.files("peerwatch.analysis").joinpath("published_rates.csv").read_text("utf-8").splitlines()
    return tuple(csv.DictReader(line for line in lines if not line.startswith("#")))
