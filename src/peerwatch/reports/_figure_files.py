"""The page's figures as files for papers and slides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from peerwatch.analysis import (
    Composition,
    Contrast,
    EpisodeView,
    Summary,
    episode_views,
    kind_of_interval,
    level,
    level_of_limits,
    text,
)
from peerwatch.core.plain_text import shown
from peerwatch.reports._dose_layout import laid_out_doses
from peerwatch.reports._figures import Row, composition_rows, contrast_rows, dose_rows, score_rows
from peerwatch.reports._layout import laid_out
from peerwatch.reports._outline import PageOutline, where
from peerwatch.reports._rate_layout import laid_out_rates
from peerwatch.reports._rate_panels import Panel, panels, rate_rows

MOST = 40
"""Maximum rows per figure; further rows go into additional files."""

MOST_NAMED = 6
"""Maximum number of models named in a heading; if there are more, only their number is given."""


@dataclass(frozen=True, slots=True)
class FigureFile:
    """A figure to be written to a file.

    Attributes:
        name: File name, without ending.
        caption: What the figure shows: n, the kind of intervals, and the denominator of rates.
        drawing: Vega-Lite specification with its data; `None` if there is no valid data.
    """

    name: str
    caption: str
    drawing: dict[str, JsonValue] | None


def stills(summary: Summary) -> list[FigureFile]:
    """Return the page's figures.

    Language models and scripted agents are separate, as are planned and exploratory contrasts.
    Scores are drawn only for language models, in scenarios that require a score.
    """
    places = where(summary.arms, summary.contrasts)
    heading = heading_of(summary)
    found: list[FigureFile] = [*_rates(summary, places, heading)]
    for scripted in dict.fromkeys(sorted(arm.scripted for arm in summary.arms)):
        prefix, whose = ("scripted-", text("still", "scripted")) if scripted else ("", "")
        arms = [arm for arm in summary.arms if arm.scripted == scripted]
        caption = text("still", "composition", planned=sum(arm.planned for arm in arms))
        found += _cut("composition", prefix, whose + caption + _marked(arms), _bars(arms, places), heading)
        for planned in ("planned", "exploratory"):
            rows = [row for row in summary.contrasts if (row.scripted, row.planned) == (scripted, planned == "planned")]
            if not rows:
                continue
            caption = text("still", planned, kinds=_kinds(rows))
            found += _cut("contrasts", prefix, whose + caption, _whiskers(rows, places), heading, f"-{planned}")
    arms = [arm for arm in summary.arms if not arm.scripted]
    views = episode_views(summary.study, summary.arms)
    return [
        *found,
        *_scores(arms, views, places, heading),
        *_doses(arms, views, places, level(summary.confidence), heading),
    ]


def heading_of(summary: Summary) -> str:
    """Return a figure's heading: the study and its models."""
    models = list(dict.fromkeys(arm.model for arm in summary.arms))
    named = ", ".join(models) if len(models) <= MOST_NAMED else text("still", "models", count=len(models))
    return shown(f"{summary.study.title}: {named}")


def lead_rates(summary: Summary, places: PageOutline) -> list[tuple[str, list[Row]]]:
    """Return the panels at the head of a report, each with its title."""
    first, _ = panels([row for row in summary.contrasts if not row.scripted])
    return [(panel_title(panel), [cast("Row", row) for row in rate_rows(panel, places)]) for panel in first]


def panel_title(panel: Panel) -> str:
    """Return the scenario, conditions, outcome and n of a panel."""
    parts = [panel.heading, panel.held, panel.outcome, f"n = {panel.runs}"]
    return shown(", ".join(part for part in parts if part))


def finding_figure(summary: Summary, width: float) -> dict[str, JsonValue] | None:
    """Return the first panel at the head of a report as a separate figure; `None` if nothing was measured."""
    found = lead_rates(summary, where(summary.arms, summary.contrasts))
    return laid_out_rates(found[:1], "", width=width) if found else None


def _rates(summary: Summary, places: PageOutline, heading: str) -> Iterator[FigureFile]:
    if found := lead_rates(summary, places):
        caption = text("still", "rates", level=level(summary.confidence))
        yield FigureFile("rates", caption, laid_out_rates(found, caption, heading))


def _scores(
    arms: Sequence[Composition], views: Sequence[EpisodeView], places: PageOutline, heading: str
) -> Iterator[FigureFile]:
    drawn = [cast("Row", row) for row in score_rows(arms, views, places)]
    held = [(row, places.arms[cast("int", row["arm"])]) for row in drawn]
    rows = [{**row, "label": _label([arm.label, *_group(arm, places), f"n = {row['n']}"])} for row, arm in held]
    if rows or any(arm.rubric for arm in arms):
        yield from _cut("scores", "", text("still", "scores"), rows, heading)


def _doses(
    arms: Sequence[Composition], views: Sequence[EpisodeView], places: PageOutline, confidence: str, heading: str
) -> Iterator[FigureFile]:
    drawn = [cast("Row", row) for row in dose_rows(arms, views, places)]
    rows = [{**row, "series": shown(str(row["series"]))} for row in drawn]
    for name, axis in (("dose", "filed_score"), ("dose-misrepresented", "misrepresented")) if rows else ():
        caption, known = text("still", name, level=confidence), [row for row in rows if row[axis]]
        yield FigureFile(name, caption, laid_out_doses(known, axis, caption, heading) if known else None)


def _marked(arms: Sequence[Composition]) -> str:
    """Return the required note on the judges that verdicts depend on."""
    marks: dict[str, dict[str, None]] = {}
    for arm in arms:
        for verdict, mark in arm.marks.items():
            marks.setdefault(mark, {})[verdict.replace("_", " ")] = None
    return "".join(text("still", "marked", verdicts=", ".join(held), mark=mark) for mark, held in marks.items())


def _cut(
    kind: str, prefix: str, caption: str, rows: Sequence[Row], heading: str, suffix: str = ""
) -> Iterator[FigureFile]:
    parts = [rows[start : start + MOST] for start in range(0, len(rows), MOST)] or [rows]
    for number, part in enumerate(parts, start=1):
        ending = f"-{number}" if len(parts) > 1 else ""
        yield FigureFile(
            f"{prefix}{kind}{suffix}{ending}", caption, laid_out(kind, part, caption, heading) if part else None
        )


def _bars(arms: Sequence[Composition], places: PageOutline) -> list[Row]:
    drawn = [cast("Row", row) for row in composition_rows(arms, places)]
    return [
        {**row, "label": _label([arm.label, *_group(arm, places), f"n = {arm.planned}"])}
        for row, arm in zip(drawn, arms, strict=True)
    ]


def _whiskers(rows: Sequence[Contrast], places: PageOutline) -> list[Row]:
    measured = [row for row in rows if row.finding != "not_measured"]
    drawn = [cast("Row", row) for row in contrast_rows(measured, places)]
    return [
        {**row, "label": _label([str(row["name"]), *_group(each, places), f"worlds = {each.worlds}"])}
        for row, each in zip(drawn, measured, strict=True)
    ]


def _label(parts: Sequence[str]) -> str:
    return shown(" · ".join(parts))


def _group(row: Composition | Contrast, places: PageOutline) -> Iterator[str]:
    """Yield the scenario and the model, each only if the page has several."""
    if len(places.headings) > 1:
        yield row.heading
    if len(places.models) > 1:
        yield row.model


def _kinds(rows: Sequence[Contrast]) -> str:
    return ", ".join(
        dict.fromkeys(f"{kind_of_interval(row)}, {level_of_limits(row)}" for row in rows if level_of_limits(row))
    )
