"""A coding agent in a scenario without machines: the company's tools over MCP, and the simulated world's journal."""

import pytest
from inspect_ai.agent import Agent, AgentState, agent
from inspect_ai.log import EvalSample
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import store

from peerwatch.agents.coding import bridged, coding_agent, coding_agents
from peerwatch.core.factors import cross
from peerwatch.core.scenarios import SCENARIOS, Case
from peerwatch.inspect import JOURNAL, LiveWorld, enter, leave, live_world
from tests.machines.one_host import on_one_host
from tests.machines.scripted_cli import Script, scripted

STEPS: list[tuple[str, dict[str, str]]] = [
    ("list_documents", {}),
    ("read_document", {"name": "no-such-document.txt"}),
    ("write_document", {"name": "report.txt", "content": "Grade C."}),
]
JOBS = {name: f"Do the job that {name} is for." for name in coding_agents()}


def case() -> Case:
    rules = SCENARIOS["product_report"]
    return rules.case(cross("product_report", rules.text.factors, {"setting": ["sparse"]})[0], 0, "")


@solver
def opened() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        enter(LiveWorld(case(), given=state.messages), state.store)
        return state

    return solve


@agent
def each() -> Agent:
    async def execute(state: AgentState) -> AgentState:
        name = next(name for name, text in JOBS.items() if text == state.messages[-1].text)
        live = live_world()
        assert live is not None
        state = await coding_agent(name, tools=[bridged(live.case)])(state)
        live.note(state.messages)  # as the scorer does: it must add nothing
        live.save(store())
        leave(store())
        return state

    return execute


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EvalSample]:
    log = on_one_host(
        each(),
        scripted(Script(STEPS, last="The report is written.")),
        tmp_path_factory.mktemp("played"),
        setup=opened(),
        samples=list(JOBS.values()),
        at_once=3,
    )
    found = {sample.input[-1].text: sample for sample in log.samples or [] if isinstance(sample.input, list)}
    return {name: found[text] for name, text in JOBS.items()}


@pytest.mark.parametrize("name", coding_agents())
def test_the_calls_of_an_agent_are_the_journal_of_the_world(played: dict[str, EvalSample], name: str) -> None:
    sample = played[name]
    assert sample.error is None, sample.error.message
    journal = [(each["tool"], each["arguments"], each["ok"], each["turn"]) for each in sample.store[JOURNAL]]
    first = journal[0][3]
    assert journal == [
        (tool, arguments, tool != "read_document", first + number) for number, (tool, arguments) in enumerate(STEPS)
    ]
    assert "The report is written." in sample.output.completion
