"""Lay out the figure of rates for a file: a grid of panels with a legend."""

from collections.abc import Sequence
from typing import Any, cast

from pydantic import JsonValue

from peerwatch.core.plain_text import shown
from peerwatch.reports._colours import SERIES_COLOURS
from peerwatch.reports._figures import Row, drawings
from peerwatch.reports._layout import WIDTH, colours, filled, number, titled

HEIGHT = 190
COLUMNS = 2
GAP = 60
"""Width of a panel's axis, in pixels."""
MOST_UPRIGHT = 3
"""Maximum number of models whose names are written horizontally."""


def laid_out_rates(
    panels: Sequence[tuple[str, Sequence[Row]]], caption: str, heading: str = "", *, width: float = WIDTH
) -> dict[str, JsonValue]:
    """Lay out panels of rates in Vega-Lite, with their data, size and light colors.

    Args:
        panels: Title and rows of each panel, as returned by `rate_rows`; at least one.
        caption: Printed above the panels; empty for none.
        heading: Printed above the caption.
        width: Total width in pixels.
    """
    columns = min(COLUMNS, len(panels))
    each = (width - GAP * columns) / columns
    parts = [_panel(title, rows, each) for title, rows in panels]
    config = {**cast("dict[str, Any]", parts[0]["config"]), "font": "sans-serif", "background": colours()["--card"]}
    inner = [{key: value for key, value in part.items() if key not in ("config", "usermeta")} for part in parts]
    title = {"title": titled(caption, heading, width)} if caption or heading else {}
    scales = {"color": "shared", "x": "independent", "xOffset": "independent", "y": "independent"}
    together: dict[str, JsonValue] = {"concat": [*inner], "columns": columns, "config": config, "padding": 12}
    return {"usermeta": parts[0]["usermeta"], **together, **title, "resolve": {"scale": {**scales}}}


def _panel(title: str, rows: Sequence[Row], width: float) -> dict[str, Any]:
    bars = [_bar(row, bar) for row in rows for bar in cast("list[Row]", row["bars"])]
    amounts = any(row["amount"] for row in rows)
    ends = [0.0, *(number(bar[side]) for bar in bars for side in ("low", "high"))]
    most, least = (max(10.0, *ends) * 1.15, min(ends) * 1.15) if amounts else (110.0, 0.0)
    slanted = len(rows) > MOST_UPRIGHT
    ticks = [round(least), 0, round(most / 2), round(most)] if amounts else [0, 25, 50, 75, 100]
    marks: dict[str, JsonValue] = {
        "most": most,
        "least": least,
        "title": "points" if amounts else None,
        "ticks": [*dict.fromkeys(ticks)],
        "format": "datum.label" if amounts else "datum.label + '%'",
        "angle": -30 if slanted else 0,
        "limit": 110 if slanted else max(60, int(width / max(len(rows), 1)) - 6),
    }
    drawing = cast("dict[str, Any]", filled(drawings()["rates"], marks))
    for layer in drawing["layer"]:
        layer["data"] = {"values": bars}
    names = {str(bar["level"]): str(bar["ink"]) for bar in bars}
    drawing["layer"][0]["encoding"]["color"] = {
        "field": "level",
        "type": "nominal",
        "scale": {"domain": [*names], "range": [*names.values()]},
        "legend": {
            "title": None,
            "orient": "bottom",
            "direction": "horizontal",
            "columns": len(names),
            "labelLimit": WIDTH,
        },
    }
    head = {"text": title, "anchor": "start", "fontSize": 12, "fontWeight": 600, "color": colours()["--ink"]}
    return {**drawing, "width": width, "height": HEIGHT, "title": head}


def _bar(row: Row, bar: Row) -> Row:
    """Return a bar with its color and limits. Control characters in names are escaped: they stop the renderer."""
    low, high = (bar["value"] if bar[side] is None else bar[side] for side in ("low", "high"))
    named: Row = {"model": shown(str(row["name"])), "level": shown(str(bar["level"])), "tip": ""}
    drawn: Row = {"ink": SERIES_COLOURS[int(number(bar["series"]))], "base": 0, "top": max(number(high), 0)}
    return {**bar, **named, **drawn, "low": low, "high": high}
