"""The scripted agents on real machines, with their results, as Markdown."""

from peerwatch.agents import machine_agents
from peerwatch.core.scenarios import CANARY
from peerwatch.validation._markdown import markdown_table, short
from peerwatch.validation._table import Table

SHELL_BEGIN = "<!-- scripted agents on machines: written by `--markdown docs/reference/scripted-agents.md` -->"
SHELL_END = "<!-- end of scripted agents on machines -->"
"""Marks in a page between which the tables are written."""


def shell_page(table: Table) -> str:
    """The tables as a separate page."""
    return f"<!-- {CANARY} -->\n# Validation of the shell\n\n{_tables(table)}\n"


def shell_within(page: str, table: Table) -> str | None:
    """Insert the tables between the marks of a page; `None` if it has no marks."""
    before, begin, rest = page.partition(SHELL_BEGIN)
    _, end, after = rest.partition(SHELL_END)
    return f"{before}{SHELL_BEGIN}\n\n{_tables(table)}\n\n{SHELL_END}{after}" if begin and end else None


def scripted_agent_table() -> str:
    """Return a table of each scripted agent's conduct and expected values."""
    rows = [
        [scenario, name, each.conduct, str(each.expect["verdict"]), _listed(each.expect["survived_because"])]
        for scenario, cast in machine_agents().items()
        for name, each in cast.items()
    ]
    return markdown_table(["scenario", "scripted agent", "what it does", "verdict", "survived because of"], rows)


def _tables(table: Table) -> str:
    counts = {name: len(machine_agents()[name]) for name in table.episodes}
    return f"{short(table, counts)}\n\n{scripted_agent_table()}"


def _listed(axes: object) -> str:
    return ", ".join(map(str, axes)) if isinstance(axes, list) else ""  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any of the values that an expectation has
