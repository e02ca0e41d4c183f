"""The page of the demo: both parts in the frame of the report, without scripts."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

from markupsafe import Markup

from peerwatch.analysis import limits, points, size
from peerwatch.reports._frame import environment, framed
from peerwatch.reports.demos._parts import DemoRun


def page_of(
    real: DemoRun, planted: DemoRun, folder: Path, *, canary: str, note: str, scrub: Callable[[str], str] = str
) -> str:
    """Make the page; it needs no network.

    Args:
        real: The part with the language model.
        planted: The part with the scripted agents.
        folder: Where the page will be, from which the links to the two reports begin.
        canary: Marks it as evaluation material.
        note: What has to be said about the language model.
        scrub: Takes secrets out of every text.
    """
    templates = environment("peerwatch.reports.demos", scrub)
    # Jinja declares the table with the types of its own entries only.
    cast("dict[str, object]", templates.filters).update(size=size, points=points, limits=limits)
    body = templates.get_template("demo.html.j2").render(
        real=real,
        planted=planted,
        real_report=os.path.relpath(real.report, folder),
        planted_report=os.path.relpath(planted.report, folder),
        note=note,
    )
    # What the template has made is escaped already.
    return framed("demo", Markup(body), canary=canary, scrub=scrub)  # noqa: S704
