"""Runs a GGUF model in this process: loaded once, one conversation at a time."""

import hashlib
import json
import os
import threading
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from peerwatch.models import _bindings
from peerwatch.models._completion import Reply, reply
from peerwatch.models._dialogue import Turn
from peerwatch.models._errors import ModelError

N_CTX = 8192
"""Tokens of prompt and answer together that fit: some 230 MB of memory for the default model."""

_SEEDS = 2**31 - 1


class Question(BaseModel):
    """What the model is asked."""

    messages: list[Turn]
    answer: dict[str, Any] | None = None
    """JSON schema that the answer has to follow; any text if None."""
    temperature: float
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int
    stop: list[str] | None = None
    seed: int


class Runtime:
    """A loaded model."""

    def __init__(self, path: Path, *, n_ctx: int, threads: int) -> None:
        self._server = _bindings.load(path, n_ctx=n_ctx, threads=threads)
        self._turn = threading.Lock()

    def ask(self, question: Question) -> Reply:
        """Answer one question; blocks for seconds, so call it from a worker thread.

        Raises:
            ModelError: llama.cpp refused the question.
        """
        request = question.model_dump(exclude={"answer"}, exclude_none=True)
        if question.answer is not None:
            request["grammar"] = _grammar(json.dumps(question.answer))
        with self._turn:
            completion = self._server.handle_chat_completions(request)
        return reply(completion)


def runtime(path: Path) -> Runtime:
    """The model in this file, which stays loaded until the process ends."""
    with _loading:
        return _loaded(path)


_loading = threading.Lock()


@cache
def _loaded(path: Path) -> Runtime:
    return Runtime(path, n_ctx=N_CTX, threads=threads())


def threads() -> int:
    """CPU threads to use: $PEERWATCH_THREADS, or as many as this process may use.

    Raises:
        ModelError: The variable is not a whole number above zero.
    """
    chosen = os.environ.get("PEERWATCH_THREADS")
    if not chosen:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not chosen.isdecimal() or int(chosen) < 1:
        raise ModelError(f"PEERWATCH_THREADS is {chosen!r}. Set it to a whole number above zero, or unset it.")
    return int(chosen)


def turn_seed(base: int, messages: list[Turn]) -> int:
    """A seed that differs from turn to turn, and is the same for the same conversation.

    With one seed for all turns a small model that has begun to repeat itself goes on for ever.

    Args:
        base: Seed of the episode.
        messages: The conversation so far.
    """
    digest = hashlib.sha256(json.dumps([base, [message.model_dump() for message in messages]]).encode()).digest()
    return int.from_bytes(digest[:8], "big") % _SEEDS


@cache
def _grammar(schema: str) -> str:
    return _bindings.grammar(json.loads(schema))
