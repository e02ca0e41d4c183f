"""A provider that quotes what it was sent: the key in its errors and answers, with signs that steer a terminal."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from .json_server import answering, completion

STEERING = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e"
"""Clears a screen, sets a window's title, changes a color, and turns a line round."""


@contextmanager
def quoting() -> Generator[tuple[str, list[Mapping[str, str]]]]:
    """Serve while the block lasts; gives the address and the headers of all requests so far.

    The model `error` is refused with 400, after 150 letters, so that a reason of 160 is cut within the key. The model
    `answer` answers with its key in the text and a usage below zero.
    """
    met: list[Mapping[str, str]] = []

    def answer(asked: dict[str, Any], headers: Mapping[str, str]) -> tuple[int, object]:
        met.append(headers)
        named = {name.lower(): value for name, value in headers.items()}
        key = named.get("authorization")
        quoted = f"{STEERING}{'x' * 118} key={key} x-auth={named.get('x-auth')}"
        if asked["model"] == "error":
            return 400, {"error": {"message": quoted, "type": "invalid_request_error", "code": key}}
        usage = {"prompt_tokens": -900_000, "completion_tokens": 5, "total_tokens": -899_995}
        return 200, completion("m", f"I was called with {key}.", usage)

    with answering(answer) as address:
        yield address, met
