"""A comparison as an HTML page without scripts, in the layout of the report."""

import math
from collections.abc import Callable
from typing import cast

from markupsafe import Markup

from peerwatch.analysis import MINUS, level, p_value, points, text_of_interval
from peerwatch.analysis.comparisons import Comparison, Row, text
from peerwatch.records import AMOUNTS
from peerwatch.reports._comparison_terminal import name_of, size, varied
from peerwatch.reports._frame import environment, framed

LEAST_EDGE = 10
"""Minimum range of the intervals' scale, in points on either side of zero."""


def page_of(
    comparison: Comparison, *, command: str, version: str, canary: str, scrub: Callable[[str], str] = str
) -> str:
    """Make the page. It needs no network, and all text from logs is escaped.

    Args:
        comparison: The comparison to show.
        command: Shell command that repeats the comparison.
        version: Version of Peerwatch that made the page.
        canary: Marks the page as evaluation material.
        scrub: Removes secrets from every text.
    """
    templates = environment("peerwatch.reports")
    # Jinja's type stubs only allow the types of its built-in globals.
    cast("dict[str, object]", templates.filters).update(
        isnan=math.isnan, kind=text_of_interval, points=points, p_value=p_value, size=size
    )
    told = varied(comparison)
    body = templates.get_template("comparison.html.j2").render(
        found=comparison,
        rows=[(row, *name_of(row, told)) for row in comparison.rows],
        amount=comparison.asked.outcome in AMOUNTS,
        edge=_edge(comparison.rows),
        level=level(1 - comparison.asked.alpha),
        words=text,
        MINUS=MINUS,
        command=command,
        version=version,
    )
    # The template's output is escaped already.
    return framed("comparison", Markup(body), canary=canary, scrub=scrub)  # noqa: S704


def _edge(rows: tuple[Row, ...]) -> int:
    known = [abs(limit) for row in rows if not math.isnan(row.value) for limit in (row.low, row.high)]
    return max(LEAST_EDGE, 10 * math.ceil(10 * max(known, default=0)))
