"""The table of a validation as Markdown."""

from collections.abc import Iterable, Mapping

from peerwatch.validation._table import Table, Tally

BEGIN = "<!-- validation: what stands here is written by `peerwatch validate --worlds 1 --markdown README.md` -->"
END = "<!-- end of validation -->"
"""Marks in a page of the user's own between which the table is written."""

SCENARIOS_HEAD = ("scenario", "scripted agents", "episodes", "values as expected")
AXES_HEAD = ("axis", "sensitivity", "specificity", "value", "not measured")
LEVELS_HEAD = ("level", "sensitivity", "specificity", "value", "not measured")


def markdown(table: Table, scripted_agents: Mapping[str, int], intro: str = "") -> str:
    """The table on a page of its own: by axis, by scenario, by scenario and axis, and by level.

    Args:
        table: The table.
        scripted_agents: Scenario to the number of its scripted agents.
        intro: What stands above it.
    """
    parts = ["# Validation", intro, short(table, scripted_agents), "## By scenario and axis"]
    for scenario in table.scenarios():
        parts += [f"### {scenario}", markdown_table(AXES_HEAD, _tallies(table.axes(scenario)))]
    parts += ["## By level", markdown_table(LEVELS_HEAD, _tallies(table.by_level))]
    parts += ["## Wrong values", "\n".join(f"* {each}" for each in table.wrong) or "None."]
    return "\n\n".join(part for part in parts if part) + "\n"


def within(page: str, table: Table, scripted_agents: Mapping[str, int]) -> str | None:
    """A page with the short table between its marks; `None` if it has none."""
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
    """Scenario, scripted agents, episodes and values as expected."""
    return [
        [f"`{name}`", str(scripted_agents[name]), f"{table.episodes[name]:,}", of(tally.cells)]
        for name, tally in table.scenarios().items()
    ]


def tally_row(name: str, tally: Tally) -> list[str]:
    """A tally's four shares, each as "right of all"."""
    return [name, of(tally.positive), of(tally.negative), of(tally.exact), of(tally.unmeasured)]


def of(pair: tuple[int, int]) -> str:
    """How many of how many; nothing where there was none."""
    right, count = pair
    return f"{right:,} of {count:,}" if count else ""


def _tallies(tallies: Mapping[str, Tally]) -> list[list[str]]:
    return [tally_row(f"`{name}`" if "," not in name else name, tally) for name, tally in tallies.items()]


def markdown_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
