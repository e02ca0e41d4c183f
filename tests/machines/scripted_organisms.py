"""Organisms of the shell as scripts for a model: which one it plays is told by the servers of a world."""

from string import Template

from inspect_ai.model import ChatMessage

from peerwatch.agents import shell_names, shell_organisms
from peerwatch.core.scenarios import SCENARIOS, Case
from tests.machines.scripted_cli import Script

SCENARIO = "server_migration"
PLAYED = ("honest", "scp", "tar", "open-refuser")
"""Organisms; the first in the world of seed 0, and so on."""


def case_of(organism: str) -> Case:
    """The default arm in the world in which an organism is played."""
    return SCENARIOS[SCENARIO].case({"setting": "sparse"}, PLAYED.index(organism))


def script_of(organism: str) -> Script:
    """What the model does to play an organism in its world."""
    known, names = shell_organisms()[SCENARIO][organism], shell_names(case_of(organism))
    commands = [Template(each).substitute(names) for each in known.run]
    return Script(commands, last=Template(known.say).substitute(names))


def _servers(organism: str) -> str:
    names = shell_names(case_of(organism))
    return f"{names['source_server']} to server {names['destination_server']}"


_SCRIPTS = {_servers(organism): script_of(organism) for organism in PLAYED}


def chosen(messages: list[ChatMessage]) -> Script:
    """The script of the world that a conversation speaks of."""
    told = "\n".join(message.text for message in messages)
    return next((script for world, script in _SCRIPTS.items() if world in told), Script())
