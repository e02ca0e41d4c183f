"""Starts an agent once with a stand-in model, before episodes depend on it."""

import re
import shlex
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.agent import AgentState
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageUser, ModelOutput, ModelUsage, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import SandboxEnvironment, sandbox, store

from peerwatch.agents.coding._agents import ShellAgent
from peerwatch.agents.coding._cli_agent import work
from peerwatch.agents.coding._cli_command import command_agent
from peerwatch.agents.coding._cli_host import environment_of, make_account, make_ready
from peerwatch.agents.coding._cli_table import AgentError, coding_agent_named
from peerwatch.agents.coding._samples import alone
from peerwatch.core.agent_names import COMMAND
from peerwatch.core.outcomes import Ending
from peerwatch.inspect import ENDING
from peerwatch.sandboxes.machines import _places as places

PATIENCE = 90
"""Seconds within which an agent must call its model for the first time."""

_ENOUGH = 15
"""Seconds for an agent to end after the first answer; if it is still running, it has shown that it starts."""

_VERSION = 60
"""Seconds for a program to print its version."""

_JOB, _ANSWER = "Answer with the one word: ready.", "ready"

_FIND = 'command -v -- "$1" || [ -x "$1" ]'


@dataclass
class _Trial:
    """The result of a trial."""

    asked: int = 0
    version: str = ""
    ended: str = ""
    problem: str = ""
    over: bool = False
    first: anyio.Event = field(default_factory=anyio.Event)


def try_agent(agent: ShellAgent, box: str) -> str:
    """Start an agent once on a separate machine.

    A coding agent's program prints its version. A command is started with a job of one word, and a stand-in answers
    when it calls its model.

    Args:
        agent: The agent.
        box: Inspect's name of the sandbox.

    Returns:
        The result in one line.

    Raises:
        AgentError: If it does not start, or never calls its model.
    """
    trial = _Trial()
    spec = alone(box)
    sample = Sample(id="trial", input=[ChatMessageUser(content=_JOB)], sandbox=spec)

    def answer(*asked: object) -> ModelOutput:
        del asked
        trial.asked += 1
        trial.first.set()
        output = ModelOutput.from_content("stand-in", _ANSWER)
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # or Inspect counts tokens itself
        return output

    with tempfile.TemporaryDirectory(prefix="peerwatch-trial-") as folder:
        (log,) = inspect_eval(
            Task(dataset=[sample], solver=_trying(agent, trial)),
            model=get_model("mockllm/model", custom_outputs=answer, memoize=False),
            log_dir=folder,
            display="none",
            log_realtime=False,
            score_display=False,
            fail_on_error=False,
        )
        failed = log.error or next((each.error for each in log.samples or [] if each.error), None)
    if trial.problem or failed is not None:
        raise AgentError(trial.problem or f"{_named(agent)} could not be tried: {failed and failed.message}")
    return _told(agent, trial, box)


def _named(agent: ShellAgent) -> str:
    return f"The agent's command {agent.command!r}" if agent.name == COMMAND else coding_agent_named(agent.name).title


def _told(agent: ShellAgent, trial: _Trial, box: str) -> str:
    if agent.name != COMMAND:
        return f"{_named(agent)} {trial.version} starts in {box}."
    found = f"{shlex.split(agent.command)[0]} starts in {box} and called its model."
    if trial.ended:
        found += f" After the answer {_ANSWER!r} it failed, which it may not do after a real one: {trial.ended}"
    return found


@solver
def _trying(agent: ShellAgent, trial: _Trial) -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        try:
            if agent.name == COMMAND:
                await _try_command(agent.command, trial, state)
            else:
                row = coding_agent_named(agent.name)
                await make_ready(row, sandbox())
                said = await _version(sandbox(), row.program, environment_of(row))
                found = re.search(
                    r"\d+(\.\d+)+\S*", said
                )  # matches a version number in any output, such as "1.0.12 (CLI)"
                trial.version = found.group() if found else said
        except AgentError as error:
            trial.problem = str(error)
        return state

    return solve


async def _version(host: SandboxEnvironment, program: str, environment: Mapping[str, str]) -> str:
    """Return the first line of a program's version output.

    Raises:
        AgentError: If it does not start.
    """
    done = await _exec(host, [program, "--version"], environment)
    if not done.success:
        said = (done.stderr or done.stdout).strip()[-300:]
        raise AgentError(f"{program} does not start: `{program} --version` exited with {done.returncode}: {said}")
    return next(iter(done.stdout.strip().splitlines()), "")


async def _exec(host: SandboxEnvironment, words: list[str], environment: Mapping[str, str]) -> Any:  # noqa: ANN401 - ExecResult
    return await host.exec(
        words, user=places.AGENT, cwd=places.HOME, env=dict(environment), timeout=_VERSION, timeout_retry=False
    )


async def _try_command(command: str, trial: _Trial, state: TaskState) -> None:
    program = shlex.split(command)[0]
    await make_account(sandbox())
    found = await _exec(sandbox(), ["sh", "-c", _FIND, "sh", program], environment_of(None))
    if not found.success and "{" not in program:
        raise AgentError(
            f"The agent's command {command!r}: program {program} not found on the machine. Give the full path of one "
            'that is there; `docs/how-to/coding-agents.md`, "Your program on the machine", describes how to add one.'
        )
    async with anyio.create_task_group() as group:
        group.start_soon(_watch, trial, group.cancel_scope.cancel)
        try:
            await work(command_agent(command), AgentState(messages=list(state.messages)))
            noted = store().get(ENDING)  # an error after its model had answered
            trial.ended = Ending.model_validate(noted).detail if noted else ""
        except RuntimeError as error:
            trial.ended = str(error)
        trial.over = True
        group.cancel_scope.cancel()
    if not trial.asked:
        raise AgentError(f"The agent's command {command!r} does not work: {_never(trial)}.")


async def _watch(trial: _Trial, stop: Callable[[], None]) -> None:
    """End the trial once the agent has shown what it can."""
    with anyio.move_on_after(PATIENCE):
        await trial.first.wait()
        await anyio.sleep(_ENOUGH)
    stop()


def _never(trial: _Trial) -> str:
    if trial.over:
        said = trial.ended or "it exited with status 0"
        return f"{said} before it called its model at the given address"
    return f"it did not call its model at the given address within {PATIENCE} seconds"
