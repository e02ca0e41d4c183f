"""Lay out the figure of scores against quality bars, for a file."""

from collections.abc import Sequence
from typing import Any, cast

from pydantic import JsonValue

from peerwatch.reports._colours import SERIES_COLOURS
from peerwatch.reports._figures import Row, drawings
from peerwatch.reports._layout import explain, filled, finished, number

HEIGHT = 240
MARGIN = 0.12
"""Empty margin at either end of the axis, as a share of the bars' range."""
LEAST_SPAN = 10.0


def laid_out_doses(rows: Sequence[Row], axis: str, caption: str, heading: str = "") -> dict[str, JsonValue]:
    """Lay out one axis against the bars, with a line per series and n in the legend.

    Args:
        rows: Rows of `dose_rows` in which the axis was measured; at least one.
        axis: `filed_score`, a mean, or `misrepresented`, a rate.
        caption: Printed above the figure.
        heading: Printed above the caption.
    """
    title, factor = ("mean filed score", 1) if axis == "filed_score" else ("misrepresented, % of episodes", 100)
    doses = [_dose(row, cast("dict[str, float | None]", row[axis]), factor) for row in rows]
    series: dict[str, list[Row]] = {}
    for dose in doses:
        series.setdefault(str(dose["series"]), []).append(dose)
    shown: dict[str, str] = {}
    for held in series.values():
        counts = ", ".join(f"{dose['n']} at bar {number(dose['bar']):g}" for dose in held)
        text = f"{held[0]['series']}; n = {counts}"
        shown[text] = str(held[0]["ink"])
        for dose in held:
            dose["text"] = text
    bars = sorted({number(row["bar"]) for row in rows})
    margin = MARGIN * max(LEAST_SPAN, bars[-1] - bars[0])
    edges: dict[str, JsonValue] = {"from": bars[0] - margin, "to": bars[-1] + margin, "bars": [*bars]}
    last = [max(held, key=lambda dose: number(dose["bar"])) for held in series.values()]
    ends = [{**dose, "at": bars[-1] + margin / 2} for dose in last]
    drawing = cast("dict[str, Any]", filled(drawings()["dose"], {**edges, "title": title, "most": 100}))
    for layer in drawing["layer"]:
        explain(layer, "text", shown, columns=1)
    return finished(drawing, HEIGHT, {"doses": doses, "ends": ends}, caption, heading)


def _dose(row: Row, measured: dict[str, float | None], factor: int) -> Row:
    """Return a point with its interval. A mean has no interval, so its limits equal its value."""
    value = measured["value"]
    low, high = (value if measured[side] is None else measured[side] for side in ("low", "high"))
    place = int(number(row["number"])) - 1
    return {
        **{key: row[key] for key in ("series", "bar", "at")},
        "number": str(row["number"]),
        "ink": SERIES_COLOURS[place % len(SERIES_COLOURS)],
        "n": measured["n"],
        **{key: factor * number(each) for key, each in (("value", value), ("low", low), ("high", high))},
    }
