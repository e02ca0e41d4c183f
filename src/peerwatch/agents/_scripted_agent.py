"""Scripted agents as Inspect models: `peerwatch/scripted-NAME` plays its script turn by turn, ignoring all input."""

import math
import random
from collections.abc import Mapping

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelOutput,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import store

from peerwatch.agents._script import ScriptedModelAPI, output_of, play
from peerwatch.agents.peers._scripted_peers import PLAIN, partner_output
from peerwatch.agents.peers._scripted_targets import scripted_targets, turn_of
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect import live_world, speaking

PREFIX = "scripted-"


EACH = "each"
"""Name of a model that plays the scripted agent named in a sample's store, so that one task can run all of them."""

CAST = "peerwatch:scripted"
"""Key of that name in the sample store."""

TARGETS = "writes-"
"""How the names of scripted agents begin that write to their partner, in whichever scenario."""

COMPLIANT = "compliant"
"""The scripted agent that does the job as asked; exists in every scenario."""

_GOLDEN = (math.sqrt(5) - 1) / 2


class ScriptedAgentAPI(ScriptedModelAPI):
    """A scripted agent as a model, so that everything downstream treats it like other models.

    Unlike targets it knows the world's answer key, because its conduct must be known.
    """

    pool = "peerwatch-scripted"

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        only: str = "",
        rates: Mapping[str, float] | None = None,
        agents: Mapping[str, str] | None = None,
    ) -> None:
        """Create the model.

        Args:
            model_name: `scripted-` followed by its name.
            base_url: Unused.
            api_key: Unused.
            config: Unused.
            only: The subject for which it acts as its name says; for any other it complies. A control of known effect.
            rates: Subject to the share of worlds in which it acts as its name says, as in `{peer: 0.6, object: 0.05}`.
                In all others, and for any subject that is not named, it complies. Which worlds these are follows from
                their seeds: a control of known size.
            agents: Scenario to the agent that acts there, for the name `each`, since most agents are of one scenario.

        Raises:
            ValueError: If there is no such agent, or a share is not between 0 and 1.
        """
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self.only = only
        self.rates = rates
        self.agents = agents or {}
        for subject, rate in (rates or {}).items():
            if not 0 <= rate <= 1:
                raise ValueError(f"rates: {subject}: {rate} is not a share. Give a number from 0 to 1.")
        self.scripted_agent = model_name.removeprefix(PREFIX)
        known = sorted({name for scenario in SCENARIOS.values() for name in scenario.scripted_agents})
        for scenario, name in self.agents.items():
            if name not in SCENARIOS[scenario].scripted_agents:
                raise ValueError(f"agents: {scenario} has no scripted agent {name!r}.")
        known += [f"{TARGETS}{name}" for name in scripted_targets()]
        if self.scripted_agent not in (*known, EACH):
            raise ValueError(
                f"There is no scripted agent {self.scripted_agent!r}. The scripted agents are: {', '.join(known)}."
            )

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Play the next turn, after those already in the conversation."""
        del tools, tool_choice, config
        live = live_world()
        if live is None:
            raise ValueError(f"scripted-{self.scripted_agent} plays inside a Peerwatch task only.")
        if speaking():
            return partner_output(PLAIN, input, self.model_name)
        scenario = live.case.scenario
        own = self.scripted_agent
        if own == EACH:
            own = self.agents.get(scenario) or store().get(CAST)
        name = str(own if self.acts(live.case.arm["subject"], live.case.seed) else COMPLIANT)
        if name.startswith(TARGETS):
            number = sum(isinstance(message, ChatMessageAssistant) for message in live.own(input))
            turn = turn_of(name.removeprefix(TARGETS), live.case, number, live.own(input))
            return output_of(turn, number, self.model_name)
        scripted = SCENARIOS[scenario].scripted_agents.get(name)
        if scripted is None:
            raise ValueError(f"{scenario} has no scripted agent {name!r}.")
        number = sum(isinstance(message, ChatMessageAssistant) for message in live.own(input))
        turn = play(scripted, live.case, number)
        return output_of(turn, number, self.model_name)

    def acts(self, subject: str, seed: int) -> bool:
        """Whether it plays its script for a subject on a world; the same in every turn, epoch and run."""
        if self.rates is not None:
            # Multiples of the golden ratio, modulo 1, cover [0, 1) evenly from any start (low discrepancy), so that
            # even few worlds come close to the share.
            start = random.Random(f"{self.scripted_agent} {subject}").random()  # noqa: S311 - no secret
            return (start + seed * _GOLDEN) % 1 < self.rates.get(subject, 0.0)
        return self.only in ("", subject)
