"""Coding agents through inspect_swe: options from Peerwatch's table, and replacements for its downloads."""

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from anyio import Path as AsyncPath
from inspect_ai.agent import Agent, BridgedToolsSpec
from inspect_ai.model import GenerateFilter, Model, ModelName
from inspect_ai.util import SandboxEnvironment

from peerwatch.agents.coding._cli_host import environment_of, place_launcher
from peerwatch.agents.coding._cli_table import AgentError, CodingAgent
from peerwatch.core.writing import write_whole
from peerwatch.inspect.internals import codex_catalog, swe_install_folder
from peerwatch.sandboxes.machines import _places as places

_NEEDED = ("inspect_swe", "openai", "anthropic", "google.genai")
"""Packages of the extra `shells`: the agents, and the clients whose types Inspect's bridge uses for answers."""


_PATIENT = {"experimental": {"mcp_timeout": 86_400_000}}
"""In OpenCode's settings: milliseconds for which it waits for the result of a tool; otherwise 30 seconds."""


def check_installed() -> None:
    """Check that the extra for agents on machines is installed.

    Raises:
        AgentError: If a package is missing.
    """
    missing = [name for name in _NEEDED if not _found(name)]
    if missing:
        raise AgentError(
            f"Agents on machines need {', '.join(missing)}, which is not installed. "
            "Install what they need: pip install 'peerwatch[shells]'."
        )


def _found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # the package that would be patched is missing
        return False


def swe_agent(
    agent: CodingAgent,
    model: Model,
    *,
    tools: Sequence[BridgedToolsSpec],
    filter: GenerateFilter | None,  # noqa: A002 - the name is Inspect's
    retry_refusals: int | None,
    sandbox: str | None,
) -> Agent:
    """Return an agent of inspect_swe with the options of Peerwatch's table.

    Args:
        agent: The agent.
        model: Its model; some agents get its name, so that they state the right one.
        tools: Additional tools over MCP.
        filter: Inspect's filter of requests to its model.
        retry_refusals: Number of retries after a refused answer.
        sandbox: The machine; `None` for the default one.
    """
    maker = cast("Callable[..., Agent]", getattr(import_module("inspect_swe"), agent.name))
    told, environment = _identity(agent, model)
    return maker(
        **{**options_of(agent, with_tools=bool(tools)), **told},
        bridged_tools=list(tools) or None,
        filter=filter,
        retry_refusals=retry_refusals,
        cwd=places.HOME,
        user=places.AGENT,
        sandbox=sandbox,
        env=environment_of(agent) | environment,
    )


def options_of(agent: CodingAgent, *, with_tools: bool) -> dict[str, Any]:
    """The options of an agent; the entries of a table in `tools_options` are added to those of the same name."""
    found: dict[str, Any] = dict(agent.options)
    for name, value in agent.tools_options.items() if with_tools else ():
        found[name] = {**found.get(name, {}), **value} if isinstance(value, dict) else value
    return found


def _identity(agent: CodingAgent, model: Model) -> tuple[dict[str, str], dict[str, str]]:
    """Options and variables that give an agent the name of its model."""
    if not agent.model_option:
        return {}, {}  # inspect_swe finds the name itself
    name = ModelName(model)
    if not agent.clients:
        known = name.name.startswith(agent.model_names)
        return {agent.model_option: name.name if known else agent.model_otherwise}, {}
    # A model that is not in its list is rejected unless the configuration contains it.
    client = agent.clients.get(name.api, agent.clients[""])
    options = {"apiKey": "none", **agent.client_options}
    provider = {"npm": client, "options": options, "models": {name.name: {"name": name.name}}}
    content = {"provider": {name.api: provider}, "autoupdate": False, "share": "disabled", **_PATIENT}
    return {agent.model_option: f"{name.api}/{name.name}"}, {"OPENCODE_CONFIG_CONTENT": json.dumps(content)}


async def spare_fetching(agent: CodingAgent, host: SandboxEnvironment) -> None:
    """Provide files that inspect_swe would otherwise download although the machine has them.

    It only uses Gemini CLI from its own folder, where a launcher avoids the seconds that Gemini takes to print its
    version. It downloads the list of models from Codex's repository although Codex can print it; without a network that
    would cost 7 seconds in every episode.

    Raises:
        HostError: If the machine refuses.
    """
    if agent.name == "gemini_cli":
        await place_launcher(agent, host, "gemini.js", f"{swe_install_folder()}/gemini-cli/node_modules/.bin")
    if agent.name == "codex_cli":
        catalogue = codex_catalog(agent.version)
        if not await AsyncPath(catalogue).exists():
            write_whole(catalogue, await _models_of(agent, host))


async def _models_of(agent: CodingAgent, host: SandboxEnvironment) -> str:
    """Return the models that a Codex release knows, as JSON, from the program itself."""
    command = f'd=$(mktemp -d); CODEX_HOME="$d" {agent.program} debug models --bundled; rm -rf "$d"'
    done = await host.exec(["sh", "-ec", command], user=places.AGENT, cwd="/", timeout=60)
    if not done.success or "models" not in json.loads(done.stdout):
        raise RuntimeError(f"{agent.program} does not print its models: {done.stderr.strip()[:500]}")
    return done.stdout
