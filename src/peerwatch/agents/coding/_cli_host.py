"""Prepares a coding agent's machine: account, program, settings, and the files in its folder."""

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
"""Time limit of one script in seconds; each takes a few hundredths."""

# $1 is the folder, $2 the program, $3 the launcher's template, $4 the version.
_LAUNCHER = """mkdir -p "$1"; real=$(readlink -f "$(command -v "$2")")
[ "$real" != "$1/$2" ] || exit 0
rm -f "$1/$2"
printf %s "$3" | sed "s|REAL|$real|; s|VERSION|$4|" >"$1/$2"; chmod 755 "$1/$2\""""
"""Installs a launcher of a program under the program's name, unless it is there already."""

_MISSING = "missing: "
"""Prefix of the names of programs that the script has not found."""


def environment_of(agent: CodingAgent | None) -> dict[str, str]:
    """Return the variables with which an agent is started, except those that point to its model.

    Inspect's tools start it from root and would otherwise pass on root's account variables.
    """
    account = {"HOME": places.HOME, "USER": places.AGENT, "LOGNAME": places.AGENT, "SHELL": "/bin/bash"}
    return account | dict(agent.environment if agent else {})


async def make_ready(agent: CodingAgent, host: SandboxEnvironment, context: str = "") -> None:
    """Prepare a machine for an agent; idempotent.

    The program is searched on the account's PATH, then in the folder of the agents, from which it is linked. Only `sh`
    and basic Debian commands are required, so that this works in every sandbox.

    Args:
        agent: The agent that will work on the machine.
        host: The machine.
        context: Contents of the file that the agent reads automatically; empty for no such file.

    Raises:
        AgentError: If a program is missing, or has another version.
        HostError: If the machine refuses; the message contains its output.
    """
    script = files("peerwatch.agents.coding").joinpath("ready.sh").read_text(encoding="utf-8")
    programs = [agent.program, *agent.needs]
    found = await prepared(host, script, places.AGENT, places.HOME, BIND, *programs)
    missing = [line.removeprefix(_MISSING) for line in found.splitlines() if line.startswith(_MISSING)]
    if missing:
        raise AgentError(
            f"{agent.title} can't work on this machine: {', '.join(missing)} is neither on its PATH nor in "
            f"{BIND}. `peerwatch doctor` prints what is missing and how to install it; the supported "
            f"release is {agent.package}@{agent.version}."
        )
    _check_version(agent, found)
    texts = {path: json.dumps(data, indent=2) for path, data in agent.settings.items()}
    await place(host, texts | ({agent.context_file: context} if context else {}))


async def make_account(host: SandboxEnvironment) -> None:
    """Create the account of a user's agent, if it does not exist.

    Raises:
        HostError: If the machine refuses; the message contains its output.
    """
    script = files("peerwatch.agents.coding").joinpath("ready.sh").read_text(encoding="utf-8")
    await prepared(host, script, places.AGENT, places.HOME, BIND)


async def place_launcher(agent: CodingAgent, host: SandboxEnvironment, launcher: str, folder: str) -> None:
    """Install a script that starts an agent's program, under the program's name.

    Args:
        agent: The agent, whose program is on the account's PATH.
        host: The machine.
        launcher: Name of the script in this package.
        folder: Where to install it.

    Raises:
        HostError: If the machine refuses; the message contains its output.
    """
    template = files("peerwatch.agents.coding").joinpath(launcher).read_text(encoding="utf-8")
    await prepared(host, _LAUNCHER, folder, agent.program, template, agent.version)


async def start_tools(host: SandboxEnvironment) -> None:
    """Make Inspect install its tools on a machine now, which its bridge would otherwise do after the agent's start.

    Raises:
        HostError: If the machine refuses.
    """
    done = await host.exec_remote(["true"], ExecRemoteAwaitableOptions(cwd="/", concurrency=False), stream=False)
    if not done.success:
        raise HostError(f"Inspect's tools do not run on the machine: {done.stderr.strip()[:500]}")


async def end_all(host: SandboxEnvironment) -> None:
    """End every process of the account on a machine, so that nothing changes while the last snapshot is taken."""
    with CancelScope(shield=True):  # also if a limit has stopped the agent
        await host.exec(["sh", "-c", "kill -9 -1"], user=places.AGENT, cwd="/", timeout=_TIMEOUT)


async def place(host: SandboxEnvironment, texts: Mapping[str, str]) -> None:
    """Write files on a machine, owned by the account.

    Args:
        host: The machine.
        texts: Path to text; a path without a leading slash is relative to the home of the account.

    Raises:
        HostError: If the machine refuses; the message contains its output.
    """
    for path, text in texts.items():
        own = not path.startswith("/")
        full = f"{places.HOME}/{path}" if own else path
        # The account creates the folders itself, because those created by `write_file` would belong to root.
        script = 'mkdir -p "$(dirname "$2")"; cat > "$2"; chmod 644 "$2"'
        user = places.AGENT if own else "root"
        done = await host.exec(["sh", "-ec", script, "sh", user, full], input=text, user=user, timeout=_TIMEOUT)
        if not done.success:
            raise RuntimeError(f"{full} could not be written: {done.stderr.strip()}")


async def prepared(host: SandboxEnvironment, script: str, *arguments: str) -> str:
    """Run a script as root on a machine and return its output.

    Raises:
        HostError: If it fails; the message contains its output.
    """
    return await as_root(host, ["sh", "-ec", script, "sh", *arguments])


def _check_version(agent: CodingAgent, found: str) -> None:
    """Reject releases other than the supported one; a program without a package has no version."""
    start = f"version of {agent.program}: "
    version = next((line.removeprefix(start) for line in found.splitlines() if line.startswith(start)), "")
    if version and version != agent.version:
        raise AgentError(
            f"The machine has {agent.title} {version}, and Peerwatch drives {agent.version}. "
            f"Install {agent.package}@{agent.version} instead; `peerwatch doctor` prints where."
        )
