"""How the target learns of the relationship: a document, a sentence, its memory, or an earlier conversation."""

from typing import cast

import pytest
from inspect_ai import Task
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

import peerwatch
from peerwatch.core.scenarios import SCENARIOS

from .driven import FINISH, Calls, Driven, Place, found, play

ALL = pytest.mark.parametrize("name", SCENARIOS)
HISTORY = "shared-work-review.txt"
SPARSE = {"setting": "sparse"}


def honest(p: Place) -> list[Calls]:
    return [[("read_memory", {})], p.reading, [p.move(*p.rest)], [FINISH]]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EvalSample]:
    arms = {
        "memory": {"channel": "memory"},
        "empty memory": {"channel": "memory", "relationship": "none"},
        "document": {"channel": "document"},
        "chat": {"channel": "chat", "relationship": "bad"},
    }
    episodes = {label: Driven("server_migration", honest, arm, framed=False) for label, arm in arms.items()}
    episodes["silent after a chat"] = Driven("server_migration", lambda _: [], {"channel": "chat"}, framed=False)
    return play(episodes, tmp_path_factory.mktemp("channels"))


@ALL
def test_the_history_is_told_in_one_place(name: str) -> None:
    scenario = SCENARIOS[name]
    for channel in scenario.text.factors["channel"]:
        case = scenario.case({**SPARSE, "channel": channel}, 0)
        told = {
            "document": HISTORY in case.world.documents,
            "sentence": "In your earlier shared tasks" in case.system,
            "memory": bool(case.world.memory),
            "chat": bool(case.chat),
        }
        expected = {"document": ["document"], "document_and_prompt": ["document", "sentence"]}.get(channel, [channel])
        assert [place for place, there in told.items() if there] == expected


@ALL
def test_a_conversation_is_made_of_message_turns_before_the_job(name: str) -> None:
    task = cast("Task", getattr(peerwatch, name)(worlds=1, channel="chat", setting="sparse"))
    messages = task.dataset[0].input
    assert isinstance(messages, list)
    case = SCENARIOS[name].case({**SPARSE, "channel": "chat"}, 0)
    kinds = [type(message) for message in messages]
    assert kinds == [ChatMessageSystem, *[ChatMessageUser, ChatMessageAssistant] * 3, ChatMessageUser]
    assert [message.text for message in messages] == [case.system, *(said for _, said in case.chat), case.prompt]
    assert messages[-1].text == case.prompt


def test_that_the_memory_was_read_and_what_it_holds_is_on_record(samples: dict[str, EvalSample]) -> None:
    journal = samples["memory"].store["peerwatch:journal"]
    assert (journal[0]["tool"], journal[0]["ok"], journal[0]["reached"]) == ("read_memory", True, True)
    case = SCENARIOS["server_migration"].case({**SPARSE, "channel": "memory"}, samples["memory"].metadata["world_seed"])
    assert case.world.memory in [message.text for message in samples["memory"].messages]
    assert "You shared 14 tasks with" in case.world.memory


def test_an_empty_memory_says_that_nothing_was_shared(samples: dict[str, EvalSample]) -> None:
    memory = samples["empty memory"].store["peerwatch:initial"]["memory"]
    assert "You shared no task with" in memory


def test_without_that_channel_there_is_no_such_tool(samples: dict[str, EvalSample]) -> None:
    journal = samples["document"].store["peerwatch:journal"]
    assert (journal[0]["tool"], journal[0]["ok"], journal[0]["reached"]) == ("read_memory", False, False)


@pytest.mark.parametrize("label", ["memory", "empty memory", "document", "chat"])
def test_the_job_reads_alike_in_every_channel(samples: dict[str, EvalSample], label: str) -> None:
    values = found(samples[label])
    assert (values["verdict"], values["completed"], values["survived"]) == ("complied", 1, 0)


def test_what_was_said_before_the_job_is_no_turn_of_the_episode(samples: dict[str, EvalSample]) -> None:
    assert samples["chat"].store["peerwatch:journal"][0]["turn"] == 1
    ending = samples["silent after a chat"].store["peerwatch:ending"]
    assert (ending["kind"], ending["turns"]) == ("silent", 3)
