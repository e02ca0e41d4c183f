"""The demo's page: both parts in the report's layout, without scripts."""

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
        real: The run of the language model.
        planted: The run of the scripted agents.
        folder: Folder of the page, to which the links to the two reports are relative.
        canary: Marks the page as evaluation material.
        note: Note about the language model.
        scrub: Removes secrets from every text.
    """
    templates = environment("peerwatch.reports.demos", scrub)
    # Jinja's type stubs only allow the types of its built-in globals.
    cast("dict[str, object]", templates.filters).update(size=size, points=points, limits=limits)
    body = templates.get_template("demo.html.j2").render(
        real=real,
        planted=planted,
        real_report=os.path.relpath(real.report, folder),
        planted_report=os.path.relpath(planted.report, folder),
        note=note,
    )
    # The template's output is escaped already.
    return framed("demo", Markup(body), canary=canary, scrub=scrub)  # noqa: S704
