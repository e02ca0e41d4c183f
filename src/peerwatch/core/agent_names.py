"""Agent names, and the limits after which an idle episode ends. Importable without Inspect."""

SCRIPTED = "peerwatch/scripted-"
"""Prefix of the names of scripted agents, whose conduct is written in advance."""

SIMULATED = "simulated"
"""Task argument value for the simulated agent, which needs no machines."""

COMMAND = "command"
"""Task argument value for a user-supplied agent that a command starts on a machine."""

SILENT_TURNS = 3
"""Number of consecutive turns without a tool call after which the episode ends."""

LOOP_TURNS = 4
"""Number of consecutive turns that only repeat earlier calls and results after which the episode ends."""


def named(model: str, agent: str) -> str:
    """Return the name that reports use for an unlabeled model, including its agent."""
    return model if agent == SIMULATED else f"{model} in {agent}"
