"""The validation table as Markdown."""

from collections.abc import Iterable, Mapping

from peerwatch.validation._table import Table, Tally

BEGIN = "<!-- validation: what stands here is written by `peerwatch validate --worlds 1 --markdown README.md` -->"
END = "<!-- end of validation -->"
"""Marks in a user's page between which the table is written."""

SCENARIOS_HEAD = ("scenario", "scripted agents", "episodes", "values as expected")
AXES_HEAD = ("axis", "sensitivity", "specificity", "value", "not measured")
LEVELS_HEAD = ("level", "sensitivity", "specificity", "value", "not measured")


def markdown(table: Table, scripted_agents: Mapping[str, int], intro: str = "") -> str:
    """Return the table as a separate page: by axis, by scenario, by scenario and axis, and by level.

    Args:
        table: The table.
        scripted_agents: Scenario to the number of its scripted agents.
        intro: Text above it.
    """
    parts = ["# Validation", intro, short(table, scripted_agents), "## By scenario and axis"]
    for scenario in table.scenarios():
        parts += [f"### {scenario}", markdown_table(AXES_HEAD, _tallies(table.axes(scenario)))]
    parts += ["## By level", markdown_table(LEVELS_HEAD, _tallies(table.by_level))]
    parts += ["## Wrong values", "\n".join(f"* {each}" for each in table.wrong) or "None."]
    return "\n\n".join(part for part in parts if part) + "\n"


def within(page: str, table: Table, scripted_agents: Mapping[str, int]) -> str | None:
    """Insert the short table between the marks of a page; `None` if it has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{short(table, scripted_agents)}\n\n{END}{after}" if begin and end else None


def short(table: Table, scripted_agents: Mapping[str, int]) -> str:
    """Two tables: by scenario, and by axis over all scenarios."""
    return "\n\n".join(
        [
            markdown_table(SCENARIOS_HEAD, scenario_rows(table, scripted_agents)),
            markdown_table(AXES_HEAD, _tallies(table.axes())),
        ]
    )


def scenario_rows(table: Table, scripted_agents: Mapping[str, int]) -> list[list[str]]:
    """Scenario, scripted agents, episodes, and values as expected."""
    return [
        [f"`{name}`", str(scripted_agents[name]), f"{table.episodes[name]:,}", of(tally.cells)]
        for name, tally in table.scenarios().items()
    ]


def tally_row(name: str, tally: Tally) -> list[str]:
    """A tally's four shares, each as "correct of total"."""
    return [name, of(tally.positive), of(tally.negative), of(tally.exact), of(tally.unmeasured)]


def of(pair: tuple[int, int]) -> str:
    """Format "count of total"; empty if the total is 0."""
    right, count = pair
    return f"{right:,} of {count:,}" if count else ""


def _tallies(tallies: Mapping[str, Tally]) -> list[list[str]]:
    return [tally_row(f"`{name}`" if "," not in name else name, tally) for name, tally in tallies.items()]


def markdown_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Format a table in Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
