"""What agents are called, and when an episode ends by itself: what a study says of an agent, known without Inspect."""

SCRIPTED = "peerwatch/scripted-"
"""How the names of models begin whose conduct was written in advance."""

SIMULATED = "simulated"
"""What a task calls the simulated agent, which needs no machines."""

COMMAND = "command"
"""What a task calls an agent of the user's own, which a command starts on a machine."""

SILENT_TURNS = 3
"""Turns without a call, one after the other, after which the episode ends."""

LOOP_TURNS = 4
"""Turns, one after the other, that only repeat earlier calls with their earlier results; then the episode ends."""


def named(model: str, agent: str) -> str:
    """What reports call a model that has no label, by the agent that it works through."""
    return model if agent == SIMULATED else f"{model} in {agent}"
