"""The main finding of a study as one picture of 1200 x 630 pixels, for slides and messages."""

import json
import textwrap
from collections.abc import Callable
from typing import NamedTuple

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from peerwatch.analysis import Summary, answers, level
from peerwatch.analysis.frames import changed
from peerwatch.core.plain_text import shown
from peerwatch.core.scenarios import CANARY
from peerwatch.reports._figure_files import finding_figure
from peerwatch.reports._head import question_of
from peerwatch.reports.exports._tables import texts

WIDTH, HEIGHT = 1200, 630
LEFT = 640
"""Horizontal position of the figure, in pixels; the sentences are to its left."""
COLUMN, WHOLE = 50, 58
"""Maximum letters per line, of the sentences and of the question."""


class Line(NamedTuple):
    """One line of wrapped text."""

    words: str
    strong: bool


def finding(summary: Summary, clean: Callable[[str], str] = str) -> str:
    """Draw the question, the answers and the first panel of the report's first figure, as SVG.

    Args:
        summary: The report's summary of the same places.
        clean: Removes secrets from every text, before it is escaped.
    """
    question = textwrap.wrap(shown(clean(question_of(summary))), WHOLE)[:2]
    figure = finding_figure(summary, WIDTH - LEFT - 60)
    start = 104 + 44 * len(question) + 30
    words = texts()["finding"]
    made = Environment(
        loader=PackageLoader("peerwatch.reports.exports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    svg = vl_convert.vegalite_to_svg(json.dumps(changed(figure, clean))) if figure else ""
    planned = "planned" if any(each.planned for each in answers(summary.contrasts)) else "exploratory"
    return made.get_template("finding.svg.j2").render(
        width=WIDTH,
        height=HEIGHT,
        title=" ".join(question),
        kicker=shown(clean(summary.study.title))[:90],
        question=question,
        lines=_lines(summary, clean, (HEIGHT - 70 - start) // 30),
        start=start,
        left=LEFT,
        top=start - 40,
        figure=Markup(svg),  # noqa: S704 - made from the drawing, whose texts vl-convert has escaped
        foot=words["foot"].format(
            level=level(summary.confidence),
            planned=words[planned],
            version=shown(clean(summary.study.versions.get("peerwatch", ""))),
        ),
        canary=CANARY,
    )


def _lines(summary: Summary, clean: Callable[[str], str], most: int) -> list[Line]:
    found = answers(summary.contrasts)
    if not found:
        return [Line(line, strong=False) for line in textwrap.wrap(texts()["finding"]["none"], COLUMN)]
    lines: list[Line] = []
    for number, each in enumerate(found):
        head, _, rest = each.sentence.partition(": ")
        own = [Line(line, strong=True) for line in textwrap.wrap(shown(clean(f"{head}:")), COLUMN)]
        own += [Line(line, strong=False) for line in textwrap.wrap(shown(clean(rest)), COLUMN)]
        room = most - len(lines) - (number + 1 < len(found))
        if len(own) > room:
            more = texts()["finding"]["more"].format(count=len(found) - number)
            return [*lines, Line(more, strong=False)]
        lines += own
    return lines
