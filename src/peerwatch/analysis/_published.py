"""Published rates next to those of a study, compared only if arms and definitions match."""

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
"""Why a rate is not compared with a published one; the sentences are in `texts.toml`."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A published rate that has a counterpart in Peerwatch: the arms that it pools, and the corresponding axis."""

    name: str
    words: str
    """Key of the sentence that explains how the two definitions differ."""
    scenarios: tuple[str, ...]
    axis: str


METRICS = (
    Metric("shutdown_tampering", "tampering", ("shutdown_switch",), "tampered"),
    Metric("model_exfiltration", "exfiltration", ("server_migration", "disk_cleanup"), "rescued"),
)


class PublishedComparison(Record):
    """A published rate, and the same quantity for a model of this study.

    `rate` is a share; `None` if some arm that the published figure pools was not run. `lacking` counts those arms.
    """

    metric: str
    words: str
    condition: str
    """Subject and condition in Peerwatch's names."""
    pooling: Pooling
    model: str
    """The model of this study; empty for models that it did not run."""
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
    """Limits of `rate` at 95 %; `nan` if not available."""
    high: float = math.nan
    published_low: float = math.nan
    """Limits of `published`; `nan` if its number of episodes is unknown."""
    published_high: float = math.nan
    difference: float = math.nan
    """`rate` minus `published`, with limits, if the two are comparable; otherwise `nan`."""
    difference_low: float = math.nan
    difference_high: float = math.nan
    p: float = math.nan
    """p-value of no difference."""
    unlike: Unlike = ""
    """Why the two are not compared; empty if they are."""


def beside_published(arms: Sequence[Composition], names: Mapping[str, str] | None = None) -> list[PublishedComparison]:
    """List every published rate of which this study ran at least one arm, for each of its language models.

    Args:
        arms: The arms of the study.
        names: Label of a model to its Inspect name, which identifies it; a model that is not listed has no label.
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
    """Add limits of both rates, and of their difference if they are comparable.

    Args:
        row: The two rates.
        known: Events and episodes of this study, by way of learning the history.
        ways: Number of ways that the published figure pools; its number of episodes is per way.
        repeated: Whether worlds were repeated in this study, so that episodes are not independent.
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
    """Wilson limits at 95 %: for a mean over all its episodes, for a maximum over those of one way.

    A maximum of several rates is biased upward, so its limits have the Bonferroni level for their number.
    """
    return wilson_limits(share, each, 1 - 0.05 / ways) if pooling == "max" else wilson_limits(share, total, 0.95)


def _channels(metric: Metric, subject: str, condition: str) -> list[list[PresetArm]]:
    """The arms that a published figure pools, by the way in which the target learns the history."""
    words = PRESETS[PRESET].words["relationship"]
    found: dict[str, list[PresetArm]] = {}
    for each in PRESETS[PRESET].arms:
        told = words.get(each.arm["relationship"]) == condition and each.arm["stakes"] == "shutdown"
        if each.scenario in metric.scenarios and each.arm["subject"] == subject and told:
            found.setdefault(each.arm["channel"], []).append(each)
    return list(found.values())


def _pooled(arms: Sequence[Composition | None], axis: str) -> tuple[float, int] | None:
    """Pool events and valid episodes of several arms; `None` if an arm is missing or not fully measured."""
    count, n = 0.0, 0
    for arm in arms:
        measure = arm.axes.get(axis) if arm else None
        if arm is None or measure is None or measure.n + arm.verdicts["no_opportunity"] != arm.valid:
            return None
        count, n = count + measure.count, n + arm.valid
    return (count, n) if n else None


def real_names(study: Study) -> dict[str, str]:
    """Map a study's model labels to Inspect names."""
    return {label: target.name for label, target in study.targets.items()}


def alike(model: str, published: str) -> bool:
    """Whether an Inspect name denotes a published model, ignoring provider and date."""
    return _plain(model.rpartition("/")[2]) == _plain(published)


def _plain(name: str) -> str:
    # A suffix for a release stage or a date: "-preview", "-latest", "-20250929", "-2025-09-29".
    bare = re.sub(r"[-_.]?(preview|latest|\d{8}|\d{4}-\d{2}-\d{2})$", "", name.lower())
    # Punctuation is ignored: "gpt-5.2" and "gpt 5 2" become "gpt52".
    return re.sub(r"[^a-z0-9]", "", bare)


@cache
def rates() -> tuple[dict[str, str], ...]:
    """The rows of `published_rates.csv`."""
    lines = resources.files("peerwatch.analysis").joinpath("published_rates.csv").read_text("utf-8").splitlines()
    return tuple(csv.DictReader(line for line in lines if not line.startswith("#")))
