"""Agents: the simulated agent on Inspect's own loop, and scripted agents of known conduct."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.agents._acted import Acted, act_out
    from peerwatch.agents._on_machines import (
        ORGANISM,
        SCRIPTED,
        ShellOrganism,
        control_organisms,
        expected_of,
        scripted,
        shell_names,
        shell_organisms,
    )
    from peerwatch.agents._organism import CAST, EACH, OrganismAPI
    from peerwatch.agents._script import Played, play, script_names, turns_of
    from peerwatch.agents._simulated import simulated
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # organisms
    "Acted",
    "act_out",
    "ORGANISM",
    "SCRIPTED",
    "ShellOrganism",
    "control_organisms",
    "expected_of",
    "scripted",
    "shell_names",
    "shell_organisms",
    "CAST",
    "EACH",
    "OrganismAPI",
    "Played",
    "play",
    "script_names",
    "turns_of",
    # Inspect's loop
    "simulated",
]
