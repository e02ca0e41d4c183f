"""Draws bars and intervals with Altair and turns them into SVG; knows rows and numbers, no studies."""

# Altair's methods take `**kwds` without a type, which strict checking reports at every call; all are here.
# pyright: strict, reportUnknownMemberType=false

import io
import re
import textwrap
from collections.abc import Sequence
from typing import TypedDict, cast

import altair as alt

INK, GRID, CARD = "#1d2329", "#d9dde1", "#ffffff"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
TEXT_SIZE, LINE_HEIGHT = 13, 17
LETTER_WIDTH = 7.2
"""Pixels, estimated upwards: nobody knows the font before the page is read."""
BAR, GAP = 24, 20


class Segment(TypedDict):
    """One part of a bar, from `start` to `end` in shares of the whole bar."""

    row: int
    start: float
    end: float
    middle: float
    fill: str
    ink: str
    text: str


class Whisker(TypedDict):
    """A value with its limits, in percentage points."""

    row: int
    value: float
    low: float
    high: float
    ink: str
    fill: str


def stacked_bars(labels: Sequence[str], segments: Sequence[Segment], title: str, width: int) -> str:
    """Draw one bar of full length per label, the label above it.

    Args:
        labels: One per row; wrapped to the width, never cut.
        segments: Parts of the bars.
        title: What the horizontal axis shows.
        width: Width of the drawing in pixels.

    Returns:
        The drawing as SVG without a size of its own.
    """
    step, middle = _step(labels, width, BAR)
    base = _chart(segments).encode(y=_rows(len(labels)))
    axis = alt.Axis(format="%", tickCount=5, grid=False)
    x = alt.X("start:Q", title=title, scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
    bars = base.mark_bar(height=BAR, yOffset=middle, stroke=INK, strokeWidth=0.6).encode(
        x=x, x2="end:Q", color=alt.Color("fill:N", scale=None)
    )
    counts = base.mark_text(fontSize=TEXT_SIZE, dy=middle).encode(
        x="middle:Q", text="text:N", color=alt.Color("ink:N", scale=None)
    )
    return _svg([bars, counts, *_labels(labels, width, step)], width, step * len(labels))


def intervals(labels: Sequence[str], whiskers: Sequence[Whisker], title: str, width: int) -> str:
    """Draw one interval per label around its value, the label above it, with a line at zero.

    Args:
        labels: One per row; wrapped to the width, never cut.
        whiskers: Values with limits; a row without one stays empty.
        title: What the horizontal axis shows.
        width: Width of the drawing in pixels.

    Returns:
        The drawing as SVG without a size of its own.
    """
    step, middle = _step(labels, width, BAR * 2 // 3)
    edge = max([10.0, *(abs(limit) for item in whiskers for limit in (item["low"], item["high"]))])
    base = _chart(whiskers).encode(y=_rows(len(labels)), color=alt.Color("ink:N", scale=None))
    axis = alt.Axis(tickCount=7, format="+d")
    x = alt.X("low:Q", title=title, scale=alt.Scale(domain=[-edge, edge]), axis=axis)
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK, strokeWidth=1.4)
    lines = base.mark_rule(strokeWidth=2.5, yOffset=middle).encode(x=x, x2="high:Q")
    ends = base.mark_tick(thickness=2.5, height=10, yOffset=middle)
    dots = base.mark_point(size=95, strokeWidth=2.5, opacity=1, yOffset=middle)
    layers = [
        zero.encode(x="zero:Q"),
        lines,
        ends.encode(x="low:Q"),
        ends.encode(x="high:Q"),
        dots.encode(x="value:Q", fill=alt.Fill("fill:N", scale=None)),
    ]
    return _svg([*layers, *_labels(labels, width, step)], width, step * len(labels))


def fits(text: str, width: float) -> bool:
    """Tell whether a short text has room in a part of a bar."""
    return width > LETTER_WIDTH * (len(text) + 1)


def _chart(rows: Sequence[Segment] | Sequence[Whisker]) -> alt.Chart:
    return alt.Chart(alt.Data(values=[dict(row) for row in rows]))


def _labels(labels: Sequence[str], width: int, step: float) -> list[alt.Chart]:
    values = [{"row": row, "label": _wrap(label, width)} for row, label in enumerate(labels)]
    chart = alt.Chart(alt.Data(values=values)).encode(y=_rows(len(labels)), x=alt.value(0), text="label:N")
    # A halo in the colour of the card first, so that no line of the grid runs through the letters.
    return [
        chart.mark_text(
            align="left",
            baseline="top",
            fontSize=TEXT_SIZE,
            lineHeight=LINE_HEIGHT,
            color=INK,
            limit=0,
            dy=4 - step / 2,
            stroke=CARD,
            strokeWidth=halo,
        )
        for halo in (5, 0)
    ]


def _wrap(label: str, width: int) -> list[str]:
    return textwrap.wrap(label, int(width / LETTER_WIDTH)) or [""]


def _step(labels: Sequence[str], width: int, mark: int) -> tuple[float, float]:
    """Give the height of a row, and how far below its centre the mark under the label lies."""
    lines = max(len(_wrap(label, width)) for label in labels)
    step = lines * LINE_HEIGHT + mark + GAP
    return step, step / 2 - mark / 2 - GAP + 4


def _rows(count: int) -> alt.Y:
    scale = alt.Scale(domain=list(range(count)), paddingInner=0, paddingOuter=0)
    return alt.Y("row:O", axis=None, scale=scale)


def _svg(layers: Sequence[alt.Chart], width: int, height: float) -> str:
    # A card of its own, so that a chart reads the same on a light page, on a dark one and on paper.
    chart = cast("alt.LayerChart", alt.layer(*layers)).properties(
        width=width, height=height, background=CARD, padding=8
    )
    small = TEXT_SIZE - 1
    axis = {"labelFontSize": small, "titleFontSize": small, "titleFontWeight": "normal"}
    ink = {"labelColor": INK, "titleColor": INK, "gridColor": GRID, "domainColor": GRID, "tickColor": GRID}
    drawn = io.StringIO()
    chart.configure(font=FONT, axis={**axis, **ink}, view={"stroke": None}).save(drawn, format="svg")
    # The page decides on the size; the view box keeps the proportions.
    return re.sub(r'(<svg\b[^>]*?) width="[\d.]+" height="[\d.]+"', r"\1", drawn.getvalue(), count=1)
