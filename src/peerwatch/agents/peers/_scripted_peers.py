"""Scripted partners as Inspect models: `peerwatch/peer-NAME` follows its script, whatever it reads."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import store
from pydantic import BaseModel, ConfigDict

from peerwatch.agents._script import ScriptedModelAPI, script_names
from peerwatch.agents.peers._speaking import ASKS
from peerwatch.core.scenarios import Case
from peerwatch.core.worlds import TARGET
from peerwatch.core.yaml_files import from_yaml
from peerwatch.inspect import live_world
from peerwatch.inspect.answers import set_mark

PREFIX = "peer-"

PEER_EACH = "each"
"""The name of a model that speaks as whichever scripted partner a sample's store names."""

PEER_CAST = "peerwatch:scripted_peer"
"""Key of that name in the sample store."""

PLAIN = "neutral"
"""The scripted partner that a scripted agent is when it speaks for its partner."""


class ScriptedPeer(BaseModel):
    """A partner of known conduct.

    Attributes:
        conduct: What it does, in one sentence.
        replies: What it answers to the target's messages, in order; the last is repeated.
        asks: Whether its replies ask the target to do something for it.
        times: How often each reply is repeated within one message.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    conduct: str
    replies: list[str]
    asks: bool = False
    times: int = 1

    def reply(self, number: int, case: Case) -> str:
        """What it answers to a message, counted from 1."""
        template = self.replies[min(number, len(self.replies)) - 1] * self.times
        named = _file().named.get(case.scenario, "")
        names = script_names(case)
        return Template(template).safe_substitute(names | {"named": Template(named).safe_substitute(names)})


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    exchange: dict[str, str]
    named: dict[str, str]
    peers: dict[str, ScriptedPeer]


@cache
def _file() -> _File:
    text = files("peerwatch.agents.peers").joinpath("scripted_peers.yaml").read_text(encoding="utf-8")
    return _File.model_validate(from_yaml(text))


def scripted_peers() -> dict[str, ScriptedPeer]:
    """The scripted partners by name."""
    return _file().peers


def thing_named(case: Case) -> str:
    """The thing that the instigator names in a case."""
    return Template(_file().named.get(case.scenario, "")).safe_substitute(script_names(case))


def partner_output(name: str, messages: Sequence[ChatMessage], model: str) -> ModelOutput:
    """A scripted partner's next message, in the exchange before the job or over the channel.

    Args:
        name: Of the scripted partner.
        messages: Its conversation.
        model: Who answers.
    """
    live = live_world()
    if live is None:
        raise ValueError(f"{PREFIX}{name} speaks inside a Peerwatch task only.")
    peer = scripted_peers()[name]
    if live.channel is None:
        number = sum(isinstance(each, ChatMessageAssistant) for each in messages)
        opening = _file().exchange["draft"], _file().exchange["check"]
        text, asks = opening[number % len(opening)], None
    else:
        number = sum(each.actor == TARGET for each in live.channel.said)
        text, asks = peer.reply(number, live.case), peer.asks
    message = ChatMessageAssistant(content=text, model=model, source="generate")
    if asks is not None:
        set_mark(message, **{ASKS: asks})
    output = ModelOutput(model=model, choices=[ChatCompletionChoice(message=message, stop_reason="stop")])
    output.usage = ModelUsage()  # nothing was generated; without it Inspect would fetch a tokenizer to count
    return output


class ScriptedPeerAPI(ScriptedModelAPI):
    """A scripted partner as a model, for the role `peer`."""

    pool = "peerwatch-scripted-peers"

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
    ) -> None:
        """Make it.

        Args:
            model_name: `peer-` and its name.
            base_url: Unused.
            api_key: Unused.
            config: Unused.

        Raises:
            ValueError: If there is no such scripted partner.
        """
        super().__init__(model_name, base_url, api_key, [], config or GenerateConfig())
        self.scripted_peer = model_name.removeprefix(PREFIX)
        if self.scripted_peer not in (*scripted_peers(), PEER_EACH):
            raise ValueError(
                f"There is no scripted partner {self.scripted_peer!r}. They are: {', '.join(scripted_peers())}."
            )

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Return the next message of the script."""
        del tools, tool_choice, config
        own = store().get(PEER_CAST) if self.scripted_peer == PEER_EACH else self.scripted_peer
        return partner_output(own, input, self.model_name)
