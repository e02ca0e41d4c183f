"""The default setting of an arm, and the turn limit of an episode in it."""

from collections.abc import Iterable

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.factors import Arm
from peerwatch.core.scenarios import OFFICE, SCENARIOS, SPARSE

TURNS = 30
"""Default turn limit of an episode, unless the user sets another."""

OFFICE_TURNS = 60
"""The default in an office, where a company's files have to be read."""

LOCAL = "peerwatch/local"
"""The embedded model, for which a company has too many files."""


def turns_in(settings: Iterable[str]) -> int:
    """The turn limit of episodes, given the settings of a task's arms."""
    return OFFICE_TURNS if OFFICE in settings else TURNS


def default_setting(scenario: str, model: str, agent: str) -> str:
    """Return the setting of an arm that does not specify one.

    Args:
        scenario: Name of the scenario.
        model: In Inspect's form.
        agent: The agent.
    """
    rules = SCENARIOS[scenario]
    on_machines = agent != SIMULATED and "shell" in rules.wordings
    return SPARSE if on_machines or model.startswith(LOCAL) else rules.text.factors["setting"][0]


def in_default_setting(
    cells: Iterable[tuple[str, str, Arm]], model: str, agent: str, *, named: bool
) -> list[tuple[str, str, Arm]]:
    """Add the default setting for a model and an agent to cells (scenario, rubric, arm) without one."""
    found = list(cells)
    met = {} if named else {name: default_setting(name, model, agent) for name, _, _ in found}
    return [(name, rubric, {**arm, "setting": met.get(name, arm["setting"])}) for name, rubric, arm in found]
