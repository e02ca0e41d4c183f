"""Lay out the page's figures for files, as `05_figures.js` does on the page for the current width and colors."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, cast

from pydantic import JsonValue

from peerwatch.reports._colours import FINDING_COLOURS, VERDICT_COLOURS
from peerwatch.reports._figures import BIN, Row, drawings

WIDTH = 760
LETTER = 7.2
"""Approximate width of a letter, in pixels."""
WIDE_LETTER = 9.6
"""Approximate width of a letter in a heading, in pixels."""
LINE = 17
BAND = {"composition": 24, "contrasts": 18, "scores": 64}
LEAST_EDGE = 10.0
"""Minimum range of a contrast figure, in points on either side of zero."""
LEGENDS = {"composition": ("parts", "verdict"), "contrasts": ("whiskers", "finding"), "scores": ("columns", "kind")}
"""Data set and field that each figure's legend explains."""


def laid_out(kind: str, rows: Sequence[Row], caption: str, heading: str = "") -> dict[str, JsonValue]:
    """Return a Vega-Lite figure with its data, size, light colors, caption and legend.

    Args:
        kind: `composition`, `contrasts` or `scores`; rows are stacked vertically.
        rows: Rows of the figure, each with a `label`; at least one.
        caption: Printed above the figure.
        heading: Printed above the caption: the study and its models.
    """
    lines = [_wrapped(str(row["label"]), 3) for row in rows]
    head = 6 + LINE * max(map(len, lines))
    step = head + BAND[kind] + 14
    at = [[y + (head + share * BAND[kind]) / step for share in (0, 0.5, 1)] for y in range(len(rows))]
    data: dict[str, Any] = {"labels": [{"y": y, "lines": held} for y, held in enumerate(lines)]}
    marks: dict[str, JsonValue] = {"rows": len(rows)}
    if kind == "composition":
        parts = [(part, edges) for row, edges in zip(rows, at, strict=True) for part in cast("list[Row]", row["parts"])]
        data["parts"] = [_part(part, edges) for part, edges in parts]
    elif kind == "contrasts":
        data["whiskers"] = [_whisker(row, mid) for row, (_, mid, _) in zip(rows, at, strict=True)]
        edge = max(LEAST_EDGE, *(abs(number(row[side])) for row in rows for side in ("low", "high")))
        marks |= {"edge": edge, "minus": -edge}
    else:
        data["columns"] = [each for row, edges in zip(rows, at, strict=True) for each in _columns(row, edges)]
        data["bars"] = [
            {"bar": bar, "top": top, "bottom": bottom}
            for row, (top, _, bottom) in zip(rows, at, strict=True)
            for bar in cast("list[float]", row["bars"])
        ]
        data["lines"] = [{"mid": mid} for _, mid, _ in at]
    drawing = cast("dict[str, Any]", filled(drawings()[kind], marks))
    name, field = LEGENDS[kind]
    seen = {row[field] for row in data[name]}
    layer = next(each for each in drawing["layer"] if each["data"].get("name") == name)
    explain(layer, field, {each: colour for each, colour in _colours_of(kind).items() if each in seen})
    drawing["resolve"] = {"scale": {"color": "independent"}}
    return finished(drawing, step * len(rows), data, caption, heading)


def finished(
    drawing: dict[str, Any], height: float, data: Mapping[str, Any], caption: str, heading: str = ""
) -> dict[str, JsonValue]:
    """Set the size, data, background, heading and caption of a figure."""
    drawing["config"] |= {"font": "sans-serif", "background": colours()["--card"]}
    drawing["title"] = titled(caption, heading)
    return {**drawing, "width": WIDTH, "height": height, "padding": 12, "datasets": dict(data)}


