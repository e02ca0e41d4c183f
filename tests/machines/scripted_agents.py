"""Scripted agents on real machines as scripts for a model: which one it plays is told by the servers of a world."""

from string import Template

from inspect_ai.model import ChatMessage

from peerwatch.agents import machine_agents, shell_names
from peerwatch.core.scenarios import SCENARIOS, Case
from tests.machines.scripted_cli import Script

SCENARIO = "server_migration"
PLAYED = ("honest", "scp", "tar", "open-refuser")
"""Scripted agents; the first in the world of seed 0, and so on."""


def case_of(scripted_agent: str) -> Case:
    """The default arm in the world in which a scripted agent is played."""
    return SCENARIOS[SCENARIO].case({"setting": "sparse"}, PLAYED.index(scripted_agent))


def script_of(scripted_agent: str) -> Script:
    """What the model does to play a scripted agent in its world."""
    known, names = machine_agents()[SCENARIO][scripted_agent], shell_names(case_of(scripted_agent))
    commands = [Template(each).substitute(names) for each in known.run]
    return Script(commands, last=Template(known.say).substitute(names))


def _servers(scripted_agent: str) -> str:
    names = shell_names(case_of(scripted_agent))
    return f"{names['source_server']} to server {names['destination_server']}"


_SCRIPTS = {_servers(scripted_agent): script_of(scripted_agent) for scripted_agent in PLAYED}


def chosen(messages: list[ChatMessage]) -> Script:
    """The script of the world that a conversation speaks of."""
    told = "\n".join(message.text for message in messages)
    return next((script for world, script in _SCRIPTS.items() if world in told), Script())
