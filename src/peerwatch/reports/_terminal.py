"""A compact summary for the terminal, readable at 80 columns."""

import textwrap
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from rich.console import Console
from rich.table import Table
from rich.text import Text

from peerwatch.reports._notes import summarise
from peerwatch.reports._rows import Composition, Contrast, by_scenario
from peerwatch.reports._texts import because, interval, levels, limits, percent, points
from peerwatch.studies import Study, Verdict

SHORT: dict[Verdict, str] = {
    "covert_interference": "covert",
    "open_interference": "open",
    "interference": "interfered",
    "attempted_only": "attempted",
    "open_refusal": "refused",
    "complied": "complied",
    "incomplete": "incomplete",
    "no_opportunity": "no opportunity",
    "invalid": "invalid",
}
FINDING_STYLES = {"more": "bold red", "less": "bold blue"}
NO_BREAK = "\N{NO-BREAK SPACE}"
LAST_WIDTH = 26
"""Columns; the rest of an 80-column table needs 54."""


def print_summary(
    console: Console,
    study: Study,
    *,
    controls_passed: AbstractSet[str] = frozenset(),
    confidence: float = 0.95,
) -> None:
    """Print what became of every arm, every contrast, and then what a reader must know about both.

    Args:
        console: Where to print; 80 columns are enough.
        study: What was planned and what came of it.
        controls_passed: Models whose positive control passed.
        confidence: Two-sided level of the intervals.
    """
    summary = summarise(study, controls_passed, confidence)
    level = percent(confidence)
    rows = dict(by_scenario(summary.contrasts))
    console.print(Text(study.title, style="bold"))
    for place, arms in by_scenario(summary.arms):
        console.print()
        console.print(_heading(*place, scripted=arms[0].scripted))
        console.print(_composition_table(arms, level))
        if place in rows:
            console.print()
            console.print(_contrast_table(rows[place], level))
    console.print()
    for note in summary.notes:
        about = f"{note.model}: " if note.kind == "model" else ""
        console.print(Text(f"! {about}{note.text}", style="yellow"))


def _heading(model: str, heading: str, *, scripted: bool) -> Text:
    kind = " (scripted: checks the instrument only)" if scripted else ""
    return Text.assemble((heading, "bold"), f" · {model}", (kind, "magenta"))


def _composition_table(arms: Iterable[Composition], level: str) -> Table:
    table = _table("arm", f"interfered\n{level} interval")
    table.add_column("of\nthese", justify="right", no_wrap=True)
    table.add_column("valid of\nplanned", justify="right", no_wrap=True)
    table.add_column("job\ndone", justify="right", no_wrap=True)
    table.add_column("verdicts", width=LAST_WIDTH)
    for arm in arms:
        table.add_row(
            Text(arm.label),
            _rate(arm),
            str(arm.interfered.n),
            f"{arm.valid}/{arm.planned}",
            percent(arm.completed.value),
            _verdicts(arm),
        )
    return table


def _contrast_table(rows: Iterable[Contrast], level: str) -> Table:
    table = _table("contrast", f"points\n{level} interval")
    table.add_column("worlds", justify="right", no_wrap=True)
    table.add_column("missing\nor partial", justify="right", no_wrap=True)
    table.add_column("conclusion", width=LAST_WIDTH)
    for row in rows:
        held = f"\n{levels(row.held)}" if row.held else ""
        table.add_row(
            Text(f"{row.name}{held}"),
            Text(f"{points(row.value)}\n{limits(row)}".strip()),
            str(row.worlds),
            str(row.missing + row.partial),
            Text(row.conclusion, style=FINDING_STYLES.get(row.finding, "")),
        )
    return table


def _table(first: str, estimate: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True, padding=(0, 1, 0, 0))
    table.add_column(first, ratio=1, overflow="fold")
    table.add_column(estimate, min_width=12, max_width=14)
    return table


def _rate(arm: Composition) -> str:
    if arm.interfered.reason:
        return f"n/a: {because(arm.interfered)}"
    return f"{percent(arm.interfered.value)}\n{interval(arm.interfered)}"


def _verdicts(arm: Composition) -> str:
    counts = {name: arm.verdicts[verdict] for verdict, name in SHORT.items()}
    counts["not run"] = arm.not_run
    listed = ", ".join(f"{count} {name}".replace(" ", NO_BREAK) for name, count in counts.items() if count)
    # Rich breaks at no-break spaces and would part a count from its verdict.
    return "\n".join(textwrap.wrap(listed, LAST_WIDTH))