def titled(caption: str, heading: str, width: float = WIDTH) -> dict[str, JsonValue]:
    """Return the title of a figure used outside its page: the heading, and below it the caption."""
    ink: dict[str, JsonValue] = {"anchor": "start", "offset": 14, "color": colours()["--ink"]}
    lines: list[JsonValue] = [*_wrapped(caption, width=width)]
    if not heading:
        return {**ink, "text": lines, "fontSize": 12, "fontWeight": "normal"}
    about: dict[str, JsonValue] = {"subtitle": lines, "subtitleFontSize": 12, "subtitleColor": colours()["--ink"]}
    top: list[JsonValue] = [*_wrapped(heading, 2, width=width * LETTER / WIDE_LETTER)]
    return {**ink, **about, "text": top, "fontSize": 16, "fontWeight": 600, "subtitlePadding": 6}


def explain(layer: dict[str, Any], field: str, shown: Mapping[str, str], columns: int = 4) -> None:
    """Give a layer a legend of the field's values and their colors. On the page, the legend is next to the figure."""
    spaced: dict[str, JsonValue] = {"labelExpr": "replace(datum.label, /_/g, ' ')"} if columns > 1 else {}
    layer["encoding"]["color"] = {
        "field": field,
        "type": "nominal",
        "scale": {"domain": [*shown], "range": [*shown.values()]},
        "legend": {
            "title": None,
            "orient": "bottom",
            "columns": columns,
            "labelLimit": WIDTH,
            **spaced,
        },
    }


def _colours_of(kind: str) -> dict[str, str]:
    if kind == "scores":
        return {name: colours()[f"--{name}"] for name in ("filed", "honest")}
    return {**VERDICT_COLOURS} if kind == "composition" else {**FINDING_COLOURS}


def _columns(row: Row, edges: Sequence[float]) -> Iterator[Row]:
    """Yield histogram columns: filed scores above an arm's line, honest scores below it."""
    top, mid, bottom = edges
    for kind, edge in (("filed", top), ("honest", bottom)):
        for start, _, share in cast("list[list[float]]", row[kind]):
            yield {"kind": kind, "from": start, "to": start + BIN, "top": mid, "bottom": mid + (edge - mid) * share}


def _part(part: Row, edges: Sequence[float]) -> Row:
    start, end, count = number(part["start"]), number(part["end"]), str(part["count"])
    fits = WIDTH * (end - start) > LETTER * (len(count) + 1)
    placed = {"top": edges[0], "mid": edges[1], "bottom": edges[2], "middle": (start + end) / 2}
    ink = colours()["--card" if part["dark"] else "--ink"]
    return {**part, **placed, "ink": ink, "text": count if fits else ""}


def _whisker(row: Row, mid: float) -> Row:
    ink = {str(finding): colour for finding, colour in FINDING_COLOURS.items()}[str(row["finding"])]
    full = row["finding"] in ("more", "less")
    return {**row, "mid": mid, "ink": ink, "fill": ink if full else colours()["--card"]}


def number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _wrapped(words: str, most: int | None = None, *, width: float = WIDTH) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) * LETTER <= width:
            lines[-1] = longer
        else:
            lines.append(word[: int(width / LETTER)])
    return [line for line in lines if line][:most] or [""]


def filled(value: JsonValue, marks: Mapping[str, JsonValue]) -> JsonValue:
    """Replace a drawing's placeholders by numbers, and CSS variables by colors."""
    match value:
        case str() if value.startswith("$"):
            return marks[value[1:]]
        # Matches a reference to a CSS variable, such as "var(--v-complied)".
        case str() if found := re.fullmatch(r"var\((.*)\)", value):
            return colours()[found[1]]
        case list():
            return [filled(each, marks) for each in value]
        case dict():
            return {key: filled(each, marks) for key, each in value.items()}
        case _:
            return value


@cache
def colours() -> dict[str, str]:
    """Return the light colors of the page's style sheet, by CSS variable."""
    sheet = resources.files("peerwatch.reports").joinpath("templates", "style.css").read_text("utf-8")
    # Matches a color definition, such as "--v-complied: #0072b2".
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]+)", sheet.partition("@media")[0]))
