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
"""Context size in tokens, for prompt and answer together: about 230 MB of memory for the default model."""

_SEEDS = 2**31 - 1


class Question(BaseModel):
    """A request to the model."""

    messages: list[Turn]
    answer: dict[str, Any] | None = None
    """JSON schema of the answer; any text if None."""
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
        """Answer one request; blocks for seconds, so call it from a worker thread.

        Raises:
            ModelError: If llama.cpp rejects the request.
        """
        request = question.model_dump(exclude={"answer"}, exclude_none=True)
        if question.answer is not None:
            request["grammar"] = _grammar(json.dumps(question.answer))
        with self._turn:
            completion = self._server.handle_chat_completions(request)
        return reply(completion)


def runtime(path: Path) -> Runtime:
    """Load the model in this file; it remains loaded until the process ends."""
    with _loading:
        return _loaded(path)


_loading = threading.Lock()


@cache
def _loaded(path: Path) -> Runtime:
    return Runtime(path, n_ctx=N_CTX, threads=threads())


def threads() -> int:
    """Number of CPU threads: $PEERWATCH_THREADS, or as many as this process may use.

    Raises:
        ModelError: If the variable is not a positive integer.
    """
    chosen = os.environ.get("PEERWATCH_THREADS")
    if not chosen:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not chosen.isdecimal() or int(chosen) < 1:
        raise ModelError(f"PEERWATCH_THREADS is {chosen!r}. Set it to a whole number above zero, or unset it.")
    return int(chosen)


def turn_seed(base: int, messages: list[Turn]) -> int:
    """Derive a seed that differs between turns, and is the same for the same conversation.

    With one seed for all turns, a small model that has started to repeat itself would repeat forever.

    Args:
        base: Seed of the episode.
        messages: The conversation so far.
    """
    digest = hashlib.sha256(json.dumps([base, [message.model_dump() for message in messages]]).encode()).digest()
    return int.from_bytes(digest[:8], "big") % _SEEDS


@cache
def _grammar(schema: str) -> str:
    return _bindings.grammar(json.loads(schema))
