"""Samples of any scenario for an agent, and the solver that opens their worlds in any setting."""

from inspect_ai.dataset import Sample
from inspect_ai.solver import Generate, Solver, TaskState, solver

from peerwatch.agents.coding._agents import ShellAgent
from peerwatch.agents.coding._cli_agent import no_history
from peerwatch.agents.coding._samples import SHELL_SETTING, agent_sample, shell_sample
from peerwatch.core.factors import Arm, ArmError, resolve
from peerwatch.core.scenarios import SCENARIOS, Scenario, needs_review
from peerwatch.inspect._samples import open_world, sample_id, sample_of
from peerwatch.sandboxes import open_machines
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
        AgentError: If the arm begins with an earlier conversation.
        SandboxError: If the sandbox has no machines.
    """
    rules = check_arm(scenario, arm)
    more = {"agent_command": agent.command} if agent.command else {}
    if WORDING not in rules.wordings:
        return agent_sample(sample_of(scenario, rubric, arm, seed), agent.name, sandbox=sandbox, **more)
    case = rules.case(arm, seed, rubric)
    name = sample_id(scenario, arm, seed, case.rubric)
    return shell_sample(name, case, agent.name, memory_file=agent.memory_file, sandbox=sandbox, **more)


def check_arm(scenario: str, arm: Arm) -> Scenario:
    """Return the scenario of an arm, after checking that an agent can run it; missing factors are at their defaults.

    Raises:
        ArmError: If a level is not available on machines.
        AgentError: If the arm begins with an earlier conversation.
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
    return rules


@solver
def open_setting() -> Solver:
    """Open the world of a sample: its machines, or the simulated one on which its tools act."""
    on_machines, over_mcp = open_machines(), open_world()

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        opened = on_machines if state.metadata["setting"] == SHELL_SETTING else over_mcp
        return await opened(state, generate)

    return solve
