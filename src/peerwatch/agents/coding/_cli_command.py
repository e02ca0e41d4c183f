"""Agents started by any command: a model API on loopback is connected to any model by Inspect's bridge."""

import json
import shlex
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from uuid import uuid4

from anyio import CancelScope
from inspect_ai.agent import Agent, AgentState, BridgedToolsSpec, agent, sandbox_agent_bridge
from inspect_ai.model import ChatMessageSystem, GenerateFilter, ModelName, get_model
from inspect_ai.util import SandboxEnvironment, store
from inspect_ai.util import sandbox as sandbox_of

from peerwatch.agents.coding._cli_ending import ProgramError
from peerwatch.agents.coding._cli_host import environment_of, make_account, place
from peerwatch.agents.coding._cli_table import CodingAgent
from peerwatch.agents.coding._cli_tools import counting
from peerwatch.agents.coding._legal import check_command
from peerwatch.sandboxes import as_root
from peerwatch.sandboxes.machines import _places as places

_PORT = "peerwatch:port"
_FIRST_PORT = 3001

_TOOL_TIMEOUT = 86_400_000
"""Milliseconds for which an agent is to wait for the result of a tool; Qwen Code otherwise waits for ten minutes."""

_BEHIND = 10_000
"""Offset of the port of Inspect's server, behind the model API's port."""

_FRONT = "/usr/local/libexec/model-api"
"""Path of the model API on the machine."""

# $1 is the path of the script, which is read from standard input; further arguments are passed to it.
_START = """mkdir -p "$(dirname "$1")"; cat >"$1"; chmod 755 "$1"
/usr/bin/python3 -I -S "$@" </dev/null >/dev/null 2>&1 &
echo $!"""
"""Installs a script and starts it with its arguments; prints its process id."""

# $0 is the port, which is polled for up to 30 s; "$@" is the command. Its output goes to a file, so that processes that
# it leaves running hold no pipe.
_RUN = """for _ in $(seq 300); do (exec 3<>"/dev/tcp/127.0.0.1/$0") 2>/dev/null && break; sleep 0.1; done
said=$(mktemp); "$@" >"$said" 2>&1; status=$?; tail -c 1500 "$said"; rm -f "$said"; exit $status"""
"""Runs a command once the model API listens on a port, and prints the end of its output.

Processes that the command leaves running hold no pipe that is waited for.
"""


def filled_in(command: str, values: Mapping[str, str]) -> list[str]:
    """Split a command into words and fill in its placeholders; values are never split, regardless of their content."""
    return [_filled(word, values) for word in shlex.split(command)]


def _filled(word: str, values: Mapping[str, str]) -> str:
    parts, rest = list[str](), word
    while rest:  # from left to right, so that braces in a value are left alone
        at = {name: rest.find(f"{{{name}}}") for name in values}
        name = min((each for each in at if at[each] >= 0), key=lambda each: at[each], default="")
        if not name:
            break
        parts += [rest[: at[name]], values[name]]
        rest = rest[at[name] + len(name) + 2 :]
    return "".join([*parts, rest])


def api_environment(port: int, model: str, start: str = "") -> dict[str, str]:
    """Return variables that point clients of OpenAI, Anthropic and Google to the model API, with dummy keys.

    Args:
        port: Its port.
        model: Name of the model.
        start: Required prefix of the variables' names; empty for all variables.
    """
    url = f"http://127.0.0.1:{port}"
    every = {
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API_KEY": "none",
        "OPENAI_MODEL": model,
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "none",
        "ANTHROPIC_MODEL": model,
        "GOOGLE_GEMINI_BASE_URL": url,
        "GEMINI_API_KEY": "none",
        "GEMINI_MODEL": model,
    }
    return {name: value for name, value in every.items() if name.startswith(start)}


