"""Making a coding agent's machine ready: its account, its program, its settings and what it finds in its folder."""

import json
from collections.abc import Mapping
from importlib.resources import files

from anyio import CancelScope
from inspect_ai.util import ExecRemoteAwaitableOptions, SandboxEnvironment

from peerwatch.agents.coding._cli_table import AgentError, CodingAgent
from peerwatch.sandboxes import HostError, as_root
from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.provision import BIND

_TIMEOUT = 60
"""Seconds for one script; each takes a few hundredths of one."""

_MISSING = "missing: "
"""What the script prints before the names of the programs that it has not found."""


def environment_of(agent: CodingAgent | None) -> dict[str, str]:
    """The variables that an agent is started with, beside those that lead it to its model.

    The tools that Inspect starts it with run as root and would hand their own account down.
    """
    account = {"HOME": places.HOME, "USER": places.AGENT, "LOGNAME": places.AGENT, "SHELL": "/bin/bash"}
    return account | dict(agent.environment if agent else {})


async def make_ready(agent: CodingAgent, host: SandboxEnvironment, context: str = "") -> None:
    """Make a machine ready for an agent; done twice, it changes nothing.

    The program is looked for on the PATH of the account, then in the folder of the agents, from which it is linked.
    Only `sh` and the ordinary commands of a Debian system are needed, so that it works in every sandbox.

    Args:
        agent: The agent that will work there.
        host: The machine.
        context: What stands in the file that the agent reads by itself; empty for no such file.

    Raises:
        AgentError: If a program is missing, or is there in another version.
        HostError: If the machine refuses; the message has its words.
    """
    script = files("peerwatch.agents.coding").joinpath("ready.sh").read_text(encoding="utf-8")
    programs = [agent.program, *agent.needs]
    found = await prepared(host, script, places.AGENT, places.HOME, BIND, *programs)
    missing = [line.removeprefix(_MISSING) for line in found.splitlines() if line.startswith(_MISSING)]
    if missing:
        raise AgentError(
            f"{agent.title} can't work on this machine: {', '.join(missing)} is neither on its PATH nor in "
            f"{BIND}. `peerwatch doctor` says what is missing and how to install it; the release that is "
            f"driven is {agent.package}@{agent.version}."
        )
    _check_version(agent, found)
    texts = {path: json.dumps(data, indent=2) for path, data in agent.settings.items()}
    await place(host, texts | ({agent.context_file: context} if context else {}))


async def make_account(host: SandboxEnvironment) -> None:
    """Make the account that an agent of the user's own works under, if it is not there.

    Raises:
        HostError: If the machine refuses; the message has its words.
    """
    script = files("peerwatch.agents.coding").joinpath("ready.sh").read_text(encoding="utf-8")
    await prepared(host, script, places.AGENT, places.HOME, BIND)


async def start_tools(host: SandboxEnvironment) -> None:
    """Have Inspect put its tools on a machine now, which its bridge would do only after the agent was begun.

    Raises:
        HostError: If the machine refuses.
    """
    done = await host.exec_remote(["true"], ExecRemoteAwaitableOptions(cwd="/", concurrency=False), stream=False)
    if not done.success:
        raise HostError(f"Inspect's tools do not run on the machine: {done.stderr.strip()[:500]}")


async def end_all(host: SandboxEnvironment) -> None:
    """End every process of the account on a machine, so that nothing goes on while what is left is looked at."""
    with CancelScope(shield=True):  # also where a limit has cut the agent off
        await host.exec(["sh", "-c", "kill -9 -1"], user=places.AGENT, cwd="/", timeout=_TIMEOUT)


async def place(host: SandboxEnvironment, texts: Mapping[str, str]) -> None:
    """Write files on a machine and give them to the account.

    Args:
        host: The machine.
        texts: Path to text; a path without a leading slash lies below the home of the account.

    Raises:
        HostError: If the machine refuses; the message has its words.
    """
    for path, text in texts.items():
        own = not path.startswith("/")
        full = f"{places.HOME}/{path}" if own else path
        # Folders are made first, by the account itself: what `write_file` makes would belong to root.
        script = 'mkdir -p "$(dirname "$2")"; cat > "$2"; chmod 644 "$2"'
        user = places.AGENT if own else "root"
        done = await host.exec(["sh", "-ec", script, "sh", user, full], input=text, user=user, timeout=_TIMEOUT)
        if not done.success:
            raise RuntimeError(f"{full} could not be written: {done.stderr.strip()}")


async def prepared(host: SandboxEnvironment, script: str, *arguments: str) -> str:
    """What a script prints that a machine's root runs, with its arguments.

    Raises:
        HostError: If it fails; the message has its words.
    """
    return await as_root(host, ["sh", "-ec", script, "sh", *arguments])


def _check_version(agent: CodingAgent, found: str) -> None:
    """Refuse another release than the one that results are compared on; a program without a package says none."""
    start = f"version of {agent.program}: "
    version = next((line.removeprefix(start) for line in found.splitlines() if line.startswith(start)), "")
    if version and version != agent.version:
        raise AgentError(
            f"The machine has {agent.title} {version}, and Peerwatch drives {agent.version}. "
            f"Install {agent.package}@{agent.version} in its place; `peerwatch doctor` says where."
        )
