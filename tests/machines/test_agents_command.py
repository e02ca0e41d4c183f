"""Any agent that a command starts: the same small program with each of the four APIs on the machine's loopback."""

from pathlib import Path

import pytest
from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage
from inspect_ai.util import sandbox

from peerwatch.agents.coding import command_agent
from peerwatch.agents.coding._cli_agent import work
from tests.machines.one_host import SYSTEM, on_one_host, printed
from tests.machines.scripted_cli import Asked, Script, scripted

CLIENT = Path(__file__).with_name("client.mjs")
NODE = "/opt/agents/node_modules/.bin/node /srv/client.mjs"
COMMANDS = {
    "chat": NODE + " chat {prompt}",
    "responses": f"sh -c 'exec {NODE} responses \"$(cat {{prompt_file}})\"'",
    "continued": NODE + " continued {prompt}",
    "messages": NODE + " messages",
    "gemini": "env OPENAI_MODEL={model} GOOGLE_GEMINI_BASE_URL={base_url} " + NODE + " gemini {prompt}",
    "broken": "sh -c 'echo all is lost >&2; exit 3'",
}
STEPS = ["id -un > first; env > seen", "cat first > second; echo again >> second; sleep 900 >/dev/null 2>&1 & true"]


@agent
def each() -> Agent:
    """The command that its job names."""

    async def execute(state: AgentState) -> AgentState:
        await sandbox().write_file("/srv/client.mjs", CLIENT.read_text(encoding="utf-8"))
        api = next(api for api in COMMANDS if f"by {api}." in state.messages[-1].text)
        return await work(command_agent(COMMANDS[api]), state)

    return execute


def job(api: str) -> str:
    return f"Do the job, 'quickly' and \"well\", by {api}.\n{{prompt}} stays as it is; $HOME, too."


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, EvalSample], list[Asked]]:
    asked: list[Asked] = []
    log = on_one_host(
        each(),
        scripted(Script(STEPS, last="Both are done."), asked),
        tmp_path_factory.mktemp("played"),
        after="cat /home/agent/second /home/agent/seen; ls -A /home/agent; pgrep -u agent -l; true",
        samples=[job(api) for api in COMMANDS],
        at_once=3,
    )
    names = dict(zip([job(api) for api in COMMANDS], COMMANDS, strict=True))
    return {
        names[sample.input[-1].text]: sample for sample in log.samples or [] if isinstance(sample.input, list)
    }, asked


def told(messages: list[ChatMessage]) -> str:
    return "\n".join(message.text for message in messages)


@pytest.mark.parametrize("api", [each for each in COMMANDS if each != "broken"])
def test_a_command_finds_its_model_behind_every_api(
    played: tuple[dict[str, EvalSample], list[Asked]], api: str
) -> None:
    samples, asked = played
    sample = samples[api]
    assert sample.error is None, sample.error.message
    assert printed(sample).startswith("agent\nagain\n")
    assert "sleep" not in printed(sample), "a process of the agent outlived it"
    assert sample.output.completion == "Both are done."
    own = [each for each in asked if job(api) in told(each.messages)]
    assert [each.step for each in own] == [0, 1, 2]
    assert f"{SYSTEM}\n\n{job(api)}" in told(own[0].messages)
    assert len(sample.messages) >= 6


def test_a_command_that_fails_is_an_error_with_its_last_words(
    played: tuple[dict[str, EvalSample], list[Asked]],
) -> None:
    error = played[0]["broken"].error
    assert error is not None
    assert "sh exited with status 3: all is lost" in error.message
