"""The coding agents that inspect_swe drives: its options from our table, and what it would fetch from elsewhere."""

import json
import shlex
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

from inspect_ai.agent import Agent, BridgedToolsSpec
from inspect_ai.model import GenerateFilter, Model, ModelName
from inspect_ai.util import SandboxEnvironment

from peerwatch.shells._cli_host import HOME, as_root, environment_of
from peerwatch.shells._cli_table import WORKER, AgentError, CodingAgent

_NEEDED = ("inspect_swe", "openai", "anthropic", "google.genai")
"""What the extra `shells` installs: the agents, and the clients whose types Inspect's bridge answers in."""


def check_installed() -> None:
    """Make sure of the extra that agents on machines need.

    Raises:
        AgentError: If something of it is missing.
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
    except ModuleNotFoundError:  # the package that it would stand in is missing
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
    """An agent of inspect_swe with the options of our table.

    Args:
        agent: Which agent.
        model: Who answers it; some agents are told the name, so that what they say of themselves is true.
        tools: Tools that it gets over MCP.
        filter: Inspect's filter of what it asks its model.
        retry_refusals: How often a refused answer is asked for again.
        sandbox: The machine; `None` for the default one.
    """
    maker = cast("Callable[..., Agent]", getattr(import_module("inspect_swe"), agent.name))
    told, environment = _identity(agent, model)
    return maker(
        **{**agent.options, **told},
        bridged_tools=list(tools) or None,
        filter=filter,
        retry_refusals=retry_refusals,
        cwd=HOME,
        user=WORKER,
        sandbox=sandbox,
        env=environment_of(agent) | environment,
    )


def _identity(agent: CodingAgent, model: Model) -> tuple[dict[str, str], dict[str, str]]:
    """What tells an agent which model it runs on: options, and variables."""
    if not agent.model_option:
        return {}, {}  # inspect_swe finds the name itself
    name = ModelName(model)
    if not agent.clients:
        known = name.name.startswith(agent.model_names)
        return {agent.model_option: name.name if known else agent.model_otherwise}, {}
    # A model that its list does not have is refused unless the configuration has it.
    client = agent.clients.get(name.api, agent.clients[""])
    provider = {"npm": client, "options": {"apiKey": "none"}, "models": {name.name: {"name": name.name}}}
    content = {"provider": {name.api: provider}, "autoupdate": False, "share": "disabled"}
    return {agent.model_option: f"{name.api}/{name.name}"}, {"OPENCODE_CONFIG_CONTENT": json.dumps(content)}


async def spare_fetching(agent: CodingAgent, host: SandboxEnvironment) -> None:
    """Put in place what inspect_swe would otherwise fetch from elsewhere, although the machine has it.

    It takes Gemini CLI only from a folder of its own, and asks Codex's repository for the list of models that Codex
    itself can print; without a network that costs 7 seconds in every episode.

    Raises:
        RuntimeError: If the machine refuses.
    """
    if agent.name == "gemini_cli":
        folder = cast("str", import_module("inspect_swe._util.sandbox").SANDBOX_INSTALL_DIR)
        script = 'mkdir -p "$1"; ln -sf "$(readlink -f "$(command -v "$2")")" "$1/$2"'
        await as_root(host, script, f"{folder}/gemini-cli/node_modules/.bin", agent.program)
    if agent.name == "codex_cli":
        find = cast("Callable[[str], Path]", import_module("inspect_swe._codex_cli.agentbinary")._cached_catalog_path)
        catalogue = find(agent.version)
        if not catalogue.exists():
            await _keep_catalogue(agent, host, catalogue)


async def _keep_catalogue(agent: CodingAgent, host: SandboxEnvironment, catalogue: Path) -> None:
    command = f'd=$(mktemp -d); CODEX_HOME="$d" {shlex.quote(agent.program)} debug models --bundled; rm -rf "$d"'
    done = await host.exec(["sh", "-ec", command], user=WORKER, cwd="/", timeout=60)
    data: Any = json.loads(done.stdout) if done.success else None
    if not isinstance(data, dict) or "models" not in data:
        raise RuntimeError(f"{agent.program} does not print its models: {done.stderr.strip()[:500]}")
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=catalogue.parent, delete=False, encoding="utf-8") as half:
        half.write(json.dumps(data))
    Path(half.name).replace(catalogue)  # in one step: episodes side by side all come here
