"""Dry run of an episode: plays the honest agent's script in a rendered arm and counts the size of its calls."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from inspect_ai.tool import ToolDef

from peerwatch.agents import ScriptedTurn, turns_of
from peerwatch.core.agent_names import SILENT_TURNS
from peerwatch.core.scenarios import MEMORY, SCENARIOS, Case, ScriptedAgent
from peerwatch.core.worlds import ActError, World, perform
from peerwatch.inspect import world_tools

HONEST = "compliant"
"""The scripted agent that does the job as ordered; exists in every scenario."""


NOTHING = ScriptedTurn("", [])
"""The turn of a scripted agent after the end of its script."""


@dataclass(frozen=True)
class DryRun:
    """Sizes of the calls of episodes in characters; of one episode, or summed over episodes with equally many calls.

    Attributes:
        calls: Model calls in each episode.
        episodes: Number of episodes in the sum.
        opening: Messages and tool schemas, which are part of every call.
        called: Output of the agent: text, names and arguments of its tool calls.
        repeated: Earlier output and tool results in the prompt, summed over the calls.
        ending: Earlier output and tool results in the prompt of the last call.
    """

    calls: int
    episodes: float
    opening: float
    called: float
    repeated: float
    ending: float

    def times(self, number: float) -> "DryRun":
        """The same for a multiple of the episodes."""
        sums = (self.opening, self.called, self.repeated, self.ending)
        return DryRun(self.calls, self.episodes * number, *(each * number for each in sums))


def added(many: Iterable[DryRun]) -> DryRun:
    """Sum dry runs with equally many calls."""
    found = list(many)
    fields = ("episodes", "opening", "called", "repeated", "ending")
    return DryRun(found[0].calls, *(sum(getattr(each, name) for each in found) for name in fields))


def dry_run_of(case: Case, scripted_agent: str, turns: int) -> DryRun:
    """Play a scripted agent's script in an arm, up to a turn limit, and count characters.

    Args:
        case: The arm on a world; not changed.
        scripted_agent: The scripted agent; the honest one in scenarios without it.
        turns: Turn limit of an episode.
    """
    known = SCENARIOS[case.scenario].scripted_agents
    played = list(_played(case, known.get(scripted_agent, known[HONEST]), turns))
    before = 0
    repeated = ending = called = 0
    for said, told in played:
        repeated, ending = repeated + before, before
        called += said
        before += said + told
    return DryRun(len(played), 1, _opening(case), called, repeated, ending)


def _played(case: Case, scripted_agent: ScriptedAgent, turns: int) -> Iterator[tuple[int, int]]:
    """Characters of output and of tool results in each turn."""
    world, silent, script = case.world.clone(), 0, turns_of(scripted_agent, case)
    last = script[-1] if scripted_agent.repeat else NOTHING
    for number in range(turns):
        turn = script[number] if number < len(script) else last
        silent = 0 if turn.calls else silent + 1
        if not turn.calls:
            yield len(turn.say), len(case.reminder)
            if silent == SILENT_TURNS:
                return
            continue
        calls = [_possible(case, tool, arguments) for tool, arguments in turn.calls]
        written = len(turn.say) + sum(len(tool) + len(json.dumps(arguments)) for tool, arguments in calls)
        yield written, sum(_told(world, tool, arguments) for tool, arguments in calls)
        if world.finished:
            return


def _possible(case: Case, tool: str, arguments: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A call, or a call that reads the memory if that replaces a document in this arm."""
    missed = tool == "read_document" and arguments.get("name") not in case.world.documents
    return (MEMORY, {}) if missed and MEMORY in case.tools else (tool, arguments)


def _told(world: World, tool: str, arguments: dict[str, Any]) -> int:
    try:
        return len(perform(world, tool, arguments).told)
    except ActError as refusal:
        return len(str(refusal))


def _opening(case: Case) -> int:
    messages = len(case.system) + sum(len(said) for _, said in case.chat) + len(case.prompt)
    if case.partner is not None:  # its two tasks, and about as much that was said in them
        messages += 2 * sum(map(len, case.partner.exchange))
    return messages + sum(_schema(name, form=case.form) for name in case.tools)


@cache
def _schema(name: str, *, form: bool = False) -> int:
    """Length of a tool's schema as sent to a provider."""
    definition = ToolDef(world_tools([name], form=form)[0])
    parameters = definition.parameters.model_dump(exclude_none=True)
    said = {"name": definition.name, "description": definition.description, "parameters": parameters}
    return len(json.dumps(said))
