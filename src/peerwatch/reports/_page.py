"""The self-contained HTML page of a report; its texts are in `templates/`."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pydantic import JsonValue

from peerwatch.analysis import (
    Composition,
    Contrast,
    EpisodeView,
    Measure,
    Summary,
    _texts,
    beside_published,
    by_name,
    by_scenario,
    by_scripted_agent,
    episode_views,
    faults,
    instrument_lines,
    ladder,
    mark_words,
    mitigations,
    paper_rates,
    preset_names,
    real_names,
    spent_line,
    standings,
    stimulus_hash,
    summarise,
)
from peerwatch.records import Study, Validation
from peerwatch.reports._blocks import INSIDE
from peerwatch.reports._evidence import LINES, Evidence, evidence_of
from peerwatch.reports._figures import composition_rows, contrast_rows, dose_rows, drawings, score_rows
from peerwatch.reports._frame import report_environment
from peerwatch.reports._head import Head, head_of
from peerwatch.reports._index import index_of
from peerwatch.reports._noticed import noticed, sentence
from peerwatch.reports._outline import PageOutline, where
from peerwatch.reports._parts import Delivery, assembled
from peerwatch.reports._rate_panels import rate_rows

UNEXPLAINED = "no reason was recorded"
MANY_ARMS = 24
"""Maximum number of arms shown individually; more are folded below totals per model and scenario."""

MOST_DRAWN = 24
"""Maximum number of a family's contrasts that are drawn without unfolding."""


@dataclass(frozen=True, slots=True)
class Page:
    """A report, with the files that hold a large report's evidence.

    Attributes:
        html: The page.
        beside: Path relative to the page, to text; empty if the page contains all evidence.
        copied: Path relative to the page, to a file that is copied there.
    """

    html: str
    beside: Mapping[str, str]
    copied: Mapping[str, Path] = field(default_factory=dict[str, Path])


@dataclass(frozen=True, slots=True)
class Family:
    """A planned family of contrasts, or all exploratory contrasts; the latter have no name."""

    name: str
    rows: list[Contrast]


@dataclass(frozen=True, slots=True)
class PagePart:
    """The results of the language models, or those of the scripted agents; never both."""

    arms: list[Composition]
    contrasts: list[Family]
    """Planned families first, then exploratory contrasts."""


def render(
    study: Study,
    validation: Validation | None,
    *,
    canary: str,
    commands: Sequence[str] = (),
    licence: str = "Apache-2.0",
    confidence: float | None = None,
) -> str:
    """Render a study as one HTML page that needs no network. Arguments as for `make_page`."""
    return make_page(
        study,
        validation,
        canary=canary,
        commands=commands,
        licence=licence,
        confidence=confidence,
        inside=None,
    ).html


def make_page(
    study: Study,
    validation: Validation | None,
    *,
    canary: str,
    commands: Sequence[str] = (),
    licence: str = "Apache-2.0",
    confidence: float | None = None,
    logs: str = "",
    name: str = "report",
    folder: Path | None = None,
    inside: int | None = INSIDE,
    live: int = 0,
    scrub: Callable[[str], str] = str,
) -> Page:
    """Make the page of a study.

    Args:
        study: The plan and its results.
        validation: Expected and observed results of the scripted agents; `None` if they were not run.
        canary: Marks the page as evaluation material, to be excluded from training data.
        commands: Shell commands that reproduce the study, in order.
        licence: SPDX identifier of the page's license.
        confidence: Two-sided level of all intervals; `None` for 1 - `alpha` of the study.
        logs: Folder of the logs, for the command that opens them in Inspect's viewer; empty if unknown.
        name: Name of the page's file, without ending.
        folder: Folder of the page: evidence that shards wrote below it is not copied.
        inside: Maximum bytes of compressed evidence in the page; more goes into separate files. `None` for no limit.
        live: Version number of a page that is served during the run and requests newer versions; 0 otherwise.
        scrub: Removes secrets from every text.

    Returns:
        The page. All text from models and study files is escaped, or inserted as text by the page's scripts.
    """
    scrub = lru_cache(65536)(scrub)
    summary = summarise(study, validation, confidence)
    views = episode_views(study, summary.arms)
    places = where(summary.arms, summary.contrasts)
    held = evidence_of(views, scrub, name, folder, inside)
    head = head_of(summary, views)
    figures = _drawn(summary, head, views, places)
    checks = by_scripted_agent(validation.rows if validation else ())
    frame = (
        report_environment(places, scrub)
        .get_template("page.html.j2")
        .render(
            **head.context,
            many_arms=MANY_ARMS,
            most_drawn=MOST_DRAWN,
            summary=summary,
            study=study,
            where=places,
            models=_part(summary, scripted=False),
            scripted=_part(summary, scripted=True),
            faults=faults(views, UNEXPLAINED),
            validation=validation,
            checks=checks,
            misjudged={agent: rows for agent, rows in checks.items() if not all(row.ok for row in rows)},
            instrument=instrument_lines(study, summary.arms),
            stimuli=stimulus_hash(study),
            spent=spent_line(study.spent) if study.spent else "",
            paper=paper_rates(study),
            published=beside_published(summary.arms, real_names(study)),
            hypotheses=standings(summary.contrasts),
            mitigations=mitigations(study, summary.contrasts, summary.confidence),
            ladder=ladder(study, confidence),
            noticed=noticed(summary),
            noticed_sentence=sentence,
            by_name=by_name,
            figures=figures,
            scored=bool(figures["scores"]) or any(arm.rubric for arm in summary.arms if not arm.scripted),
            episodes=len(views),
            beside=held.beside,
            canary=canary,
            licence=licence,
            commands=commands,
            logs=logs,
            level=_texts.level(summary.confidence),
        )
    )
    data = _data(views, places, held)
    data |= {"figures": dict[str, JsonValue](figures), "beside": [*held.beside], "live": live, "logs": logs}
    data["judges"] = {f"{each.judge} {each.rubric}": mark_words(each) for each in study.judges if each.mark}
    html = assembled(frame, data, Delivery(held.inside, held.beside, live > 0), scrub)
    return Page(html, held.written, held.copied)


