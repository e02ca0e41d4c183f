"""Parses the output of llama.cpp."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from peerwatch.models._errors import ModelError


class Reply(BaseModel):
    """The model's answer."""

    text: str
    ended: Literal["stop", "length", "context"]
    """Whether it was complete, reached the token limit, or did not fit into the context."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    prompt_seconds: float = 0
    output_seconds: float = 0


class _Problem(BaseModel):
    message: str
    type: str = ""


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str


class _PromptDetails(BaseModel):
    cached_tokens: int = 0


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _PromptDetails = Field(default_factory=_PromptDetails)


class _Timings(BaseModel):
    prompt_ms: float = 0
    predicted_ms: float = 0


class _Completion(BaseModel):
    error: _Problem | None = None
    choices: list[_Choice] = Field(default_factory=list[_Choice])
    usage: _Usage = Field(default_factory=_Usage)
    timings: _Timings = Field(default_factory=_Timings)


def reply(completion: dict[str, Any]) -> Reply:
    """Parse a chat completion.

    Raises:
        ModelError: If it reports a problem other than a conversation that is too long.
    """
    return _reply(_Completion.model_validate(completion))


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
