"""One self-contained HTML page; its words are in `templates/`."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from peerwatch.reports._certification import Certification, by_organism
from peerwatch.reports._episodes import EpisodeView, argument, by_verdict, episode_views, faults
from peerwatch.reports._notes import Summary, summarise
from peerwatch.reports._rows import Composition, Contrast, by_scenario
from peerwatch.studies import Study

from . import _texts

if TYPE_CHECKING:
    from peerwatch.reports._figures import Figure

UNEXPLAINED = "no reason was recorded"


@dataclass(frozen=True, slots=True)
class Family:
    """Contrasts that were planned together, or all that were not planned."""

    name: str
    """Empty for exploratory contrasts."""
    rows: list[Contrast]
    forest: "Figure"


@dataclass(frozen=True, slots=True)
class Part:
    """The results of the language models, or those of the scripted agents; never both."""

    arms: list[Composition]
    contrasts: "list[Family]"
    """Planned families first, then what is exploratory."""
    episodes: list[EpisodeView]
    bars: "Figure | None"

    @property
    def headline(self) -> list[Contrast]:
        """What comes first on the page: planned contrasts, or all where none was planned."""
        planned = [row for family in self.contrasts for row in family.rows if row.planned]
        return planned or [row for family in self.contrasts for row in family.rows]


def render(
    study: Study,
    certification: Certification | None,
    *,
    canary: str,
    commands: Sequence[str] = (),
    licence: str = "Apache-2.0",
    confidence: float | None = None,
) -> str:
    """Render a study as one HTML page that needs no network and no script.

    Args:
        study: What was planned and what came of it.
        certification: What the scripted agents were expected to show and what they showed; `None` where they
            were not run.
        canary: Marks the page as evaluation material, to be kept out of training data.
        commands: Shell commands that reproduce the study, in order.
        licence: Licence of the page, as an SPDX identifier.
        confidence: Two-sided level of every interval; `None` for one less the study's `alpha`.

    Returns:
        The page. Everything that a model or a study file supplied is escaped.
    """
    summary = summarise(study, certification, confidence)
    views = episode_views(study, summary.arms)
    environment = _environment()
    script = environment.get_template("open_all.js").render()
    return environment.get_template("page.html.j2").render(
        summary=summary,
        study=study,
        models=_part(summary, views, scripted=False),
        scripted=_part(summary, views, scripted=True),
        faults=faults(views, UNEXPLAINED),
        certification=certification,
        checks=by_organism(certification.rows if certification else ()),
        canary=canary,
        licence=licence,
        commands=commands,
        level=_texts.level(summary.confidence),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _part(summary: Summary, views: Sequence[EpisodeView], *, scripted: bool) -> Part:
    # Altair takes a second to import, and a terminal summary needs none of it.
    from peerwatch.reports._figures import composition_figure

    arms = [arm for arm in summary.arms if arm.scripted == scripted]
    contrasts = [contrast for contrast in summary.contrasts if contrast.scripted == scripted]
    names = summary.study.scripted_models
    return Part(
        arms=arms,
        contrasts=_families(contrasts),
        episodes=[view for view in views if (view.episode.slot.model in names) == scripted],
        bars=composition_figure(arms) if arms else None,
    )


def _families(contrasts: Sequence[Contrast]) -> list[Family]:
    from peerwatch.reports._figures import contrast_figure

    # A contrast without a family is exploratory, and those come last.
    names = sorted(dict.fromkeys(row.family for row in contrasts), key=lambda name: not name)
    grouped = [(name, [row for row in contrasts if row.family == name]) for name in names]
    return [Family(name, rows, contrast_figure(rows)) for name, rows in grouped]


def _environment() -> Environment:
    from peerwatch.reports._figures import FINDING_COLOURS, VERDICT_COLOURS

    environment = Environment(
        loader=PackageLoader("peerwatch.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Jinja declares both tables with the types of its own entries only.
    cast("dict[str, object]", environment.filters).update(
        percent=_texts.percent,
        points=_texts.points,
        amount=_texts.amount,
        interval=_texts.interval,
        limits=_texts.limits,
        because=_texts.because,
        levels=_texts.levels,
        size=_texts.size,
        deciding=_texts.deciding,
        argument=argument,
        by_verdict=by_verdict,
        by_scenario=by_scenario,
    )
    cast("dict[str, object]", environment.globals).update(
        texts=_texts.section, verdict_colours=VERDICT_COLOURS, finding_colours=FINDING_COLOURS
    )
    return environment
