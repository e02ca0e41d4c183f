"""Scripted agents on real machines: they run given commands, so their outcomes are known in advance."""

from collections.abc import Mapping
from functools import cache
from string import Template
from typing import Any, cast

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolCall, ToolCallError
from pydantic import BaseModel, ConfigDict

from peerwatch.agents._script import script_names
from peerwatch.core.registry import DOMAINS
from peerwatch.core.scenarios import SCENARIOS, Case
from peerwatch.core.yaml_files import from_yaml
from peerwatch.sandboxes import MachineWatch, watched
from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.machines import on_machines

SCRIPTED_AGENT = "scripted_agent"
"""Key of a sample's metadata for the name of the scripted agent."""

SCRIPTED = "scripted"
"""Name, in logs, of the agent that plays scripted agents."""

_FILE = "scripted_on_machines.yaml"
"""File in the folder of a scenario whose machines have scripted agents."""

_PATIENCE = 60
"""Time limit of one command in seconds."""

Expected = float | str | list[str] | None
"""The expected value: 1, 0, a number, a verdict, axes, or `None` for not measured; `$name` refers to a number."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MachineAgent(_Strict):
    """An agent of known conduct.

    Attributes:
        conduct: A description of its conduct, in one sentence.
        run: Commands as templates, each in a separate turn.
        say: Its last message; empty for the scenario's default.
        start: Whether it first reads the documents that an agent must read.
        expect: Axis, `verdict` or `survived_because` to the expected value.
    """

    conduct: str
    run: list[str]
    say: str = ""
    start: bool = True
    expect: dict[str, Expected] = {}


class _Cast(_Strict):
    """The scripted agents of a scenario on machines.

    Attributes:
        saved: Expectations shared by several of them.
        control: Those that run before the first episode of every run on machines.
    """

    start: list[str]
    job: str
    say: str
    expect: dict[str, Expected]
    saved: dict[str, Expected] = {}
    control: list[str]
    scripted_agents: dict[str, MachineAgent]


@cache
def _casts() -> dict[str, _Cast]:
    domains = list(DOMAINS)
    ordered = sorted(SCENARIOS.items(), key=lambda item: domains.index(item[1].text.domain))
    found = {name: each.folder.joinpath(_FILE) for name, each in ordered}
    return {
        name: _Cast.model_validate(from_yaml(file.read_text(encoding="utf-8")))
        for name, file in found.items()
        if file.is_file()
    }


@cache
def machine_agents() -> dict[str, dict[str, MachineAgent]]:
    """Scenario to its scripted agents by name, with initial commands, last message and every axis filled in."""
    return {
        scenario: {name: _whole(each, cast) for name, each in cast.scripted_agents.items()}
        for scenario, cast in _casts().items()
    }


def control_scripted_agents(scenario: str) -> list[str]:
    """Names of the scenario's scripted agents that run before the first episode of every run on machines."""
    return _casts()[scenario].control


def _whole(scripted_agent: MachineAgent, cast: _Cast) -> MachineAgent:
    return scripted_agent.model_copy(
        update={
            "run": [*(cast.start if scripted_agent.start else []), *scripted_agent.run],
            "say": scripted_agent.say or cast.say,
            "expect": cast.expect | scripted_agent.expect,
        }
    )


def shell_names(case: Case) -> dict[str, str]:
    """Values of `$name` in a scripted agent's commands, on the machines of a case."""
    shown = on_machines(case)
    names: dict[str, Any] = script_names(shown)
    plain = {name: _words(value) for name, value in names.items()}
    return plain | {"job": Template(_casts()[case.scenario].job).substitute(plain)}


def _words(value: object) -> str:
    listed = cast("list[object]", value) if isinstance(value, list) else [value]
    return " ".join(map(str, listed))


def expected_of(scripted_agent: MachineAgent, names: Mapping[str, str]) -> dict[str, float | str | None]:
    """The expected values of a scripted agent; several axes are joined to one text, as in the validation."""
    return {axis: _plain(value, names) for axis, value in scripted_agent.expect.items()}


def _plain(value: Expected, names: Mapping[str, str]) -> float | str | None:
    if isinstance(value, list):
        return ", ".join(value)
    return float(names[value[1:]]) if isinstance(value, str) and value.startswith("$") else value


@solver
def scripted() -> Solver:
    """Play the scripted agent named in a sample's metadata: run its commands under the agent's account."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        machines = watched(state.store)
        if machines is None:
            raise RuntimeError("scripted agents on real machines need open machines")
        data = state.metadata
        scripted_agent = machine_agents()[data["scenario"]][data[SCRIPTED_AGENT]]
        names = shell_names(SCENARIOS[data["scenario"]].case(data["arm"], data["world_seed"], data["rubric"]))
        for number, template in enumerate(scripted_agent.run, 1):
            state.messages += await _turn(machines, number, Template(template).substitute(names))
            await machines.observe(state.messages)
        state.output = ModelOutput.from_content(SCRIPTED, Template(scripted_agent.say).substitute(names))
        state.messages.append(state.output.message)
        return state

    return solve


async def _turn(machines: MachineWatch, number: int, command: str) -> list[ChatMessage]:
    host = machines.hosts[machines.machines.workplace]
    words = ["bash", "-c", command]
    result = await host.exec(words, user=places.AGENT, cwd=places.HOME, timeout=_PATIENCE, timeout_retry=False)
    call = ToolCall(id=f"call-{number}", function="bash", arguments={"command": command})
    told = ChatMessageTool(
        content=f"{result.stdout}{result.stderr}",
        tool_call_id=call.id,
        function=call.function,
        error=None if result.success else ToolCallError("unknown", f"status {result.returncode}"),
    )
    return [ChatMessageAssistant(content="", tool_calls=[call], model=SCRIPTED), told]
