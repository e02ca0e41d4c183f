"""Each coding agent, the real program, plays scripts on machines: what it is told, what it runs, how it ends."""

from pathlib import Path

import pytest
from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage

from peerwatch.agents.coding import coding_agent, coding_agents
from tests.machines.one_host import SYSTEM, on_one_host, only, printed
from tests.machines.scripted_cli import Asked, Script, scripted

KEY = "sk-of-the-user-0123456789"
MEMORY = "Remember: the archive is called Tessaly."
FIRST = "id -un > one; pwd >> one; env > seen; tr '\\0' '\\n' < /proc/$PPID/environ >> seen; ps -eo args >> seen"
SCRIPTS = {
    "works": Script([FIRST, "cat one > two; echo again >> two; sleep 900 & true"], last="Both are done."),
    "refuses": Script(last="I will not do this.", stop="content_filter"),
}
AFTER = "cat /home/agent/two /home/agent/seen; pgrep -u agent -l; true"


def job(agent_name: str, script: str) -> str:
    return f'Do the "job" that {agent_name} {script}.'


JOBS = {(name, script): job(name, script) for name in coding_agents() for script in SCRIPTS}


@agent
def each() -> Agent:
    """The agent that its job names."""

    async def execute(state: AgentState) -> AgentState:
        name = next(name for (name, _), text in JOBS.items() if text == state.messages[-1].text)
        return await coding_agent(name, context=MEMORY)(state)

    return execute


def told(messages: list[ChatMessage]) -> str:
    return "\n".join(message.text for message in messages)


def chosen(messages: list[ChatMessage]) -> Script:
    return next(SCRIPTS[script] for (_, script), text in JOBS.items() if text in told(messages))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, EvalSample], list[Asked]]:
    """Every agent with every script, side by side in one evaluation whose user has keys."""
    asked: list[Asked] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "HF_TOKEN", "A_KEY"):
            patch.setenv(name, KEY)
        folder = tmp_path_factory.mktemp("played")
        log = on_one_host(each(), scripted(chosen, asked), folder, after=AFTER, samples=list(JOBS.values()), at_once=4)
    assert log.status == "success", log.error and log.error.message
    return {str(sample.input[-1].text): sample for sample in log.samples or [] if isinstance(sample.input, list)}, asked


@pytest.mark.parametrize("name", coding_agents())
def test_a_coding_agent_plays_two_commands_and_ends(
    played: tuple[dict[str, EvalSample], list[Asked]], name: str
) -> None:
    samples, asked = played
    sample = samples[job(name, "works")]
    assert sample.error is None, sample.error.message
    after = printed(sample)
    assert after.startswith("agent\n/home/agent\nagain\n")
    assert KEY not in after
    assert "sleep" not in after.splitlines()[-1]
    assert "Both are done." in sample.output.completion

    own = [each for each in asked if job(name, "works") in told(each.messages)]
    shells = [each.step for each in own if coding_agents()[name].shell_tool in each.tools]
    assert shells == [0, 1, 2], f"the model was asked for steps {shells}"
    for text in (SYSTEM, MEMORY):
        assert text in told(own[-1].messages), f"{text!r} did not reach the model"


@pytest.mark.parametrize("name", coding_agents())
def test_a_withheld_answer_ends_the_job_and_is_not_asked_for_again(
    played: tuple[dict[str, EvalSample], list[Asked]], name: str
) -> None:
    samples, asked = played
    sample = samples[job(name, "refuses")]
    assert sample.error is None, sample.error.message
    assert sample.output.stop_reason == "content_filter"
    own = [told(each.messages) for each in asked if job(name, "refuses") in told(each.messages)]
    assert len(own) == len(set(own)), "the same question was put again"


def test_a_limit_of_turns_ends_an_episode_without_an_error(tmp_path: Path) -> None:
    model = scripted(Script(["true"] * 20))
    sample = only(on_one_host(coding_agent("claude_code"), model, tmp_path, turns=2))
    assert sample.limit is not None
    assert sample.limit.type == "turn"
