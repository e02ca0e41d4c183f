"""Runs a GGUF model in this process: loaded once, one conversation at a time."""

import hashlib
import json
import os
import threading
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from peerwatch.models import _bindings
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


class Reply(BaseModel):
    """What the model answered."""

    text: str
    ended: Literal["stop", "length", "context"]
    """Whether it came to its end, to the limit of tokens, or did not fit into the context at all."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    prompt_seconds: float = 0
    output_seconds: float = 0


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
            completion = _Completion.model_validate(self._server.handle_chat_completions(request))
        return _reply(completion)


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


class _Problem(BaseModel):
    message: str
    type: str = ""


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str


class _Cached(BaseModel):
    cached_tokens: int = 0


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Cached = Field(default_factory=_Cached)


class _Timings(BaseModel):
    prompt_ms: float = 0
    predicted_ms: float = 0


class _Completion(BaseModel):
    error: _Problem | None = None
    choices: list[_Choice] = Field(default_factory=list[_Choice])
    usage: _Usage = Field(default_factory=_Usage)
    timings: _Timings = Field(default_factory=_Timings)


def _reply(completion: _Completion) -> Reply:
    problem = completion.error
    if problem and problem.type == "exceed_context_size_error":
        return Reply(text="", ended="context")
    if problem or not completion.choices:
        raise ModelError(f"llama.cpp gave no answer: {problem.message if problem else 'it returned no choice'}.")
    choice = completion.choices[0]
    usage, timings = completion.usage, completion.timings
    return Reply(
        text=choice.message.content or "",
        ended="length" if choice.finish_reason == "length" else "stop",
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=usage.prompt_tokens_details.cached_tokens,
        output_tokens=usage.completion_tokens,
        prompt_seconds=timings.prompt_ms / 1000,
        output_seconds=timings.predicted_ms / 1000,
    )
