"""A report's leading rates as panels: levels of one factor next to each other, grouped by model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from peerwatch.analysis import (
    Contrast,
    Group,
    Measure,
    amount,
    groups,
    held_words,
    interval,
    leading_factor,
    level_words,
    outcome_words,
    percent,
    plainness,
)
from peerwatch.reports._colours import series_of
from peerwatch.reports._outline import PageOutline

FIRST = 6
"""Maximum number of panels at the head of a report, at most one per scenario; the others are folded."""


@dataclass(frozen=True)
class Panel:
    """A small chart.

    Attributes:
        heading: Scenario and rubric.
        held: The panel's levels of the other factors that vary in the study; empty if none do.
        factor: The factor in which the bars differ.
        outcome: An axis, or events joined by "or".
        levels: Level to its name and the index of its color.
        groups: One group of bars per model.
    """

    heading: str
    held: str
    factor: str
    outcome: str
    levels: dict[str, tuple[str, int]]
    groups: tuple[Group, ...]

    @property
    def amount(self) -> bool:
        """Whether the bars show means of amounts, which have no interval."""
        return any(measure.kind == "mean" for group in self.groups for measure in group.rates.values())

    @property
    def counts(self) -> str:
        """Describe what the bars count."""
        return outcome_words(self.outcome)

    @property
    def runs(self) -> str:
        """Return the smallest and largest n of the bars."""
        n = sorted({measure.n for group in self.groups for measure in group.rates.values()})
        return f"{n[0]} to {n[-1]}" if len(n) > 1 else f"{n[0] if n else 0}"


def panels(rows: Sequence[Contrast]) -> tuple[list[Panel], list[Panel]]:
    """Return the panels at the head of a report, one per scenario, and the remaining ones."""
    factor = leading_factor(rows)
    held: dict[tuple[str, ...], list[Group]] = {}
    for group in groups(rows, factor):
        if any(not math.isnan(measure.value) for measure in group.rates.values()):
            held.setdefault((group.heading, held_words(group.held), group.outcome), []).append(group)
    order = list(dict.fromkeys(row.model for row in rows))
    found = [
        _panel(heading, said, factor, outcome, sorted(each, key=lambda group: order.index(group.model)))
        for (heading, said, outcome), each in held.items()
    ]
    names = dict.fromkeys(panel.heading for panel in found)
    first = [min((panel for panel in found if panel.heading == name), key=_plainness) for name in names][:FIRST]
    return first, [panel for panel in found if panel not in first]


def _plainness(panel: Panel) -> tuple[bool, int]:
    return min(plainness(row) for group in panel.groups for row in group.rows)


def rate_rows(panel: Panel, where: PageOutline) -> list[JsonValue]:
    """Return one row per model, with a bar for each level."""
    return [
        {
            "model": where.models.index(group.model),
            "name": group.model,
            "heading": where.headings.index(group.heading),
            "labels": [],
            "amount": panel.amount,
            "bars": cast("list[JsonValue]", list(_bars(panel, group))),
        }
        for group in panel.groups
    ]


def _panel(heading: str, held: str, factor: str, outcome: str, found: Sequence[Group]) -> Panel:
    levels = list(dict.fromkeys(level for group in found for level in group.rates))
    series = series_of(factor, levels)
    names = {level: (level_words(factor, level), series[level]) for level in levels}
    return Panel(heading, held, factor, outcome, names, tuple(found))


def _bars(panel: Panel, group: Group) -> Iterator[dict[str, JsonValue]]:
    for place, (level, (name, series)) in enumerate(panel.levels.items()):
        measure = group.rates.get(level)
        if measure is None or math.isnan(measure.value):
            continue
        factor = 1 if measure.kind == "mean" else 100
        low, high = (None if math.isnan(limit) else 100 * limit for limit in (measure.low, measure.high))
        yield {
            "level": name,
            "place": place,
            "series": series,
            "value": factor * measure.value,
            "low": low,
            "high": high,
            "text": _text(measure),
            "tip": f"{group.model}, {name}\n{_said(measure)}",
        }


def _text(measure: Measure) -> str:
    return amount(measure.value) if measure.kind == "mean" else f"{measure.count:g}/{measure.n}"


def _said(measure: Measure) -> str:
    if measure.kind == "mean":
        return f"{amount(measure.value)} on average, n = {measure.n}"
    return f"{measure.count:g} of {measure.n} runs: {percent(measure.value)} ({interval(measure)})"
