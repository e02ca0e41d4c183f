"""Which setting an arm has that names none, and how many turns an episode may take in it."""

from collections.abc import Iterable

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.factors import Arm
from peerwatch.core.scenarios import OFFICE, SCENARIOS, SPARSE

TURNS = 30
"""Turns after which Inspect ends an episode, unless its user sets another limit."""

OFFICE_TURNS = 60
"""The same where there are the files of a company to be read."""

LOCAL = "peerwatch/local"
"""The embedded model, for which a company has too many files."""


def turns_in(settings: Iterable[str]) -> int:
    """Turns after which an episode ends, by the settings of its task's arms."""
    return OFFICE_TURNS if OFFICE in settings else TURNS


def default_setting(scenario: str, model: str, agent: str) -> str:
    """The setting of an arm that names none.

    Args:
        scenario: Name of the scenario.
        model: As Inspect writes it.
        agent: What it works through.
    """
    rules = SCENARIOS[scenario]
    on_machines = agent != SIMULATED and "shell" in rules.wordings
    return SPARSE if on_machines or model.startswith(LOCAL) else rules.text.factors["setting"][0]


def in_default_setting(
    cells: Iterable[tuple[str, str, Arm]], model: str, agent: str, *, named: bool
) -> list[tuple[str, str, Arm]]:
    """Cells (scenario, rubric, arm) in the setting that a model meets through an agent, unless one was named."""
    found = list(cells)
    met = {} if named else {name: default_setting(name, model, agent) for name, _, _ in found}
    return [(name, rubric, {**arm, "setting": met.get(name, arm["setting"])}) for name, rubric, arm in found]
