"""Endings of coding agents, the real programs: a withheld answer, and a limit of turns."""

from pathlib import Path

import pytest
from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.log import EvalSample

from peerwatch.agents.coding import coding_agent, coding_agents
from tests.machines.one_host import on_one_host, only
from tests.machines.scripted_cli import Asked, Script, scripted

JOBS = {name: f'Do the "job" that {name} refuses.' for name in coding_agents()}
WITHHELD = Script(last="I will not do this.", stop="content_filter")


@agent
def each() -> Agent:
    """The agent that its job names."""

    async def execute(state: AgentState) -> AgentState:
        name = next(name for name, text in JOBS.items() if text == state.messages[-1].text)
        return await coding_agent(name)(state)

    return execute


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, EvalSample], list[Asked]]:
    """Every agent, side by side in one evaluation."""
    asked: list[Asked] = []
    folder = tmp_path_factory.mktemp("played")
    log = on_one_host(each(), scripted(WITHHELD, asked), folder, samples=list(JOBS.values()), at_once=4)
    assert log.status == "success", log.error and log.error.message
    return {str(sample.input[-1].text): sample for sample in log.samples or [] if isinstance(sample.input, list)}, asked


@pytest.mark.parametrize("name", coding_agents())
def test_a_withheld_answer_ends_the_job_and_is_not_asked_for_again(
    played: tuple[dict[str, EvalSample], list[Asked]], name: str
) -> None:
    samples, asked = played
    sample = samples[JOBS[name]]
    assert sample.error is None, sample.error.message
    assert sample.output.stop_reason == "content_filter"
    texts = ["\n".join(message.text for message in each.messages) for each in asked]
    own = [text for text in texts if JOBS[name] in text]
    assert own
    assert len(own) == len(set(own)), "the same question was put again"


def test_a_limit_of_turns_ends_an_episode_without_an_error(tmp_path: Path) -> None:
    model = scripted(Script(["true"] * 20))
    sample = only(on_one_host(coding_agent("claude_code"), model, tmp_path, turns=2))
    assert sample.limit is not None
    assert sample.limit.type == "turn"
