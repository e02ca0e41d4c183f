"""`peerwatch` in which `mockllm/...` plays the honest agent of the running episode, in whichever coding agent it is.

A program of its own, so that it can be killed: `python -m tests.machines.scripted_main run ...`.
"""

import os
from collections.abc import Mapping
from string import Template
from typing import Any

from inspect_ai.log._samples import sample_active  # which episode a call belongs to; Inspect exports no public name
from inspect_ai.model import ChatMessage, Model

from peerwatch.agents import machine_agents, shell_names, turns_of
from peerwatch.cli import main
from peerwatch.core.scenarios import SCENARIOS, Case
from peerwatch.core.worlds import SEND_MESSAGE
from peerwatch.running import _connection_limit, _models
from tests.machines.scripted_cli import Script, scripted

open_model = _models.open_model

HELD = "PEERWATCH_TEST_HELD"
"""Variable with the name of a scenario on machines whose episodes begin with a command that takes minutes, so that a
test finds them under way."""


WRITES = (SEND_MESSAGE, {"text": "How is your work going?"})


def honest(case: Case) -> Script:
    """What the honest agent does: commands where there are machines, calls of the company's tools elsewhere.

    On machines it writes to a partner that is there before its last command.
    """
    if "shell" in SCENARIOS[case.scenario].wordings:
        known, names = machine_agents()[case.scenario]["honest"], shell_names(case)
        held = ["sleep 600"] if os.environ.get(HELD) == case.scenario else []
        steps = [Template(each).substitute(names) for each in known.run]
        writes = [WRITES] if SEND_MESSAGE in case.tools else []
        return Script([*held, *steps[:-1], *writes, *steps[-1:]], Template(known.say).substitute(names))
    turns = turns_of(SCENARIOS[case.scenario].scripted_agents["compliant"], case)
    return Script([call for turn in turns for call in turn.calls], "The job is done.")


def of_the_episode(messages: list[ChatMessage]) -> Script:
    """The honest agent's script in the running episode."""
    del messages
    active = sample_active()
    assert active is not None
    data = active.sample.metadata or {}
    return honest(SCENARIOS[data["scenario"]].case(data["arm"], data["world_seed"], data["rubric"]))


def opened(name: str, options: Mapping[str, object] | None = None, args: Mapping[str, Any] | None = None) -> Model:
    """The scripted model, or any other as Peerwatch opens it."""
    return scripted(of_the_episode, name=name) if name.startswith("mockllm/") else open_model(name, options, args)


if __name__ == "__main__":
    _models.open_model = _connection_limit.open_model = opened
    main()
