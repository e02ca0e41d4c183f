"""A comparison for the terminal, readable at 80 columns."""

import math

from rich.console import Console
from rich.table import Table
from rich.text import Text

from peerwatch.analysis import p_value, points
from peerwatch.analysis.comparisons import Comparison, Row
from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.console import plain_text
from peerwatch.reports._terminal import plain_table

STYLES = {"more": "bold red", "less": "bold blue"}
LAST_WIDTH = 28


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print what is compared, the notes, the rows and the gates that did not fire.

    Args:
        console: Where to print; 80 columns suffice.
        comparison: The comparison to print.
    """
    console.print(plain_text(f"A: {comparison.a} · {_who(comparison.model_a, comparison.agent_a)}"))
    console.print(plain_text(f"B: {comparison.b} · {_who(comparison.model_b, comparison.agent_b)}"))
    paired = comparison.pairs - comparison.gaps
    console.print(plain_text(f"{comparison.asked.outcome}, B − A: {paired} of {comparison.pairs} pairs are valid"))  # noqa: RUF001 - a minus sign is meant
    for note in comparison.notes:
        console.print(plain_text(f"! {note}", "yellow"))
    console.print()
    console.print(_table(comparison))
    for each in comparison.gates:
        if each.state == "quiet":
            console.print(plain_text(each.sentence))


def _who(model: str, agent: str) -> str:
    return model if agent == SIMULATED else f"{model} · {agent}"


def _table(comparison: Comparison) -> Table:
    table = plain_table("paired by world", f"points\n{100 * (1 - comparison.asked.alpha):.6g}% interval")
    table.add_column("A\nB", justify="right", no_wrap=True)
    table.add_column("worlds\ngaps", justify="right", no_wrap=True)
    table.add_column("finding", width=LAST_WIDTH)
    told = varied(comparison)
    for row in comparison.rows:
        name, levels = name_of(row, told)
        limits = "" if math.isnan(row.value) else f"\n{points(row.low)} to {points(row.high)}"
        tested = "" if math.isnan(row.p) else f"{row.test}: {p_value(row.p)}"
        conclusion = plain_text(row.conclusion, STYLES.get(row.finding, ""))
        table.add_row(
            plain_text("\n  ".join([name, *levels])),
            f"{points(row.value)}{limits}",
            f"{size(row.a)}\n{size(row.b)}",
            f"{row.worlds}\n{row.missing + row.partial}",
            Text("\n").join(filter(None, [conclusion, plain_text(tested, "dim"), *_robustness(row)])),
        )
    return table


def _robustness(row: Row) -> list[Text]:
    return [plain_text(line, "dim") for line in row.robustness]


def name_of(row: Row, told: list[str]) -> tuple[str, list[str]]:
    """Return a row's scenario and what distinguishes the row, including its levels of the factors `told`."""
    if row.kind == "arm":
        return row.scenario, [f"{factor}: {row.arm[factor]}" for factor in told if factor in row.arm]
    return row.scenario or "all scenarios", ["peer less object"] if row.kind == "beyond" else []


def varied(comparison: Comparison) -> list[str]:
    """Return the factors in which the arms differ."""
    arms = [row.arm for row in comparison.rows if row.kind == "arm"]
    factors = dict.fromkeys(factor for arm in arms for factor in arm)
    return [each for each in factors if len({arm.get(each) for arm in arms}) > 1]


def size(share: float) -> str:
    """Format a share as a percentage, or an amount in points."""
    return "n/a" if math.isnan(share) else f"{100 * share:.0f}"
