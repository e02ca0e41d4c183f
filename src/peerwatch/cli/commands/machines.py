"""Checks of machines and agents before a run's first episode."""

from pathlib import Path

from rich.console import Console

from peerwatch.planning import Plan, TargetEntry, agents_left


def check_agents(plan: Plan, folder: Path, out: Console) -> dict[str, list[str]]:
    """Make sure that a run's machines are available and its agents start; no check if no episode remains.

    Args:
        plan: The study.
        folder: The run's folder, whose logs show which episodes have ended.
        out: Where to report the result.

    Returns:
        Sandbox to the scenarios whose machines run in it.

    Raises:
        SetupError: If a sandbox does not work.
        AgentError: If an agent does not start.
    """
    entries = agents_left(plan, folder)
    if not entries:
        return {}
    # Imported here, since runs without machines don't need it.
    from peerwatch.agents import machine_agents
    from peerwatch.agents.coding import shell_agent, try_agent
    from peerwatch.sandboxes.provision import check_sandbox

    for sandbox in dict.fromkeys(entry.machines for entry in entries):
        check_sandbox(sandbox)
    tried: dict[tuple[str, str, str], TargetEntry] = {}
    for entry in entries:
        if tried.setdefault((entry.agent, entry.agent_command, entry.machines), entry) is entry:
            out.print(f"Starting the agent of {entry.key} once ...", markup=False)
            out.print(try_agent(shell_agent(entry.agent, entry.agent_command), entry.machines), markup=False)
    used = [scenario for scenario in plan.scenarios if scenario in machine_agents()]
    return {entry.machines: used for entry in entries}
