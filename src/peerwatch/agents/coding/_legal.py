"""Legal values of a study for agents on machines: name, command, sandbox. Independent of Inspect."""

import re
import shlex
from difflib import get_close_matches
from textwrap import shorten

from peerwatch.agents.coding._cli_table import AgentError, coding_agents
from peerwatch.core.agent_names import COMMAND, SIMULATED
from peerwatch.core.errors import choices
from peerwatch.sandboxes.machines import Dialect

TURNS = 100
"""Default turn limit of an episode; a shell needs more turns than typed tools."""

SANDBOXES: dict[str, Dialect] = {"docker": "docker", "netns": "netns", "k8s": "k8s"}
"""Inspect's name of a sandbox to its Compose dialect."""

PLACEHOLDERS = {
    "prompt": "the job, with the company's system prompt before it unless `{system}` is used",
    "prompt_file": "a file with the same text",
    "system": "the company's system prompt",
    "model": "the model's name",
    "base_url": "URL of the model API, such as http://127.0.0.1:3001; clients of OpenAI take it with /v1",
    "mcp_config": 'a file with the company\'s tools as `{"mcpServers": {...}}`, where there are any',
}
"""Placeholders of a command, with the values that replace them."""

# Matches "{prompt}", but not "${HOME}" or "{{name}}"
_BRACES = re.compile(r"(?<![${]){([A-Za-z_]\w*)}(?!})")
"""A name in single braces; shell variables and template placeholders are excluded."""

_ALIKE = 0.75
"""Minimum similarity (difflib's ratio) to a placeholder for a name in the text of a program to count as misspelled."""

_LONGEST_WORD = 80
"""Maximum length of a command's word shown in an error, in characters."""


def agent_names() -> list[str]:
    """Names of all agents, including the simulated one."""
    return [SIMULATED, *coding_agents(), COMMAND]


def check_agent(name: str, command: str = "") -> None:
    """Reject an agent that does not exist, or with a command that is missing, superfluous or cannot be parsed.

    Args:
        name: A coding agent, or `command`.
        command: The command that starts a user's agent.

    Raises:
        AgentError: If so; the message lists the legal values.
    """
    if (name == COMMAND) != bool(command):
        raise AgentError(
            f"agent={name}, agent_command={command!r}: a command is required with agent={COMMAND}, and only there."
        )
    if name == COMMAND:
        check_command(command)
    elif name not in coding_agents():
        raise AgentError(f"unknown agent {name!r}. {choices(name, agent_names())}")


def check_command(command: str) -> None:
    """Check that a command can be parsed.

    Raises:
        AgentError: If it is empty, has an unclosed quotation, or contains an unknown placeholder.
    """
    legal = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise AgentError(f"The agent's command {command!r} can't be read: {error}. Close the quotation.") from None
    if not words:
        raise AgentError(f"The agent's command is empty. Give a program and its arguments; {legal} are filled in.")
    for word in words:
        for name in _BRACES.findall(word):
            if name not in PLACEHOLDERS and _meant(name, word):
                raise AgentError(
                    f"The agent's command has {{{name}}}, an unknown placeholder, in {_shown(word)!r}. "
                    f"Use one of: {legal}. Literal braces need a blank inside: {{ {name} }}."
                )


def _meant(name: str, word: str) -> bool:
    """Whether braces denote a placeholder: always in a plain argument; in a program's text only if similar to one."""
    is_text = any(map(str.isspace, word)) or word.count("{") != len(_BRACES.findall(word))
    return not is_text or bool(get_close_matches(name, PLACEHOLDERS, n=1, cutoff=_ALIKE))


def _shown(word: str) -> str:
    return shorten(word, _LONGEST_WORD, placeholder=" …")