def _part(summary: Summary, *, scripted: bool) -> PagePart:
    rows = [contrast for contrast in summary.contrasts if contrast.scripted == scripted]
    # Contrasts without a family are exploratory and come last.
    names = sorted(dict.fromkeys(row.family for row in rows), key=lambda name: not name)
    return PagePart(
        arms=[arm for arm in summary.arms if arm.scripted == scripted],
        contrasts=[Family(name, [row for row in rows if row.family == name]) for name in names],
    )


def _drawn(
    summary: Summary, head: Head, views: Sequence[EpisodeView], places: PageOutline
) -> dict[str, list[JsonValue]]:
    """Return the rows of every figure, by the name of its place on the page. Scripted agents have separate figures."""
    found = {f"rates-{number}": rate_rows(panel, places) for number, panel in enumerate([*head.first, *head.more])}
    for prefix, scripted in (("", False), ("scripted-", True)):
        part = _part(summary, scripted=scripted)
        for number, (_, arms) in enumerate(by_scenario(part.arms)):
            found[f"{prefix}composition-{number}"] = composition_rows(arms, places)
        for number, family in enumerate(part.contrasts):
            found[f"{prefix}contrasts-{number}"] = contrast_rows(family.rows, places)
    measured = [arm for arm in summary.arms if not arm.scripted]
    return found | {"scores": score_rows(measured, views, places), "dose": dose_rows(measured, views, places)}


def _data(views: Sequence[EpisodeView], places: PageOutline, held: Evidence) -> dict[str, JsonValue]:
    names = preset_names(places.arms)
    arms: list[JsonValue] = [
        {
            **places.arm(arm),
            "scripted": arm.scripted,
            "levels": dict[str, JsonValue](arm.arm),
            "presets": [*names.get(number, [])],
            "interfered": _cell(arm.interfered),
            "axes": {axis: _cell(measure) for axis, measure in arm.axes.items()},
        }
        for number, arm in enumerate(places.arms)
    ]
    return {
        "models": [*places.models],
        "headings": [*places.headings],
        "labels": [*places.labels],
        "arms": arms,
        "episodes": {
            **index_of(views, held.places, places, lines=held.lines is None),
            **({} if held.lines is None else {"lines": held.lines, "lines_each": LINES}),
        },
        "drawings": drawings(),
        "words": {
            name: dict[str, JsonValue](_texts.section(name)) for name in ("verdict", "axis", "reason", "finding")
        },
    }


def _cell(measure: Measure) -> dict[str, JsonValue]:
    """Return a measure as the map's cell shows it: its text, and a share that sets the shade."""
    return {
        "kind": measure.kind,
        "value": None if math.isnan(measure.value) else measure.value,
        "text": _texts.size(measure),
        "limits": _texts.interval(measure),
        "n": measure.n,
        "why": _texts.because(measure),
    }
