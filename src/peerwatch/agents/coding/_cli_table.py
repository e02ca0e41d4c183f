"""The coding agents as data: program, version and settings."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from peerwatch.core.errors import UserError, choices
from peerwatch.core.registry import PluginError, Registry
from peerwatch.core.yaml_files import from_yaml


class AgentError(UserError):
    """A coding agent does not exist, is not installed, or cannot take its input."""


class CodingAgent(BaseModel):
    """A well-known coding agent. `agents.yaml` describes each field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    maker: str
    program: str
    package: str
    version: str
    needs: tuple[str, ...] = ()
    api: str
    context_file: str
    shell_tool: str
    system_prompt: str
    settings: Mapping[str, Any] = {}
    environment: Mapping[str, str] = {}
    options: Mapping[str, Any] = {}
    tools_options: Mapping[str, Any] = {}
    model_option: str = ""
    model_names: str = ""
    model_otherwise: str = ""
    clients: Mapping[str, str] = {}
    client_options: Mapping[str, Any] = {}
    command: str = ""
    launcher: str = ""
    tools_command: str = ""
    api_variables: str = ""
    silenced: str


def _coding_agent(name: str, entry: object) -> CodingAgent:
    if not isinstance(entry, CodingAgent) or entry.name != name:
        raise PluginError(f"the entry point {name} of peerwatch.coding_agents does not name a CodingAgent so called.")
    return entry


CODING_AGENTS: Registry[CodingAgent] = Registry("peerwatch.coding_agents", "coding agent", adapt=_coding_agent)
"""Coding agents of other packages, by name."""


def coding_agents() -> Mapping[str, CodingAgent]:
    """The coding agents by their names in tasks; those of other packages come last."""
    return {**_own(), **CODING_AGENTS}


@cache
def _own() -> Mapping[str, CodingAgent]:
    data = from_yaml(files("peerwatch.agents.coding").joinpath("agents.yaml").read_text(encoding="utf-8"))
    return {name: CodingAgent(name=name, **body) for name, body in data["agents"].items()}


def coding_agent_named(name: str) -> CodingAgent:
    """Return the coding agent of a name.

    Raises:
        AgentError: If there is none.
    """
    found = coding_agents().get(name)
    if found is None:
        raise AgentError(f"There is no coding agent {name!r}. {choices(name, coding_agents())}")
    return found
