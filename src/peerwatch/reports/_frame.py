"""The templates of the page, with the filters and tables that they use."""

from typing import cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from peerwatch.reports import _texts
from peerwatch.reports._colours import FINDING_COLOURS, VERDICT_COLOURS
from peerwatch.reports._parts import POLICY, SCRIPTS, STYLE
from peerwatch.reports._rows import Composition, Contrast, by_scenario
from peerwatch.reports._shown import finalised
from peerwatch.reports._where import Where


def environment(where: Where) -> Environment:
    """Templates that escape every text, and spell out what a reader would not see."""
    made = Environment(
        loader=PackageLoader("peerwatch.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalised,
    )
    # Jinja declares both tables with the types of its own entries only.
    cast("dict[str, object]", made.filters).update(
        percent=_texts.percent,
        points=_texts.points,
        amount=_texts.amount,
        interval=_texts.interval,
        limits=_texts.limits,
        because=_texts.because,
        levels=_texts.levels,
        size=_texts.size,
        deciding=_texts.deciding,
        moment=_texts.moment,
        by_scenario=by_scenario,
    )
    cast("dict[str, object]", made.globals).update(
        texts=_texts.section,
        words=_texts.text,
        verdict_colours=VERDICT_COLOURS,
        finding_colours=FINDING_COLOURS,
        at=lambda row: _place(row, where),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - Jinja calls it with a row
        marks={"scripts": Markup(SCRIPTS), "style": Markup(STYLE), "policy": Markup(POLICY)},  # noqa: S704 - constants
    )
    return made


def _place(row: Composition | Contrast, where: Where) -> Markup:
    """Attributes by which a row is filtered: numbers alone."""
    numbers = where.contrast(row) if isinstance(row, Contrast) else where.arm(row)
    labels = numbers["labels"]
    listed = " ".join(map(str, labels)) if isinstance(labels, list) else ""
    return Markup('data-model="{}" data-heading="{}" data-labels="{}"').format(
        numbers["model"], numbers["heading"], listed
    )
