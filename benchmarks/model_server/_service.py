"""From a request of the API to a reply: the proper completion with its usage, or the fault that is due."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ._agent import Agent, Message
from ._faults import FAULTS, Reply, Said, plan_of

REASONING = 16
"""Reasoning tokens that every answer is said to have cost."""

Usage = tuple[int, int, int, int]


class Service:
    """Answers chat completions, and remembers what it was asked.

    Args:
        agent: What it plays.
        mix: The names that the worlds of the model `mixed` take in turn.
    """

    def __init__(self, agent: Agent, mix: Sequence[str]) -> None:
        self._agent = agent
        self._mix = [plan_of(name) for name in mix]
        self._struck: Counter[tuple[str, int]] = Counter()
        self.seen: list[dict[str, Any]] = []

    def reply(self, request: dict[str, Any], at: float) -> Reply:
        """What is sent for a request for a completion that arrived at a time, in seconds of the wall clock."""
        model, messages = request["model"], request["messages"]
        world = self._agent.world(messages)
        if world is None:
            return Reply({"error": {"message": "not a conversation of this server's worlds"}}, 400)
        turn = self._agent.turn(messages)
        plan = self._mix[world % len(self._mix)] if model == "mixed" else plan_of(model)
        fault = plan.fault if plan.due(turn, self._struck[model, world]) else ""
        self._struck[model, world] += bool(fault)
        said, usage = self._said(FAULTS.get(fault), messages, world, turn)
        proper = Reply(_completion(model, said, usage))
        reply = self._struck_reply(fault, proper)
        counted = usage if reply is proper else (0, 0, 0, 0)
        self.seen.append({"at": at, "model": model, "world": world, "turn": turn, "fault": fault, "tokens": counted})
        return reply

    def _said(self, fault: object, messages: list[Message], world: int, turn: int) -> tuple[Said, Usage]:
        if isinstance(fault, Said):
            return fault, _usage(messages, fault.message)
        message = self._agent.answer(world, turn)
        return Said(message, "tool_calls" if "tool_calls" in message else "stop"), _usage(messages, message)

    def _struck_reply(self, fault: str, proper: Reply) -> Reply:
        what = FAULTS.get(fault, proper)
        if isinstance(what, Reply):
            return what
        return proper if isinstance(what, Said) else what(proper)


def _completion(model: str, said: Said, usage: Usage) -> dict[str, Any]:
    read, cached, wrote, reasoning = usage
    choice = {"index": 0, "finish_reason": said.finish, "message": said.message}
    return {
        "id": "completion",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [choice] if said.choices else [],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": wrote,
            "total_tokens": read + wrote,
            "prompt_tokens_details": {"cached_tokens": cached},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        },
    }


def _usage(messages: list[Message], answer: Message) -> Usage:
    """Four characters a token; cached is all up to the last answer, as with a provider that caches prefixes."""
    sizes = [len(str(message)) // 4 for message in messages]
    last = max((at for at, message in enumerate(messages) if message["role"] == "assistant"), default=0)
    return sum(sizes), sum(sizes[:last]), len(str(answer)) // 4 + REASONING, REASONING
