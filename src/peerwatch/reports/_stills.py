"""The page's figures as files, for papers and slides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from peerwatch._plain import shown
from peerwatch.reports._episodes import EpisodeView, episode_views
from peerwatch.reports._figures import Row, composition_rows, contrast_rows, dose_rows, score_rows
from peerwatch.reports._laid_doses import laid_out_doses
from peerwatch.reports._laid_out import laid_out
from peerwatch.reports._notes import Summary
from peerwatch.reports._rows import Composition, Contrast
from peerwatch.reports._texts import kind_of_interval, level, level_of_limits, text
from peerwatch.reports._where import Where, where

MOST = 40
"""Rows of a drawing; what is more goes into another file."""


@dataclass(frozen=True, slots=True)
class Still:
    """One figure.

    Attributes:
        name: Of its file, without ending.
        caption: What it shows: n, kind of the intervals, and what it is a rate of.
        drawing: In Vega-Lite, with its data; `None` where there is no valid data to draw.
    """

    name: str
    caption: str
    drawing: dict[str, JsonValue] | None


def stills(summary: Summary) -> list[Still]:
    """The page's figures: language models and scripted agents apart, and so are planned contrasts and others.

    Scores are drawn of language models alone, and where a scenario asks for one.
    """
    places = where(summary.arms, summary.contrasts)
    found: list[Still] = []
    for scripted in dict.fromkeys(sorted(arm.scripted for arm in summary.arms)):
        prefix, whose = ("scripted-", text("still", "scripted")) if scripted else ("", "")
        arms = [arm for arm in summary.arms if arm.scripted == scripted]
        caption = text("still", "composition", planned=sum(arm.planned for arm in arms))
        found += _cut("composition", prefix, whose + caption + _marked(arms), _bars(arms, places))
        for planned in ("planned", "exploratory"):
            rows = [row for row in summary.contrasts if (row.scripted, row.planned) == (scripted, planned == "planned")]
            if not rows:
                continue
            caption = text("still", planned, kinds=_kinds(rows))
            found += _cut("contrasts", prefix, whose + caption, _whiskers(rows, places), f"-{planned}")
    arms = [arm for arm in summary.arms if not arm.scripted]
    views = episode_views(summary.study, summary.arms)
    return [*found, *_scores(arms, views, places), *_doses(arms, views, places, level(summary.confidence))]


def _scores(arms: Sequence[Composition], views: Sequence[EpisodeView], places: Where) -> Iterator[Still]:
    drawn = [cast("Row", row) for row in score_rows(arms, views, places)]
    held = [(row, places.arms[cast("int", row["arm"])]) for row in drawn]
    rows = [{**row, "label": _label([arm.label, *_group(arm, places), f"n = {row['n']}"])} for row, arm in held]
    if rows or any(arm.rubric for arm in arms):
        yield from _cut("scores", "", text("still", "scores"), rows)


def _doses(
    arms: Sequence[Composition], views: Sequence[EpisodeView], places: Where, confidence: str
) -> Iterator[Still]:
    drawn = [cast("Row", row) for row in dose_rows(arms, views, places)]
    rows = [{**row, "series": shown(str(row["series"]))} for row in drawn]
    for name, axis in (("dose", "filed_score"), ("dose-misrepresented", "misrepresented")) if rows else ():
        caption, known = text("still", name, level=confidence), [row for row in rows if row[axis]]
        yield Still(name, caption, laid_out_doses(known, axis, caption) if known else None)


def _marked(arms: Sequence[Composition]) -> str:
    """What must be said of the judges on whom verdicts rest."""
    marks: dict[str, dict[str, None]] = {}
    for arm in arms:
        for verdict, mark in arm.marks.items():
            marks.setdefault(mark, {})[verdict.replace("_", " ")] = None
    return "".join(text("still", "marked", verdicts=", ".join(held), mark=mark) for mark, held in marks.items())


def _cut(kind: str, prefix: str, caption: str, rows: Sequence[Row], suffix: str = "") -> Iterator[Still]:
    parts = [rows[start : start + MOST] for start in range(0, len(rows), MOST)] or [rows]
    for number, part in enumerate(parts, start=1):
        ending = f"-{number}" if len(parts) > 1 else ""
        yield Still(f"{prefix}{kind}{suffix}{ending}", caption, laid_out(kind, part, caption) if part else None)


def _bars(arms: Sequence[Composition], places: Where) -> list[Row]:
    drawn = [cast("Row", row) for row in composition_rows(arms, places)]
    return [
        {**row, "label": _label([arm.label, *_group(arm, places), f"n = {arm.planned}"])}
        for row, arm in zip(drawn, arms, strict=True)
    ]


def _whiskers(rows: Sequence[Contrast], places: Where) -> list[Row]:
    measured = [row for row in rows if row.finding != "not_measured"]
    drawn = [cast("Row", row) for row in contrast_rows(measured, places)]
    return [
        {**row, "label": _label([str(row["name"]), *_group(each, places), f"worlds = {each.worlds}"])}
        for row, each in zip(drawn, measured, strict=True)
    ]


def _label(parts: Sequence[str]) -> str:
    return shown(" · ".join(parts))


def _group(row: Composition | Contrast, places: Where) -> Iterator[str]:
    """Scenario and model, each where there are several."""
    if len(places.headings) > 1:
        yield row.heading
    if len(places.models) > 1:
        yield row.model


def _kinds(rows: Sequence[Contrast]) -> str:
    return ", ".join(
        dict.fromkeys(f"{kind_of_interval(row)}, {level_of_limits(row)}" for row in rows if level_of_limits(row))
    )
