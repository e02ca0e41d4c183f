"""Fills a drawing of the page in for a file: what `05_figures.js` does there for the width and colours at hand."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, cast

from pydantic import JsonValue

from peerwatch.reports._colours import FINDING_COLOURS, VERDICT_COLOURS
from peerwatch.reports._figures import Row, drawings

WIDTH = 760
LETTER = 7.2
"""Width of a letter in pixels, about."""
LINE = 17
BAND = {"composition": 24, "contrasts": 18}
LEAST_EDGE = 10.0
"""Points on either side of zero that a drawing of contrasts shows at least."""
COLOURED = {"composition": ("parts", "verdict"), "contrasts": ("whiskers", "finding")}
"""Data set and field that the legend explains."""


def laid_out(kind: str, rows: Sequence[Row], caption: str) -> dict[str, JsonValue]:
    """A drawing in Vega-Lite with its data, size, light colours, caption and legend.

    Args:
        kind: `composition` or `contrasts`.
        rows: Rows of the figure, with a `label` each; at least one.
        caption: Printed above it.
    """
    lines = [_wrapped(str(row["label"]), 3) for row in rows]
    head = 6 + LINE * max(map(len, lines))
    step = head + BAND[kind] + 14
    at = [[y + (head + share * BAND[kind]) / step for share in (0, 0.5, 1)] for y in range(len(rows))]
    labels = [{"y": y, "lines": held} for y, held in enumerate(lines)]
    marks: dict[str, JsonValue] = {"rows": len(rows)}
    if kind == "composition":
        parts = [(part, edges) for row, edges in zip(rows, at, strict=True) for part in cast("list[Row]", row["parts"])]
        data: dict[str, Any] = {"parts": [_part(part, edges) for part, edges in parts], "labels": labels}
    else:
        data = {"whiskers": [_whisker(row, mid) for row, (_, mid, _) in zip(rows, at, strict=True)], "labels": labels}
        edge = max(LEAST_EDGE, *(abs(_number(row[side])) for row in rows for side in ("low", "high")))
        marks |= {"edge": edge, "minus": -edge}
    drawing = cast("dict[str, Any]", _filled(drawings()[kind], marks))
    _explain(drawing, kind, data)
    drawing["config"] |= {"font": "sans-serif", "background": colours()["--card"]}
    title = {"text": _wrapped(caption), "anchor": "start", "fontSize": 12, "fontWeight": "normal", "offset": 14}
    drawing["title"] = {**title, "color": colours()["--ink"]}
    return {**drawing, "width": WIDTH, "height": step * len(rows), "padding": 12, "datasets": data}


def _explain(drawing: dict[str, Any], kind: str, data: Mapping[str, Any]) -> None:
    """Let the first layer of the coloured marks have a legend; on the page it stands beside the figure."""
    name, field = COLOURED[kind]
    known = {**VERDICT_COLOURS} if kind == "composition" else {**FINDING_COLOURS}
    seen = [each for each in known if any(row[field] == each for row in data[name])]
    layer = next(each for each in drawing["layer"] if each["data"].get("name") == name)
    layer["encoding"]["color"] = {
        "field": field,
        "type": "nominal",
        "scale": {"domain": seen, "range": [colour for each, colour in known.items() if each in seen]},
        "legend": {"title": None, "orient": "bottom", "columns": 4, "labelExpr": "replace(datum.label, /_/g, ' ')"},
    }
    drawing["resolve"] = {"scale": {"color": "independent"}}


def _part(part: Row, edges: Sequence[float]) -> Row:
    start, end, count = _number(part["start"]), _number(part["end"]), str(part["count"])
    fits = WIDTH * (end - start) > LETTER * (len(count) + 1)
    placed = {"top": edges[0], "mid": edges[1], "bottom": edges[2], "middle": (start + end) / 2}
    ink = colours()["--card" if part["dark"] else "--ink"]
    return {**part, **placed, "ink": ink, "text": count if fits else ""}


def _whisker(row: Row, mid: float) -> Row:
    ink = {str(finding): colour for finding, colour in FINDING_COLOURS.items()}[str(row["finding"])]
    full = row["finding"] in ("more", "less")
    return {**row, "mid": mid, "ink": ink, "fill": ink if full else colours()["--card"]}


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _wrapped(words: str, most: int | None = None) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) * LETTER <= WIDTH:
            lines[-1] = longer
        else:
            lines.append(word[: int(WIDTH / LETTER)])
    return [line for line in lines if line][:most] or [""]


def _filled(value: JsonValue, marks: Mapping[str, JsonValue]) -> JsonValue:
    """A drawing with numbers in place of its marks, and colours in place of the style sheet's variables."""
    match value:
        case str() if value.startswith("$"):
            return marks[value[1:]]
        case str() if found := re.fullmatch(r"var\((.*)\)", value):
            return colours()[found[1]]
        case list():
            return [_filled(each, marks) for each in value]
        case dict():
            return {key: _filled(each, marks) for key, each in value.items()}
        case _:
            return value


@cache
def colours() -> dict[str, str]:
    """The light colours of the page's style sheet, by variable."""
    sheet = resources.files("peerwatch.reports").joinpath("templates", "style.css").read_text("utf-8")
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]+)", sheet.partition("@media")[0]))
