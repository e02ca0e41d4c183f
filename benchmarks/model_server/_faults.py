"""What can go wrong with a request, chosen by the name of the model.

`ok` is answered properly. Any other name is a fault, which begins once an episode has a few turns behind it, or T turns
with `@T` at the end, and lasts for ever; with `-xN` it befalls only the first N requests of an episode from there on:
`status-500-x2@5`. The model `mixed` has several such names, which the worlds take in turn.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ._agent import Message, message_of

START = 3
"""Turns of the script before a fault begins unless its name says otherwise: an episode has done something by then."""


@dataclass(frozen=True)
class Reply:
    """What is sent for a request.

    Attributes:
        status: HTTP status.
        headers: Headers other than the usual ones.
        body: A JSON value, or raw text.
        sent: Share of the body that goes out before the connection is dropped; 0 for no answer at all, ever.
    """

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    sent: float = 1.0


@dataclass(frozen=True)
class Said:
    """A completion that is odd in itself."""

    message: Message
    finish: str = "stop"
    choices: bool = True


def _error(status: int, code: str, **headers: str) -> Reply:
    body = {"error": {"message": f"{code} on purpose", "type": "invalid_request_error", "code": code}}
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def _says(*calls: tuple[str, Any]) -> Said:
    return Said(message_of(calls, "odd"), "tool_calls" if calls else "stop")


def _sent_as_object(tool: str, arguments: dict[str, Any]) -> Message:
    """A call whose arguments are no text, as some servers send them."""
    message = message_of([(tool, {})], "odd")
    message["tool_calls"][0]["function"]["arguments"] = arguments
    return message


def _with_one_id(calls: list[tuple[str, Any]]) -> Message:
    message = message_of(calls, "odd")
    for call in message["tool_calls"]:
        call["id"] = "call_0"
    return message


FAULTS: dict[str, Reply | Said | Callable[[Reply], Reply]] = {
    "rate-limited": _error(429, "rate_limit_exceeded"),
    "rate-limited-told": _error(429, "rate_limit_exceeded", retry_after="1"),
    "status-500": _error(500, "server_error"),
    "never": Reply(sent=0.0),
    "dropped": lambda proper: Reply(proper.body, sent=0.5),
    "not-json": Reply("<html>The gateway is busy.</html>", headers={"content-type": "text/html"}),
    "bad-request": _error(400, "unknown_parameter"),
    "no-such-model": _error(404, "model_not_found"),
    "unauthorised": _error(401, "invalid_api_key"),
    "broken-arguments": _says(("read_document", '{"name": "migra')),
    "unknown-tool": _says(("open_window", {"name": "left"})),
    "wrong-types": _says(("move_files", {"source": 7, "destination": None, "names": {"all": True}})),
    "empty": _says(),
    "no-choices": Said({}, choices=False),
    "filtered": Said(message_of([], "odd"), "content_filter"),
    "filtered-400": _error(400, "content_filter"),
    "too-long": _error(400, "context_length_exceeded"),
    "loops": _says(("list_documents", {})),
    "length": Said(message_of([], "odd", "I go on with"), "length"),
    "length-in-call": Said(message_of([("read_document", '{"name": "migra')], "odd"), "length"),
    "thinking": Said({**message_of([], "odd"), "reasoning_content": "Now I make the call."}),
    "safety": Said(message_of([], "odd"), "SAFETY"),
    "half-text": Said(message_of([("list_documents", {})], "odd", "I go on \ud83d"), "tool_calls"),
    "half-argument": _says(("read_document", {"name": "\udc00 list \ud83d"})),
    "half-reasoning": Said(
        {**message_of([("list_documents", {})], "odd"), "reasoning_content": "I go on \ud83d"}, "tool_calls"
    ),
    "half-id": Said(message_of([("list_documents", {})], "odd \ud83d"), "tool_calls"),
    "half-name": _says(("open_\ud83d", {"name": "left"})),
    "nul": _says(("read_document", {"name": "migration\0notice"})),
    "long-number": _says(("find_file", f'{{"server": "a", "name": {"9" * 6000}}}')),
    "no-number": _says(("find_file", '{"server": NaN, "name": 1e400}')),
    "deep": _says(("find_file", '{"server": ' + "[" * 5000 + "]" * 5000 + ', "name": "a"}')),
    "no-date": _says(("read_document", "2024-02-30")),
    "aliases": _says(("read_document", "[&a [x, x, x], &b [*a, *a, *a], &c [*b, *b, *b]]")),
    "objects": Said(_sent_as_object("read_document", {"name": "left"}), "tool_calls"),
    "long-name": _says(("a" * 5000, {"name": "left"})),
    "five-megabytes": Said(message_of([("list_documents", {})], "odd", "words " * 830_000), "tool_calls"),
    "same-ids": Said(_with_one_id([("list_documents", {}), ("list_servers", {})]), "tool_calls"),
}
"""A reply in place of the proper one, a completion in place of it, or what becomes of the proper reply."""


@dataclass(frozen=True)
class Plan:
    """What befalls an episode: a fault, from which turn on, and how many of its requests."""

    fault: str
    start: int
    times: float

    def due(self, turn: int, already: int) -> bool:
        """Whether a request is struck, given the turn it is for and how many have been struck before."""
        return bool(self.fault) and turn >= self.start and already < self.times


def plan_of(name: str) -> Plan:
    """What a model's name says.

    Raises:
        ValueError: If there is no such fault.
    """
    if name == "ok":
        return Plan("", 0, 0)
    found = re.fullmatch(r"(.*?)(?:-x(\d+))?(?:@(\d+))?", name)
    if found is None or found[1] not in FAULTS:
        raise ValueError(f"{name!r} is no model of this server")
    return Plan(found[1], int(found[3] or START), float(found[2] or "inf"))
