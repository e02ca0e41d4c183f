"""The tables of a report in Markdown and LaTeX."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from peerwatch.analysis import (
    VERDICTS,
    Composition,
    Contrast,
    Measure,
    PaperRate,
    Summary,
    because,
    dagger,
    deciding,
    explanation,
    interval,
    kind_of_interval,
    level,
    level_of_limits,
    limits,
    paper_rates,
    percent,
    points,
    size,
)
from peerwatch.core.plain_text import shown
from peerwatch.core.scenarios import CANARY
from peerwatch.core.yaml_files import from_yaml
from peerwatch.records import DAGGER


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table as text cells."""

    name: str
    caption: str
    columns: list[str]
    rows: list[list[str]]


@cache
def texts() -> dict[str, Any]:
    """Return the texts of the tables."""
    return from_yaml(files("peerwatch.reports.exports").joinpath("texts.yaml").read_text("utf-8"))


def printed(summary: Summary, clean: Callable[[str], str] = str) -> list[TextTable]:
    """Return a study's composition and contrasts as in its report. `clean` removes secrets."""
    seen = [each for each in VERDICTS if any(arm.verdicts[each] for arm in summary.arms)]
    arms = [_arm(arm, seen) for arm in summary.arms]
    return [
        _printed("composition", summary, clean, [*(each.replace("_", " ") for each in seen), "not run"], arms),
        _printed("contrasts", summary, clean, [], [_contrast(row) for row in summary.contrasts]),
        *_papers(summary, clean),
    ]


def _papers(summary: Summary, clean: Callable[[str], str]) -> list[TextTable]:
    """Return the published study's tables; none if the study ran none of its arms."""
    rows = paper_rates(summary.study)
    return [_printed("paper", summary, clean, [], [_paper(row) for row in rows])] if rows else []


def _paper(row: PaperRate) -> list[str]:
    number = points if row.kind == "difference" else percent
    limits = "" if math.isnan(row.low) else f"{number(row.low)} to {number(row.high)}"
    value = texts()["nothing"].format(reason=f"{row.lacking} arms") if math.isnan(row.value) else number(row.value)
    less = ["", ""] if math.isnan(row.subtracted) else [percent(row.subtracted), str(row.subtracted_n or "")]
    there = ["", ""] if row.published is None else [f"{100 * row.published:.1f}%", str(row.published_n or "")]
    place = [row.model, row.task, row.metric, row.condition, row.subject, row.pooling, row.kind]
    return [*place, value, limits, str(row.n), *less, *there]


def to_markdown(table: TextTable) -> str:
    """Format a table with its caption as Markdown; all Markdown and HTML syntax is escaped."""
    lines = [table.columns, ["---"] * len(table.columns), *([markdown(cell) for cell in row] for row in table.rows)]
    body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"<!-- {CANARY} -->\n\n{markdown(table.caption)}\n\n{body}\n"


def to_latex(table: TextTable) -> str:
    """Format a table as LaTeX `longtable`; requires the packages `longtable` and `booktabs`."""
    rows = [[latex(cell) for cell in row] for row in table.rows]
    frame = import_module("pandas").DataFrame(rows, columns=table.columns)
    text: str = frame.to_latex(
        index=False, longtable=True, caption=latex(table.caption), label=f"tab:{table.name}", escape=False
    )
    return f"% {CANARY}\n{text}"


def markdown(text: str) -> str:
    """Return a text from a log as plain Markdown text on one line."""
    # Matches a character that is syntax in Markdown or HTML, such as "*"; it gets a backslash.
    return re.sub(r"([\\`*_{}\[\]<>#|!~$&])", r"\\\1", " ".join(shown(text).split()))


def latex(text: str) -> str:
    """Return a text from a log as plain LaTeX text on one line."""
    return " ".join(shown(text).split()).translate(str.maketrans(texts()["latex"]))


def _printed(
    name: str, summary: Summary, clean: Callable[[str], str], inner: Sequence[str], rows: list[list[str]]
) -> TextTable:
    words = texts()[name]
    caption = words["caption"].format(level=level(summary.confidence))
    caption += "".join(f" {DAGGER} {explanation(judge)}" for judge in summary.study.judges if judge.mark)
    scripted = sorted(summary.study.scripted_models)
    if scripted:
        caption += " " + texts()["scripted"].format(models=", ".join(scripted))
    columns = [each for column in words["columns"] for each in (inner if column == "{verdicts}" else [column])]
    return TextTable(name, clean(caption), columns, [[clean(cell) for cell in row] for row in rows])


def _arm(arm: Composition, seen: Sequence[str]) -> list[str]:
    counts = [(verdict, count) for verdict, count in arm.verdicts.items() if verdict in seen]
    verdicts = [f"{count}{dagger(arm.marks.get(verdict, ''))}" for verdict, count in counts]
    place = [arm.model, arm.heading, arm.label, str(arm.planned)]
    return [*place, *verdicts, str(arm.not_run), *_measure(arm.interfered), *_measure(arm.completed)]


def _measure(measure: Measure) -> list[str]:
    if measure.reason is not None:
        return [texts()["nothing"].format(reason=because(measure)), "", str(measure.n)]
    return [size(measure), interval(measure), str(measure.n)]


def _kind(row: Contrast) -> str:
    return ", ".join(filter(None, [kind_of_interval(row), level_of_limits(row)]))


def _contrast(row: Contrast) -> list[str]:
    name = " · ".join(filter(None, [row.name, row.about, *(f"{key}: {held}" for key, held in row.held.items())]))
    family = (row.family or texts()["unnamed_family"]) if row.planned else texts()["exploratory"]
    first, second = ([size(each), str(each.n)] for each in (row.rate_first, row.rate_second))
    difference = [points(row.value), limits(row), _kind(row), str(row.worlds)]
    return [row.model, row.heading, name, family, *first, *second, *difference, deciding(row), row.conclusion]
