"""The agent that the server plays: a scripted agent's script, found from the conversation that the server receives.

The server keeps no state for it. Each call bears the number of its turn in its id, so that the next turn follows from
the conversation alone: also after faults, and when an episode starts anew.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from peerwatch.agents import play
from peerwatch.core.scenarios import SCENARIOS, Case

SCRIPTED_AGENT = "compliant"
Message = dict[str, Any]
"""A message as the API has it."""

_ID = re.compile(r"turn-(\d+)-\d+")


class Agent:
    """Plays the script of a scripted agent in the worlds of one arm.

    Args:
        scenario: Name of the scenario.
        arm: Levels other than the default.
        worlds: How many worlds, from seed 0 upwards.
    """

    def __init__(self, scenario: str, arm: dict[str, str], worlds: int) -> None:
        rules = SCENARIOS[scenario]
        self._scripted_agent = rules.scripted_agents[SCRIPTED_AGENT]
        self._cases = [rules.case(arm, seed) for seed in range(worlds)]
        self._numbers = {_digest(_opening(case)): number for number, case in enumerate(self._cases)}
        if len(self._numbers) < worlds:
            raise ValueError(f"{scenario}: {worlds} worlds, of which some begin with the same words")

    def world(self, messages: list[Message]) -> int | None:
        """Number of the world that a conversation is about; `None` if the agent doesn't know it."""
        return self._numbers.get(_digest(_texts(messages)))

    def turn(self, messages: list[Message]) -> int:
        """How many turns of the script a conversation has behind it."""
        for message in reversed(messages):
            calls: list[dict[str, Any]] = message.get("tool_calls") or []
            for call in calls:
                if found := _ID.fullmatch(call["id"]):
                    return int(found[1]) + 1
        return 0

    def answer(self, world: int, turn: int) -> Message:
        """The message of a turn."""
        played = play(self._scripted_agent, self._cases[world], turn)
        return message_of(played.calls, turn, played.say)


def message_of(calls: Iterable[tuple[str, Any]], turn: int | str, say: str = "") -> Message:
    """A message with calls. Arguments that are text already go out as they are; all else goes out as JSON."""
    made = [
        {
            "id": f"turn-{turn}-{position}",
            "type": "function",
            "function": {"name": tool, "arguments": given if isinstance(given, str) else json.dumps(given)},
        }
        for position, (tool, given) in enumerate(calls)
    ]
    return {"role": "assistant", "content": say} | ({"tool_calls": made} if made else {})


def _opening(case: Case) -> list[str]:
    return [case.system, case.prompt]


def _texts(messages: list[Message]) -> list[str]:
    """The system message and the job: all that the target is told before its first turn, in arms without a chat."""
    return [_text(message["content"]) for message in messages[:2]]


def _text(content: str | list[dict[str, str]]) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
