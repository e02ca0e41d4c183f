"""Validation on real machines; a separate package, so that simulated runs need not import its requirements."""

from peerwatch.validation.machines._control import control_on_machines
from peerwatch.validation.machines._on_machines import on_real_machines
from peerwatch.validation.machines._page import SHELL_BEGIN, SHELL_END, scripted_agent_table, shell_page, shell_within

__all__ = [
    # Scripted agents on real machines
    "control_on_machines",
    "on_real_machines",
    # The table as Markdown
    "SHELL_BEGIN",
    "SHELL_END",
    "scripted_agent_table",
    "shell_page",
    "shell_within",
]
