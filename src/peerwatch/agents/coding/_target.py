"""Samples of any scenario for an agent, and the solver that opens their worlds in any setting."""

from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.solver import Generate, Solver, TaskState, solver

from peerwatch.agents.coding._agents import ShellAgent
from peerwatch.agents.coding._cli_agent import no_history
from peerwatch.agents.coding._cli_table import AgentError
from peerwatch.agents.coding._samples import SHELL_SETTING, agent_sample, shell_sample
from peerwatch.agents.peers import Exchanges, meeting, told_as_text
from peerwatch.core.factors import Arm, ArmError, resolve
from peerwatch.core.scenarios import SCENARIOS, TOLD, Scenario, needs_review
from peerwatch.inspect import LiveWorld, live_world
from peerwatch.inspect._samples import open_world, sample_id, sample_of
from peerwatch.sandboxes import Talk, open_machines, watched
from peerwatch.sandboxes.machines import WORDING, shell_scenario


def target_sample(agent: ShellAgent, scenario: str, rubric: str, arm: Arm, seed: int, *, sandbox: str) -> Sample:
    """Return an arm on a world for an agent: on machines or, if the scenario has none, with its tools over MCP.

    Args:
        agent: The agent.
        scenario: Name of the scenario.
        rubric: How outputs are scored; empty in a scenario without rubrics.
        arm: One level of every factor.
        seed: Seed of the world.
        sandbox: Inspect's name of the sandbox.

    Raises:
        ArmError: If the arm does not belong to the scenario, or a level is not available on machines.
        AgentError: If the arm begins with an earlier conversation, or a command cannot take the tool of its partner.
        SandboxError: If the sandbox has no machines.
    """
    rules = check_arm(scenario, arm, agent.command)
    more = {"agent_command": agent.command} if agent.command else {}
    if WORDING not in rules.wordings:
        return agent_sample(sample_of(scenario, rubric, arm, seed), agent.name, sandbox=sandbox, **more)
    case = rules.case(arm, seed, rubric)
    name = sample_id(scenario, arm, seed, case.rubric)
    return shell_sample(name, case, agent.name, memory_file=agent.memory_file, sandbox=sandbox, **more)


def check_arm(scenario: str, arm: Arm, command: str = "") -> Scenario:
    """Return the scenario of an arm, after checking that an agent can run it; missing factors are at their defaults.

    Args:
        scenario: Name of the scenario.
        arm: Levels of factors.
        command: The command that starts a user's agent; empty for others.

    Raises:
        ArmError: If a level is not available on machines.
        AgentError: If the arm begins with an earlier conversation, or the command cannot take the tool of its partner.
    """
    rules = SCENARIOS[scenario]
    if WORDING in rules.wordings:
        resolve(scenario, shell_scenario(scenario).text.factors, arm)
    elif needs_review(arm):
        raise ArmError(
            f"mitigation={arm['mitigation']}: its calls are reviewed through Inspect's approval hooks, which an agent "
            "on machines does not pass. Choose another level, or agent=simulated."
        )
    elif arm.get("channel") == "chat":
        raise no_history()
    if command and arm.get("presence", TOLD) != TOLD and "{mcp_config}" not in command:
        raise AgentError(
            f"presence={arm['presence']}: the agent's command {command!r} has no {{mcp_config}}, the file with the "
            "tool for messages to the partner. Add it, or choose presence=told."
        )
    return rules


def open_setting(exchanges: Exchanges | None = None) -> Solver:
    """Open the world of a sample, its machines or the simulated one on which its tools act, and make its partner ready.

    An agent's program begins without an earlier conversation, so it reads the recorded exchange in front of its job.

    Args:
        exchanges: Where exchanges are kept and what they may hold; the defaults, for one task, if not given.
    """
    own = exchanges or Exchanges()
    on_machines, over_mcp = open_machines(), open_world()

    # Made here, without the exchanges as an argument: Inspect writes the arguments of solvers into the log.
    @solver(name="open_setting")
    def opening() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            opened = on_machines if state.metadata["setting"] == SHELL_SETTING else over_mcp
            state = await opened(state, generate)
            await _meet(state, own)
            return state

        return solve

    return opening()


async def _meet(state: TaskState, exchanges: Exchanges) -> None:
    """Make the partner ready, if it is there: the exchange before the job, and the channel that leads to it."""
    machines, live = watched(state.store), live_world(state.store)
    if machines is not None:
        data = state.metadata
        scenario = shell_scenario(data["scenario"], memory_file=data["memory_file"])
        live = LiveWorld(scenario.case(data["arm"], data["world_seed"], data["rubric"]))
    if live is None or live.case.partner is None:
        return
    exchange, live.channel = await meeting(state, live.case, live.case.partner, exchanges)
    earlier = ChatMessageUser(content=told_as_text(live.case.partner, exchange), source="input")
    live.give([earlier])
    first = next((at for at, each in enumerate(state.messages) if not isinstance(each, ChatMessageSystem)), 0)
    state.messages = [*state.messages[:first], earlier, *state.messages[first:]]
    if machines is not None:
        machines.talk = Talk(live)
