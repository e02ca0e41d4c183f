"""A comparison at the terminal, readable at 80 columns."""

import math

from rich.console import Console
from rich.table import Table
from rich.text import Text

from peerwatch.comparisons._comparison import Comparison
from peerwatch.comparisons._rows import Row
from peerwatch.reports import p_value, plain_table, plain_text, points

STYLES = {"more": "bold red", "less": "bold blue"}
LAST_WIDTH = 28


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print what is compared, the notes, the rows and the gates that did not fire.

    Args:
        console: Where to print; 80 columns are enough.
        comparison: All of it.
    """
    console.print(plain_text(f"A: {comparison.a} · {comparison.model_a}"))
    console.print(plain_text(f"B: {comparison.b} · {comparison.model_b}"))
    paired = comparison.pairs - comparison.gaps
    console.print(plain_text(f"{comparison.asked.outcome}, B − A: {paired} of {comparison.pairs} pairs are valid"))  # noqa: RUF001 - a minus sign is meant
    for note in comparison.notes:
        console.print(plain_text(f"! {note}", "yellow"))
    console.print()
    console.print(_table(comparison))
    for each in comparison.gates:
        if each.state == "quiet":
            console.print(plain_text(each.sentence))


def _table(comparison: Comparison) -> Table:
    table = plain_table("paired by world", f"points\n{100 * (1 - comparison.asked.alpha):.6g}% interval")
    table.add_column("A\nB", justify="right", no_wrap=True)
    table.add_column("worlds\ngaps", justify="right", no_wrap=True)
    table.add_column("finding", width=LAST_WIDTH)
    varied = _varied(comparison)
    for row in comparison.rows:
        limits = "" if math.isnan(row.value) else f"\n{points(row.low)} to {points(row.high)}"
        tested = "" if math.isnan(row.p) else f"{row.test}: {p_value(row.p)}"
        conclusion = plain_text(row.conclusion, STYLES.get(row.finding, ""))
        table.add_row(
            plain_text(_name(row, varied)),
            f"{points(row.value)}{limits}",
            f"{_size(row.a)}\n{_size(row.b)}",
            f"{row.worlds}\n{row.missing + row.partial}",
            Text("\n").join(filter(None, [conclusion, plain_text(tested, "dim")])),
        )
    return table


def _name(row: Row, varied: list[str]) -> str:
    if row.kind == "arm":
        levels = [f"{factor}: {row.arm[factor]}" for factor in varied if factor in row.arm]
        return "\n".join([row.scenario, *(f"  {each}" for each in levels)])
    where = row.scenario or "all scenarios"
    return f"{where}\n  peer less object" if row.kind == "beyond" else where


def _varied(comparison: Comparison) -> list[str]:
    """The factors that tell the arms apart."""
    arms = [row.arm for row in comparison.rows if row.kind == "arm"]
    factors = dict.fromkeys(factor for arm in arms for factor in arm)
    return [each for each in factors if len({arm.get(each) for arm in arms}) > 1]


def _size(share: float) -> str:
    return "n/a" if math.isnan(share) else f"{100 * share:.0f}"
