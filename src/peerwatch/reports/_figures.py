"""Data rows for the drawings in `templates/figures/`, which the page fills in and filters."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import cast

from pydantic import JsonValue

from peerwatch.analysis import Composition, Contrast, EpisodeView, Measure, limits, points
from peerwatch.reports._colours import DARK, VERDICT_COLOURS
from peerwatch.reports._outline import PageOutline

Row = dict[str, JsonValue]

FIGURES = ("rates", "composition", "contrasts", "scores", "dose")
BIN = 2.5
"""Column width of the score distributions, in points."""


@cache
def drawings() -> dict[str, JsonValue]:
    """Return the Vega-Lite drawings by name, without data and size."""
    folder = resources.files("peerwatch.reports").joinpath("templates", "figures")
    return {name: json.loads(folder.joinpath(f"{name}.json").read_text("utf-8")) for name in FIGURES}


def composition_rows(arms: Sequence[Composition], where: PageOutline) -> list[JsonValue]:
    """Return one row per arm, with the share of each verdict among the planned episodes."""
    return [{**where.arm(arm), "n": arm.planned, "parts": list(_parts(arm))} for arm in arms]


def contrast_rows(contrasts: Sequence[Contrast], where: PageOutline) -> list[JsonValue]:
    """Return one row per measured contrast, in percentage points."""
    return [_contrast(row, where) for row in contrasts if row.finding != "not_measured"]


def score_rows(arms: Sequence[Composition], views: Sequence[EpisodeView], where: PageOutline) -> list[JsonValue]:
    """Return one row per arm in which a score was filed: the distributions of filed and honest scores, and the bars."""
    held: dict[int, list[EpisodeView]] = {}
    for view in views:
        if view.filed is not None:
            held.setdefault(where.number(view.episode.slot), []).append(view)
    return [_scores(arm, held[number], where) for arm in arms if (number := where.number(arm)) in held]


def dose_rows(arms: Sequence[Composition], views: Sequence[EpisodeView], where: PageOutline) -> list[JsonValue]:
    """Return one row per arm with a quality bar, for groups of at least two arms that differ only in the bar."""
    bars = {where.number(view.episode.slot): bar for view in views if (bar := number_in(view, "bar")) is not None}
    series: dict[tuple[str, ...], list[Composition]] = {}
    for arm in arms:
        if where.number(arm) in bars and "bar" in arm.arm:
            others = sorted(f"{factor}={level}" for factor, level in arm.arm.items() if factor != "bar")
            series.setdefault((arm.model, arm.heading, *others), []).append(arm)
    told = [held for held in series.values() if len({bars[where.number(arm)] for arm in held}) > 1]
    known = [bars[where.number(arm)] for held in told for arm in held]
    return [
        {
            **where.arm(arm),
            "number": number,
            "series": _series(held, arm, number),
            "bar": bars[where.number(arm)],
            "at": bars[where.number(arm)] + (number - (len(told) + 1) / 2) * _step(known, len(told)),
            "misrepresented": _measured(arm.axes.get("misrepresented")),
            "filed_score": _measured(arm.axes.get("filed_score")),
        }
        for number, held in enumerate(told, start=1)
        for arm in held
    ]


def _step(bars: Sequence[float], series: int) -> float:
    """Return the horizontal offset between series, in points, so that their intervals at one bar don't overlap."""
    return min(0.02, 0.14 / series) * (max(bars) - min(bars))


def number_in(view: EpisodeView, key: str) -> float | None:
    """Return a number from the record of an episode's submitted report."""
    value = view.episode.submitted.get(key)
    return float(value) if isinstance(value, int | float) else None


def _measured(measure: Measure | None) -> JsonValue:
    if measure is None or math.isnan(measure.value):
        return None
    low, high = (None if math.isnan(limit) else limit for limit in (measure.low, measure.high))
    return {"value": measure.value, "low": low, "high": high, "n": measure.n}


def _series(held: Sequence[Composition], arm: Composition, number: int) -> str:
    label = " · ".join(part for part in held[0].label.split(" · ") if not part.startswith("bar:"))
    return f"{number}. {label or 'all'} · {arm.heading} · {arm.model}"


def _parts(arm: Composition) -> Iterator[Row]:
    counts: Mapping[str, int] = {**arm.verdicts, "not_run": arm.not_run}
    done = 0
    for verdict in VERDICT_COLOURS:
        start, done = done, done + counts[verdict]
        if done > start:
            share = {"start": start / arm.planned, "end": done / arm.planned}
            yield {"verdict": verdict, "count": counts[verdict], **share, "dark": verdict in DARK}


def _contrast(row: Contrast, where: PageOutline) -> Row:
    return {
        **where.contrast(row),
        "value": 100 * row.value,
        "low": 100 * row.low,
        "high": 100 * row.high,
        "worlds": row.worlds,
        "finding": row.finding,
        "text": f"{points(row.value)} points, {limits(row)}; worlds: {row.worlds}",
        "conclusion": row.conclusion,
    }


def _scores(arm: Composition, views: Sequence[EpisodeView], where: PageOutline) -> Row:
    honest = [honest for view in views if (honest := view.honest) is not None]
    bars = sorted({bar for view in views if (bar := number_in(view, "bar")) is not None})
    filed = [view.filed for view in views if view.filed is not None]
    return {
        **where.arm(arm),
        "n": len(filed),
        "filed": _columns(filed),
        "honest": _columns(honest),
        "bars": cast("list[JsonValue]", bars),
        "mean": math.fsum(filed) / len(filed),
        "honest_mean": math.fsum(honest) / len(honest) if honest else None,
    }


def _columns(scores: Sequence[float]) -> list[JsonValue]:
    """Return a histogram as `[lower edge, count, share of the highest column]`."""
    counts = Counter(min(math.floor(score / BIN) * BIN, 100 - BIN) for score in scores)
    most = max(counts.values(), default=1)
    return [[edge, counts[edge], counts[edge] / most] for edge in sorted(counts)]
