"""The page's templates, with the filters and tables that they use."""

from collections.abc import Iterable
from typing import cast

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from peerwatch.analysis import Composition, Contrast, _texts, answer, by_scenario
from peerwatch.core.factors import arm_label
from peerwatch.core.redaction import Scrub
from peerwatch.reports._colours import FINDING_COLOURS, VERDICT_COLOURS
from peerwatch.reports._cutting import finalizer
from peerwatch.reports._outline import PageOutline
from peerwatch.reports._parts import POLICY, SCRIPTS, STYLE, without_scripts


class _CompiledTemplates(BytecodeCache):
    """Templates compiled in this process, cached because compiling takes longer than rendering.

    Each page has a separate environment for its secrets. The compiled code depends on no secret, since all constants in
    templates are Peerwatch's own.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template's compiled code if the same source was compiled before."""
        if (bucket.key, bucket.checksum) in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store a template's compiled code."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _CompiledTemplates()


def environment(package: str, scrub: Scrub = str) -> Environment:
    """Return an environment for a package's templates that escapes all text and shows invisible characters as escapes.

    Args:
        package: The package that contains the templates.
        scrub: Removes secrets from every text, before it is escaped.
    """
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalizer(scrub),
        bytecode_cache=_COMPILED,
    )
    # Jinja's type stubs only allow the types of its built-in globals.
    cast("dict[str, object]", made.globals).update(
        marks={"scripts": Markup(SCRIPTS), "style": Markup(STYLE), "policy": Markup(POLICY)},  # noqa: S704 - constants
    )
    return made


def report_environment(where: PageOutline, scrub: Scrub = str) -> Environment:
    """Return the environment with the report's templates."""
    made = environment("peerwatch.reports", scrub)
    # Same as above: Jinja's type stubs are too narrow.
    cast("dict[str, object]", made.filters).update(
        percent=_texts.percent,
        points=_texts.points,
        amount=_texts.amount,
        interval=_texts.interval,
        limits=_texts.limits,
        level_of_limits=_texts.level_of_limits,
        robustness=_texts.robustness,
        p_value=_texts.p_value,
        because=_texts.because,
        levels=_texts.levels,
        arm_label=arm_label,
        size=_texts.size,
        deciding=_texts.deciding,
        moment=_texts.moment,
        by_scenario=by_scenario,
        groupby_keys=_grouped,
        answer_of=answer,
    )
    cast("dict[str, object]", made.globals).update(
        texts=_texts.section,
        words=_texts.text,
        at_model=lambda model: _place_of_model(model, where),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - as below
        verdict_colours=VERDICT_COLOURS,
        finding_colours=FINDING_COLOURS,
        at=lambda row: _place(row, where),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - Jinja calls it with a row
    )
    return made


def framed(title: str, body: Markup, *, canary: str, licence: str = "Apache-2.0", scrub: Scrub = str) -> str:
    """Return a page without scripts, in the report's layout and with a content policy that allows no script.

    Args:
        title: Title of the page.
        body: Escaped content of the page.
        canary: Marks the page as evaluation material.
        licence: SPDX identifier of the license.
        scrub: Removes secrets from every text.
    """
    template = environment("peerwatch.reports", scrub).get_template("plain.html.j2")
    return without_scripts(template.render(title=title, body=body, canary=canary, licence=licence), scrub)


def _grouped(rows: Iterable[object], *names: str) -> list[tuple[tuple[object, ...], list[object]]]:
    """Group rows by some of their attributes, in order of first appearance."""
    found: dict[tuple[object, ...], list[object]] = {}
    for row in rows:
        found.setdefault(tuple(getattr(row, name) for name in names), []).append(row)
    return list(found.items())


def _place_of_model(model: str, where: PageOutline) -> Markup:
    """Return the HTML attributes by which a model's texts are filtered."""
    return Markup('data-model="{}" data-heading="-1" data-labels="" data-group').format(where.models.index(model))


def _place(row: Composition | Contrast, where: PageOutline) -> Markup:
    """Return the HTML attributes by which a row is filtered; they contain only numbers."""
    numbers = where.contrast(row) if isinstance(row, Contrast) else where.arm(row)
    labels = numbers["labels"]
    listed = " ".join(map(str, labels)) if isinstance(labels, list) else ""
    return Markup('data-model="{}" data-heading="{}" data-labels="{}"').format(
        numbers["model"], numbers["heading"], listed
    )
