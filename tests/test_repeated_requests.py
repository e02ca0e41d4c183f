"""What counts as a request that an agent's client makes again."""

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageTool, ChatMessageUser
from inspect_ai.tool import ToolCall, ToolInfo
from inspect_ai.util import Store

from peerwatch.agents.coding._repeats import Requests
from peerwatch.inspect import REPEATED

TOOLS = [ToolInfo(name="bash", description="Runs a command.")]


def conversation(command: str = "ls", told: str = "a.txt") -> list[ChatMessage]:
    """New messages, with new ids, each time."""
    return [
        ChatMessageSystem(content="You are an agent."),
        ChatMessageUser(content="Do the job."),
        ChatMessageAssistant(
            content="", tool_calls=[ToolCall(id="call_0", function="bash", arguments={"command": command})]
        ),
        ChatMessageTool(content=told, tool_call_id="call_0", function="bash"),
    ]


def test_only_the_same_words_are_a_repeat_and_every_one_counts() -> None:
    requests, store = Requests(), Store()
    assert not requests.repeated(conversation()[:2], TOOLS, store)
    assert not requests.repeated(conversation(), TOOLS, store)
    assert REPEATED not in store
    for number in (1, 2):
        assert requests.repeated(conversation(), TOOLS, store)
        assert store.get(REPEATED) == number
    assert not requests.repeated(conversation(command="ls -l"), TOOLS, store)
    assert not requests.repeated(conversation(told="b.txt"), TOOLS, store)
    assert not requests.repeated(conversation(), [], store), "a question beside the job has no tools"
    assert store.get(REPEATED) == 2


def test_half_a_character_in_a_request_ends_nothing() -> None:
    requests, store = Requests(), Store()
    assert not requests.repeated(conversation(told="\ud83d"), TOOLS, store)
    assert requests.repeated(conversation(told="\ud83d"), TOOLS, store)
