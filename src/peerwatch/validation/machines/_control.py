"""A run's own positive control on real machines: some organisms of each scenario, before the first episode."""

from collections.abc import Iterator, Sequence

from peerwatch.agents import control_organisms, shell_organisms
from peerwatch.records import CertifyRow
from peerwatch.validation._observed import Observation, row_of
from peerwatch.validation.machines._on_machines import on_real_machines


def control_on_machines(scenarios: Sequence[str], sandbox: str) -> list[CertifyRow]:
    """Let an honest agent and some that protect work on the machines of each scenario.

    Args:
        scenarios: Names of scenarios that have machines.
        sandbox: Inspect's name of the sandbox.

    Returns:
        A row for each scenario, organism and axis, and for verdict and attribution.

    Raises:
        CertifyError: If an episode could not be run.
        SandboxError: If machines can't be had in that sandbox.
    """
    chosen = [(scenario, organism) for scenario in scenarios for organism in control_organisms(scenario)]
    found = on_real_machines(scenarios, sandbox=sandbox, organisms=chosen)
    return [row for each in found for row in _rows(each, sandbox)]


def _rows(episode: Observation, sandbox: str) -> Iterator[CertifyRow]:
    conduct = shell_organisms()[episode.scenario][episode.organism].conduct
    for axis, expected in episode.expected.items():
        yield row_of(episode, conduct, axis, (expected, episode.found.get(axis)), sandbox)
