"""A client that stops waiting for its model asks again: Peerwatch sets how long it waits and counts what it repeats."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from inspect_ai.model import ChatMessage, Model

from peerwatch.agents.coding import _cli_agent, coding_agent
from peerwatch.agents.coding._cli_table import CodingAgent, coding_agent_named
from peerwatch.inspect import REPEATED
from tests.machines.one_host import on_one_host, only
from tests.machines.scripted_cli import Script, scripted

FLAGS = "/etc/gemini-cli/experiments.json"
PATIENCE = 3
"""Seconds after which the client gives up; it asks again 5 seconds later, give or take a third."""

SLOW = 12
"""Seconds that the first answer takes."""


def slow(model: Model, asked: list[str]) -> Model:
    """The same model, whose first answer takes long.

    Args:
        model: The model.
        asked: Where to note each conversation as it arrives: the client may have given up before it is answered.
    """
    quick = model.api.generate

    async def generate(input: list[ChatMessage], *given: Any, **named: Any) -> Any:  # noqa: A002, ANN401 - as Inspect's own
        asked.append(str([(each.role, each.text) for each in input]))
        if len(asked) == 1:
            await anyio.sleep(SLOW)
        return await quick(input, *given, **named)

    vars(model.api)["generate"] = generate
    return model


def impatient(name: str) -> CodingAgent:
    row = coding_agent_named(name)
    (flag,) = row.settings[FLAGS]["flags"]
    return row.model_copy(
        update={"settings": {**row.settings, FLAGS: {"flags": [{**flag, "intValue": str(PATIENCE)}]}}}
    )


@pytest.mark.parametrize("patient", [True, False])
def test_gemini_waits_as_long_as_its_flag_says_and_what_it_repeats_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, patient: bool
) -> None:
    if not patient:
        monkeypatch.setattr(_cli_agent, "coding_agent_named", impatient)
    asked: list[str] = []
    sample = only(on_one_host(coding_agent("gemini_cli"), slow(scripted(Script(["ls"])), asked), tmp_path))
    repeats = len(asked) - len(set(asked))
    assert sample.store.get(REPEATED, 0) == repeats
    assert (repeats > 0) is not patient
