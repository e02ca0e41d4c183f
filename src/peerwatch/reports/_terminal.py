"""A compact summary for the terminal, readable at 80 columns."""

import textwrap
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from peerwatch.analysis import (
    Composition,
    Contrast,
    Summary,
    answers,
    because,
    by_scenario,
    dagger,
    deciding,
    interval,
    level,
    level_of_limits,
    levels,
    limits,
    percent,
    points,
    robustness,
    size,
    summarise,
)
from peerwatch.core.console import plain_text
from peerwatch.core.outcomes import Verdict
from peerwatch.records import Study, Validation
from peerwatch.reports._head import question_of
from peerwatch.reports._noticed import noticed, sentence

SHORT: dict[Verdict, str] = {
    "covert_interference": "covert",
    "open_interference": "open",
    "interference": "interfered",
    "attempted_only": "attempted",
    "misreported": "misreported",
    "open_refusal": "refused",
    "complied": "complied",
    "incomplete": "incomplete",
    "no_opportunity": "no opportunity",
    "invalid": "invalid",
}
FINDING_STYLES = {"more": "bold red", "less": "bold blue"}
MOST_ANSWERS = 6
"""Maximum number of answers at the head; the tables contain all."""
NO_BREAK = "\N{NO-BREAK SPACE}"
LAST_WIDTH = 26
"""Width of a table's last column, in characters; the other columns need 54 of 80."""


def print_summary(
    console: Console,
    study: Study,
    validation: Validation | None = None,
    *,
    confidence: float | None = None,
) -> None:
    """Print the results of every arm and contrast, how they were planned, and the notes.

    Args:
        console: Where to print; 80 columns suffice.
        study: The plan and its results.
        validation: Results of the scripted agents; `None` if they were not run.
        confidence: Two-sided level of the intervals; `None` for 1 - `alpha` of the study.
    """
    summary = summarise(study, validation, confidence)
    chosen = level(summary.confidence)
    rows = dict(by_scenario(summary.contrasts))
    console.print(plain_text(study.title, "bold"))
    _print_answers(console, summary)
    for place, arms in by_scenario(summary.arms):
        console.print()
        console.print(_heading(arms[0].who, arms[0].heading, scripted=arms[0].scripted))
        console.print(_composition_table(arms, chosen))
        _print_contrasts(console, rows.get(place, []))
    for (model, scenario), pooled in rows.items():
        if pooled[0].scenarios > 1:
            console.print()
            console.print(_heading(model, scenario, scripted=pooled[0].scripted))
            _print_contrasts(console, pooled)
    for row in [each for each in noticed(summary) if not each.scripted][:1]:
        console.print()
        console.print(plain_text(sentence(row)))
    console.print()
    for line in summary.planning.lines():
        console.print(plain_text(line))
    for note in summary.notes:
        about = f"{note.model}: " if note.kind == "model" else ""
        console.print(plain_text(f"! {about}{note.text}", "bold red" if note.grave else "yellow"))


def _print_answers(console: Console, summary: Summary) -> None:
    """Print the finding first, as on the page: the question, then each answer with the name of its outcome."""
    console.print(plain_text(question_of(summary)))
    found = answers(summary.contrasts)
    for each in found[:MOST_ANSWERS]:
        console.print(plain_text(f"* {each.sentence}", FINDING_STYLES.get(each.finding, "")))
    if len(found) > MOST_ANSWERS:
        console.print(plain_text(f"* and {len(found) - MOST_ANSWERS} more, in the report"))


def _print_contrasts(console: Console, rows: Sequence[Contrast]) -> None:
    """Print planned contrasts by family, then exploratory ones separately."""
    families = dict.fromkeys(row.family for row in rows if row.planned)
    parts = [
        (f"planned, family {name}", [row for row in rows if row.planned and row.family == name]) for name in families
    ]
    parts.append(("exploratory", [row for row in rows if not row.planned]))
    for title, part in parts:
        if part:
            console.print()
            console.print(_contrast_table(title, part))


def _heading(model: str, heading: str, *, scripted: bool) -> Text:
    kind = " (scripted: checks the instrument only)" if scripted else ""
    return Text.assemble(plain_text(heading, "bold"), plain_text(f" · {model}"), (kind, "magenta"))


def _composition_table(arms: Iterable[Composition], chosen: str) -> Table:
    table = plain_table("arm", f"interfered\n{chosen} interval")
    table.add_column("of\nthese", justify="right", no_wrap=True)
    table.add_column("valid of\nplanned", justify="right", no_wrap=True)
    table.add_column("job\ndone", justify="right", no_wrap=True)
    table.add_column("verdicts", width=LAST_WIDTH)
    for arm in arms:
        table.add_row(
            plain_text(arm.label),
            _rate(arm),
            str(arm.interfered.n),
            f"{arm.valid}/{arm.planned}",
            percent(arm.completed.value),
            _verdicts(arm),
        )
    return table


def _contrast_table(title: str, rows: Iterable[Contrast]) -> Table:
    table = plain_table(title, "points,\ninterval")
    table.add_column("worlds", justify="right", no_wrap=True)
    table.add_column("missing\nor partial", justify="right", no_wrap=True)
    table.add_column("conclusion", width=LAST_WIDTH)
    for row in rows:
        style = FINDING_STYLES.get(row.finding, "")
        table.add_row(
            plain_text("\n".join(filter(None, [row.name, row.about, levels(row.held)]))),
            Text("\n").join(
                filter(None, [Text(points(row.value)), Text(limits(row)), plain_text(level_of_limits(row), "dim")])
            ),
            str(row.worlds),
            str(row.missing + row.partial),
            Text("\n").join(
                filter(None, [plain_text(row.conclusion, style), plain_text(deciding(row), "dim"), *_robustness(row)])
            ),
        )
    return table


def _robustness(row: Contrast) -> list[Text]:
    return [plain_text(line, "dim") for line in robustness(row)]


def plain_table(first: str, estimate: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True, padding=(0, 1, 0, 0))
    table.add_column(plain_text(first), ratio=1, overflow="fold")
    table.add_column(estimate, min_width=12, max_width=14)
    return table


def _rate(arm: Composition) -> str:
    if arm.interfered.reason:
        return f"n/a: {because(arm.interfered)}"
    return f"{size(arm.interfered)}\n{interval(arm.interfered)}"


def _verdicts(arm: Composition) -> str:
    counts = {name + dagger(arm.marks.get(verdict, "")): arm.verdicts[verdict] for verdict, name in SHORT.items()}
    counts["not run"] = arm.not_run
    listed = ", ".join(f"{count} {name}".replace(" ", NO_BREAK) for name, count in counts.items() if count)
    # Rich breaks lines at no-break spaces, which would separate a count from its verdict.
    return "\n".join(textwrap.wrap(listed, LAST_WIDTH))
