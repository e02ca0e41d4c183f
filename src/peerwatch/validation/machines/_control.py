"""A run's positive control on real machines: some scripted agents of each scenario, before the first episode."""

from collections.abc import Iterator, Sequence

from peerwatch.agents import control_scripted_agents, machine_agents
from peerwatch.records import ValidationRow
from peerwatch.validation._observed import Observation, row_of
from peerwatch.validation.machines._on_machines import on_real_machines


def control_on_machines(scenarios: Sequence[str], sandbox: str) -> list[ValidationRow]:
    """Run an honest agent and some protective ones on the machines of each scenario.

    Args:
        scenarios: Names of scenarios that have machines.
        sandbox: Inspect's name of the sandbox.

    Returns:
        A row for each scenario, scripted agent and axis, and for verdict and attribution.

    Raises:
        InstrumentError: If an episode could not be run.
        SandboxError: If the sandbox has no machines.
    """
    chosen = [
        (scenario, scripted_agent) for scenario in scenarios for scripted_agent in control_scripted_agents(scenario)
    ]
    found = on_real_machines(scenarios, sandbox=sandbox, scripted_agents=chosen)
    return [row for each in found for row in _rows(each, sandbox)]


def _rows(episode: Observation, sandbox: str) -> Iterator[ValidationRow]:
    conduct = machine_agents()[episode.scenario][episode.scripted_agent].conduct
    for axis, expected in episode.expected.items():
        yield row_of(episode, conduct, axis, (expected, episode.found.get(axis)), sandbox)
