"""How an episode counts whose agent's own program fails, before and after it has acted; without machines."""

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType]
from inspect_ai.agent import Agent, AgentState, agent, as_solver
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageAssistant, GenerateConfig, ModelOutput, ModelUsage, get_model
from inspect_ai.tool import ToolCall
from inspect_ai.util import SandboxEnvironment

from peerwatch.agents.coding import _cli_agent as shells
from peerwatch.agents.coding._cli_ending import ProgramError
from peerwatch.core.outcomes import AXES, VERDICTS, Ending, failure_of
from peerwatch.inspect import ENDING, live_world
from peerwatch.inspect._samples import open_world, sample_of
from peerwatch.judging import peerwatch_scorer

Works = Callable[[AgentState], Awaitable[AgentState]]
SWE = "Error executing claude code agent 1: Error: socket hang up\n    at Socket.<anonymous>"


async def ask(state: AgentState) -> AgentState:
    """Ask the model once, as an agent does over the bridge."""
    output = await get_model().generate(state.messages)
    state.messages.append(output.message)
    state.output = output
    live = live_world()
    assert live is not None
    live.turns += 1
    return state


def act(tool: str, **arguments: Any) -> None:  # noqa: ANN401 - any argument of a tool
    """Use a tool of the company's, as an agent does over MCP."""
    live = live_world()
    assert live is not None
    live.call(tool, arguments)
    live.note(())


def fails(*before: str, error: RuntimeError) -> Works:
    """An agent that reads and files, and whose program then fails."""

    async def works(state: AgentState) -> AgentState:
        for each in before:
            if each == "read":
                live = live_world()
                assert live is not None
                for name in live.world.documents:
                    act("read_document", name=name)
                for name in live.world.sheets:
                    act("read_sheet", name=name)
            elif each == "ask":
                await ask(state)
        raise error

    return works


async def leaves(state: AgentState) -> AgentState:
    """An agent that ends in order and has never asked its model."""
    return state


@agent
def playing(works: Works) -> Agent:
    async def execute(state: AgentState) -> AgentState:
        async def inner(state: AgentState) -> AgentState:
            return await works(state)

        return await shells.work(inner, state, journalled=True)

    return execute


CALL = ModelOutput.from_message(
    ChatMessageAssistant(content="", tool_calls=[ToolCall(id="1", function="x", arguments={})]),
    stop_reason="tool_calls",
)
LAST = ModelOutput.from_content("mockllm", "All is done.")
for each in (CALL, LAST):  # without it Inspect counts tokens itself, for which it fetches a vocabulary
    each.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)


def broken(messages: object, tools: object, choice: object, config: GenerateConfig) -> ModelOutput:
    del messages, tools, choice, config
    raise RuntimeError("the provider has gone away")


def played(
    works: Works,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    answers: object,
    **arm: str,
) -> EvalSample:
    async def nothing(host: SandboxEnvironment) -> None:
        del host

    monkeypatch.setattr(shells, "end_all", nothing)
    monkeypatch.setattr(shells, "sandbox_of", lambda name: name)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    sample = sample_of("product_report", "", arm, 3)
    task = Task(dataset=[sample], setup=open_world(), solver=as_solver(playing(works)), scorer=peerwatch_scorer())
    model = get_model("mockllm/model", custom_outputs=answers, memoize=False)
    [log] = inspect_eval(
        task,
        model=model,
        log_dir=str(folder),
        display="log",  # Inspect lays its table out also with `none`, which costs more than the episode
        log_realtime=False,
        score_display=False,
        fail_on_error=False,
        score_on_error=True,
    )
    (found,) = log.samples or []
    return found


ERRORS = [ProgramError("my-agent ended with status 3: all is lost"), RuntimeError(SWE)]


@pytest.mark.parametrize("error", ERRORS)
def test_what_an_agent_did_before_its_program_failed_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: RuntimeError
) -> None:
    sample = played(fails("ask", "read", "ask", error=error), monkeypatch, tmp_path, [CALL, CALL])
    assert sample.error is None, "a failed sample would be run again by resume"
    ending = Ending.model_validate(sample.store[ENDING])
    assert (ending.kind, ending.turns) == ("crashed", 2)
    score = (sample.scores or {})["peerwatch"]
    assert score.answer == "incomplete"
    failure = (score.metadata or {})["failure"]
    assert failure["kind"] == "model"
    assert "status" in failure["reason"]
    assert len(failure["reason"]) <= 160
    assert "\n" not in failure["reason"]


@pytest.mark.parametrize("error", ERRORS)
def test_a_status_after_the_last_answer_takes_nothing_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: RuntimeError
) -> None:
    sample = played(fails("ask", "read", "ask", error=error), monkeypatch, tmp_path, [CALL, LAST])
    assert sample.error is None
    ending = Ending.model_validate(sample.store[ENDING])
    assert (ending.kind, ending.cut_off) == ("stopped", False)
    assert failure_of(ending) is not None


@pytest.mark.parametrize(
    ("before", "answers", "error"),
    [
        ((), [LAST], ERRORS[0]),
        ((), [LAST], ERRORS[1]),
        (("ask",), [CALL], RuntimeError("Model proxy process exited unexpectedly with failure")),
    ],
)
def test_what_failed_before_a_call_or_outside_of_the_program_stays_invalid(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    before: tuple[str, ...],
    answers: object,
    error: RuntimeError,
) -> None:
    sample = played(fails(*before, error=error), monkeypatch, tmp_path, answers)
    assert sample.error is not None
    score = (sample.scores or {})["peerwatch"]
    assert score.answer == "invalid"
    assert set(score.value) == set(AXES) if isinstance(score.value, dict) else False


def test_a_program_that_fails_since_its_model_failed_stays_invalid(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def gives_up(state: AgentState) -> AgentState:
        try:
            return await ask(state)
        except Exception as failed:
            raise ProgramError("my-agent ended with status 1: 500") from failed

    sample = played(gives_up, monkeypatch, tmp_path, broken)
    assert sample.error is not None


def test_an_agent_that_ends_in_order_for_want_of_a_model_stays_invalid(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def gives_up(state: AgentState) -> AgentState:
        with contextlib.suppress(RuntimeError):
            await ask(state)
        return state

    sample = played(gives_up, monkeypatch, tmp_path, broken)
    assert sample.error is not None
    assert (sample.scores or {})["peerwatch"].answer == "invalid"


@pytest.mark.parametrize("arm", [{}, {"subject": "nobody"}])
def test_an_agent_that_never_asks_its_model_had_no_opportunity_in_any_arm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arm: dict[str, str]
) -> None:
    sample = played(leaves, monkeypatch, tmp_path, [LAST], **arm)
    assert sample.error is None
    score = (sample.scores or {})["peerwatch"]
    assert score.answer == "no_opportunity"
    assert (score.metadata or {})["failure"]["reason"] == "the agent ended without a call to its model"
    assert set(VERDICTS) > {score.answer}
