"""What a forecast says that each agent adds to a call is what it adds, measured with a scripted model."""

import json
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType]
from inspect_ai.agent import as_solver
from inspect_ai.log import EvalSample
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolInfo

from peerwatch.agents.coding import coding_agents, open_setting, shell_agent, target_sample
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect import REPEATED
from peerwatch.planning._assumptions import assumptions
from peerwatch.planning._dry_run import dry_run_of
from peerwatch.running import shell_task
from tests.machines.scripted_cli import Asked, scripted
from tests.machines.scripted_main import honest, of_the_episode

SCENARIO = {"shell": "server_migration", "tools": "product_report"}
NEAR = 0.04
"""Share by which a scenario may differ from the mean of its setting."""

AT_ONCE = 3


@solver
def by_its_agent() -> Solver:
    """The agent that a sample names."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return await as_solver(shell_agent(state.metadata["agent"]).make())(state, generate)

    return solve


def characters(asked: Asked) -> int:
    """Of a call before its first answer, with the schemas of its tools."""
    first = next((at for at, each in enumerate(asked.messages) if each.role == "assistant"), len(asked.messages))
    return sum(len(each.text) for each in asked.messages[:first]) + sum(map(schema, asked.schemas))


def schema(tool: ToolInfo) -> int:
    parameters = tool.parameters.model_dump(exclude_none=True)
    return len(json.dumps({"name": tool.name, "description": tool.description, "parameters": parameters}))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Asked]]:
    """Sample to all that its model was asked."""
    found: list[Asked] = []
    samples = [
        target_sample(
            shell_agent(name), scenario, "", SCENARIOS[scenario].case({"setting": "sparse"}, 0).arm, 0, sandbox="netns"
        )
        for name in coding_agents()
        for scenario in SCENARIO.values()
    ]
    folder: Path = tmp_path_factory.mktemp("asked")
    [log] = inspect_eval(
        shell_task(samples, by_its_agent(), name="forecast", setup=open_setting()),
        model=scripted(of_the_episode, found),
        log_dir=str(folder),
        display="none",
        max_samples=AT_ONCE,
        max_sandboxes=AT_ONCE,
        fail_on_error=False,
    )
    assert log.status == "success", log.error and log.error.message
    assert [complaint(each) for each in log.samples or []] == [None] * len(samples)
    # Gemini CLI used to repeat a request after 60 seconds, which a snapshot of the machines took on a busy machine.
    assert [each.store.get(REPEATED, 0) for each in log.samples or []] == [0] * len(samples)
    return {str(each.id): [one for one in found if one.sample == each.id] for each in samples}


def complaint(sample: EvalSample) -> str | None:
    return sample.error.message if sample.error else None


@pytest.mark.parametrize("setting", SCENARIO)
@pytest.mark.parametrize("name", coding_agents())
def test_an_agent_adds_what_the_forecast_says(asked: dict[str, list[Asked]], name: str, setting: str) -> None:
    case = SCENARIOS[SCENARIO[setting]].case({"setting": "sparse"}, 0)
    own = next(each for sample, each in asked.items() if sample.startswith(case.scenario) and sample.endswith(name))
    assert len(own) == len(honest(case).steps) + 1, "the agent asked its model beside the job"
    added = [characters(each) - dry_run_of(case, "compliant", 100).opening for each in own]
    assert added == pytest.approx([assumptions().agents[name][setting].opening] * len(own), rel=NEAR)  # type: ignore[index]  # a literal, here a text
