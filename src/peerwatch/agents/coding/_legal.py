"""What a study may say of an agent on machines: its name, its command, its sandbox; known without Inspect."""

import re
import shlex
from difflib import get_close_matches
from textwrap import shorten

from peerwatch.agents.coding._cli_table import AgentError, coding_agents
from peerwatch.core.agent_names import COMMAND, SIMULATED
from peerwatch.core.errors import choices
from peerwatch.sandboxes.machines import Dialect

TURNS = 100
"""Turns of the model after which Inspect ends an episode; a shell needs more of them than typed tools."""

SANDBOXES: dict[str, Dialect] = {"docker": "docker", "netns": "netns", "k8s": "k8s"}
"""Inspect's name of a sandbox to the dialect of Compose that it reads."""

PLACEHOLDERS = {
    "prompt": "the job, with the company's system prompt before it unless `{system}` is used",
    "prompt_file": "a file with the same text",
    "system": "the company's system prompt",
    "model": "the model's name",
    "base_url": "where the model API is, such as http://127.0.0.1:3001; clients of OpenAI take it with /v1",
    "mcp_config": 'a file with the company\'s tools as `{"mcpServers": {...}}`, in scenarios without machines',
}
"""What may stand in a command, in braces, and what takes its place."""

_BRACES = re.compile(r"(?<![${]){([A-Za-z_]\w*)}(?!})")
"""A name in single braces, as a placeholder has them; not a shell's `${NAME}`, nor the `{{name}}` of a template."""

_ALIKE = 0.75
"""How alike (difflib's ratio) a name in the text of a program must be to a placeholder's to count as misspelled."""

_LONGEST_WORD = 80
"""Characters of a command's word that an error shows."""


def agent_names() -> list[str]:
    """Every agent that a target can work through, the simulated one among them."""
    return [SIMULATED, *coding_agents(), COMMAND]


def check_agent(name: str, command: str = "") -> None:
    """Refuse an agent that does not exist, or one with a command that is missing, too many, or can't be read.

    Args:
        name: A coding agent, or `command`.
        command: What starts an agent of the user's own.

    Raises:
        AgentError: With what is legal.
    """
    if (name == COMMAND) != bool(command):
        raise AgentError(
            f"agent={name}, agent_command={command!r}: the command goes with agent={COMMAND}, and only there."
        )
    if name == COMMAND:
        check_command(command)
    elif name not in coding_agents():
        raise AgentError(f"agent={name!r} is no agent. {choices(name, agent_names())}")


def check_command(command: str) -> None:
    """Make sure that a command can be read.

    Raises:
        AgentError: If it is empty, a quotation is not closed, or a placeholder does not exist.
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
                    f"The agent's command has {{{name}}}, which is filled in with nothing, in {_shown(word)!r}. "
                    f"Choose among: {legal}. Braces that are meant as they are need a blank inside: {{ {name} }}."
                )


def _meant(name: str, word: str) -> bool:
    """Whether braces stand for a placeholder: in a plain argument always, in a program's text if it looks like one."""
    is_text = any(map(str.isspace, word)) or word.count("{") != len(_BRACES.findall(word))
    return not is_text or bool(get_close_matches(name, PLACEHOLDERS, n=1, cutoff=_ALIKE))


def _shown(word: str) -> str:
    return shorten(word, _LONGEST_WORD, placeholder=" …")
