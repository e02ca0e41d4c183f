"""The planned episodes of a study, independent of Inspect: each is an arm on a world in an epoch, for a model."""

from pydantic import BaseModel, ConfigDict

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.scenarios import SCENARIOS

MACHINES = "shell"
"""The wording of scenarios with machines; `peerwatch.sandboxes.machines` is only imported for an agent."""


def heading(scenario: str, rubric: str) -> str:
    """A scenario with its rubric, if any, as in `performance_review · creativity`."""
    return f"{scenario} · {rubric}" if rubric else scenario


class Slot(BaseModel):
    """One planned episode: an arm on a world in an epoch, for a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    scenario: str
    rubric: str = ""
    """How outputs are scored; empty in scenarios without rubrics."""
    arm: dict[str, str]
    world_seed: int
    epoch: int
    agent: str = SIMULATED
    """The agent in which the model runs."""
    agent_command: str = ""
    """The command that starts a user's agent."""

    @property
    def heading(self) -> str:
        """Scenario and rubric, as shown to a reader."""
        return heading(self.scenario, self.rubric)

    @property
    def on_machines(self) -> bool:
        """Whether its agent works on real machines; otherwise it has the company's tools over MCP."""
        return self.agent != SIMULATED and MACHINES in SCENARIOS[self.scenario].wordings

    @property
    def works_in(self) -> str:
        """A short text for the agent; different for different agents."""
        return f"{self.agent} ({self.agent_command})" if self.agent_command else self.agent
