"""The validation of the shell, apart from the rest: a run of simulated episodes need not load what machines need."""

from peerwatch.validation.machines._control import control_on_machines
from peerwatch.validation.machines._on_machines import on_real_machines
from peerwatch.validation.machines._page import SHELL_BEGIN, SHELL_END, scripted_agent_table, shell_page, shell_within

__all__ = [
    # scripted agents on real machines
    "control_on_machines",
    "on_real_machines",
    # the table as Markdown
    "SHELL_BEGIN",
    "SHELL_END",
    "scripted_agent_table",
    "shell_page",
    "shell_within",
]