@agent
def command_agent(
    command: str,
    *,
    of: CodingAgent | None = None,
    tools: Sequence[BridgedToolsSpec] = (),
    filter: GenerateFilter | None = None,  # noqa: A002 - the name is Inspect's
    retry_refusals: int | None = None,
    sandbox: str | None = None,
) -> Agent:
    """Return an agent that a command starts on the workplace, under the account `agent` and in its home.

    A model API listens on the machine's loopback: OpenAI chat completions and responses, Anthropic messages and Gemini
    generateContent. Whatever model is requested there, the evaluated model answers. A command without `{prompt}` and
    `{prompt_file}` gets the job on its standard input.

    Args:
        command: Program and arguments in shell syntax, but run without a shell; see `PLACEHOLDERS`.
        of: The well-known agent that it starts, if it is one.
        tools: Tools that it gets over MCP.
        filter: Inspect's filter of requests to its model.
        retry_refusals: Number of retries after a refused answer.
        sandbox: The machine; `None` for the default one.

    Raises:
        AgentError: If the command cannot be parsed.
    """
    check_command(command)

    async def execute(state: AgentState) -> AgentState:
        port = int(store().get(_PORT, _FIRST_PORT))
        store().set(_PORT, port + 1)
        host = sandbox_of(sandbox)
        if of is None:
            await make_account(host)
        name = ModelName(get_model()).name
        behind = port + _BEHIND if of is None else port
        async with (
            sandbox_agent_bridge(
                state,
                filter=counting(filter),
                retry_refusals=retry_refusals,
                sandbox=sandbox,
                port=behind,
                bridged_tools=tools,
            ) as bridge,
            _fronted(host, port, behind, name),
        ):
            servers = {
                each.name: {"type": "http", "url": each.url, "httpUrl": each.url, "timeout": _TOOL_TIMEOUT}
                for each in bridge.mcp_server_configs
            }
            words, given = await _words(host, command, state, name, port, servers)
            # Not `exec_remote`: every look at whether it still runs would cost half a second of a core.
            done = await host.exec(
                ["bash", "-c", _RUN, str(port), *words],
                input=given,
                cwd=places.HOME,
                env=environment_of(of) | api_environment(port, name, of.api_variables if of else ""),
                user=places.AGENT,
                concurrency=False,
            )
            if not done.success:
                raise ProgramError(f"{words[0]} exited with status {done.returncode}: {done.stdout.strip()}")
        return bridge.state

    return execute


@asynccontextmanager
async def _fronted(host: SandboxEnvironment, port: int, behind: int, model: str) -> AsyncGenerator[None]:
    """Serve requests that Inspect's server refuses, while a user's agent works.

    Raises:
        HostError: If the machine refuses; the message contains its output.
    """
    if port == behind:
        yield
        return
    script = files("peerwatch.agents.coding").joinpath("model_api.py").read_bytes()
    begin = ["sh", "-ec", _START, "sh", _FRONT, str(port), str(behind), model]
    process = (await as_root(host, begin, script)).strip()
    try:
        yield
    finally:
        with CancelScope(shield=True):
            await host.exec(["sh", "-c", f"kill -9 {process}"], user="root", cwd="/", timeout=60)


async def _words(
    host: SandboxEnvironment, command: str, state: AgentState, model: str, port: int, servers: Mapping[str, object]
) -> tuple[list[str], str]:
    """The words of the command, and its standard input."""
    system = "\n\n".join(each.text for each in state.messages if isinstance(each, ChatMessageSystem))
    job = "\n\n".join(each.text for each in state.messages if each.role == "user")
    prompt = job if "{system}" in command or not system else f"{system}\n\n{job}"
    values = {"prompt": prompt, "system": system, "model": model, "base_url": f"http://127.0.0.1:{port}"}
    kept = {"prompt_file": prompt, "mcp_config": json.dumps({"mcpServers": servers})}
    for name, text in kept.items():
        if f"{{{name}}}" in command:
            file = f".{name}-{uuid4().hex[:8]}"
            await place(host, {file: text})
            values[name] = f"{places.HOME}/{file}"
    asked = "{prompt}" in command or "{prompt_file}" in command
    return filled_in(command, values), "" if asked else prompt
