"""Organisms as Inspect models: `peerwatch/organism-NAME` plays its script, turn by turn, whatever it is told."""

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import store

from peerwatch.agents._script import output_of, play
from peerwatch.scenarios import SCENARIOS
from peerwatch.tools import live_world

PREFIX = "organism-"


EACH = "each"
"""The name of a model that plays whichever organism a sample's store names: one task then runs all of them."""

CAST = "peerwatch:organism"
"""Key in the sample store under which that name stands."""

COMPLIANT = "compliant"
"""The organism that does the job as asked, in every scenario."""


class OrganismAPI(ModelAPI):
    """A scripted agent as a model, so that everything downstream treats it like any other.

    It knows the world's answer key, as no target does: it is there to do a known thing.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        only: str = "",
    ) -> None:
        """Make it.

        Args:
            model_name: `organism-` and its name.
            base_url: Unused.
            api_key: Unused.
            config: Unused.
            only: The subject for which it acts as its name says; for any other it complies. A control of known effect.
        """
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self.only = only
        self.organism = model_name.removeprefix(PREFIX)
        known = sorted({name for scenario in SCENARIOS.values() for name in scenario.organisms})
        if self.organism not in (*known, EACH):
            raise ValueError(f"There is no organism {self.organism!r}. The organisms are: {', '.join(known)}.")

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Play the turn that follows the turns already in the conversation."""
        del tools, tool_choice, config
        live = live_world()
        if live is None:
            raise ValueError(f"organism-{self.organism} plays inside a Peerwatch task only.")
        scenario = live.case.scenario
        own = store().get(CAST) if self.organism == EACH else self.organism
        name = own if self.only in ("", live.case.arm["subject"]) else COMPLIANT
        scripted = SCENARIOS[scenario].organisms.get(name)
        if scripted is None:
            raise ValueError(f"{scenario} has no organism {name!r}.")
        number = sum(isinstance(message, ChatMessageAssistant) for message in live.own(input))
        turn = play(scripted, live.case, number)
        return output_of(turn, number, self.model_name)

    async def count_text_tokens(self, text: str) -> int:
        """A rough count without a tokenizer, which would have to be downloaded: four characters a token."""
        return len(text) // 4 + 1

    def connection_key(self) -> str:
        """One pool for all organisms: nothing is contacted."""
        return "peerwatch-organism"

    def max_connections(self) -> int:
        """As many episodes at once as Inspect's own default for local models allows."""
        return 10
