"""The single entry point of answers: every model call in an episode, including judges' calls, passes through here.

Inspect has no public hook for this. Its hooks can't change an answer, a bridge's filter sees only the bridge's calls,
and a custom provider would rename every model. So `Model.generate`, which all agents call, is wrapped once per process.
Outside Peerwatch's episodes it is unchanged.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelCall,
    ModelOutput,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import Store, store

from peerwatch.inspect.answers._output import clean_error, clean_messages, clean_output, clean_record
from peerwatch.inspect.answers._parsing import install_parser
from peerwatch.inspect.answers._stops import mark_of, set_mark

ANSWERS = "peerwatch:answers"
"""Key in the sample store: what was cleaned in the answers of the episode, in order."""

_PLACE = "number"

_GUARDED = "_peerwatch_guarded"

_guarding: ContextVar[bool] = ContextVar("peerwatch_guarding", default=False)


def guard_answers(into: Store) -> None:
    """Clean every answer of an episode from now on.

    Args:
        into: The store of the episode's sample.
    """
    _install()
    into.set(ANSWERS, [])


@contextmanager
def guarded_answers() -> Generator[None]:
    """Clean every answer within the block, such as those of a judge, who may judge outside of episodes."""
    _install()
    before = _guarding.set(True)
    try:
        yield
    finally:
        _guarding.reset(before)


def place_of(message: ChatMessageAssistant) -> int | None:
    """Index of an answer among the cleaned answers of the episode; `None` if nothing was cleaned in it."""
    found = mark_of(message).get(_PLACE)
    return found if isinstance(found, int) else None


def cleaned_answers(of: Store) -> list[str]:
    """What was cleaned in the answers of an episode, one line for each answer."""
    return list(of.get(ANSWERS, []))


def _active() -> bool:
    return _guarding.get() or ANSWERS in store()


@cache
def _install() -> None:
    install_parser()
    original = Model.generate

    @wraps(original)
    async def generate(self: Model, input: str | list[ChatMessage], *given: Any, **named: Any) -> ModelOutput:  # noqa: A002, ANN401 - as Inspect's own
        if not _active():
            return await original(self, input, *given, **named)
        _guard(self.api)
        messages: list[ChatMessage] = [ChatMessageUser(content=input)] if isinstance(input, str) else input
        clean_messages(messages)
        return await original(self, messages, *given, **named)

    setattr(Model, "generate", generate)  # noqa: B010 - a method is replaced on purpose; see above


def _guard(api: ModelAPI) -> None:
    """Clean a provider's answers before Inspect counts, caches and logs them."""
    if getattr(api, _GUARDED, False):
        return
    original = api.generate

    @wraps(original)
    async def generate(
        input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput | tuple[ModelOutput | Exception, ModelCall]:
        if not _active():
            return await original(input=input, tools=tools, tool_choice=tool_choice, config=config)
        try:
            answer = await original(input=input, tools=tools, tool_choice=tool_choice, config=config)
        except (ValueError, RecursionError) as error:
            if not _of_the_answer(error):
                clean_error(error)
                raise
            answer = _unreadable(api.model_name, error)
        except Exception as error:
            clean_error(error)
            raise
        output, call = answer if isinstance(answer, tuple) else (answer, None)
        if call is not None:
            clean_record(call)
        if isinstance(output, ModelOutput):
            _clean(output, input)
        else:
            clean_error(output)
        return answer

    setattr(api, "generate", generate)  # noqa: B010 - as above
    setattr(api, _GUARDED, True)


def _clean(output: ModelOutput, messages: Sequence[ChatMessage]) -> None:
    summary = clean_output(output, messages) or (
        "" if output.empty else str(mark_of(output.message).get("cleaned", ""))
    )
    if summary and not _guarding.get() and not output.empty:
        kept = cleaned_answers(store())
        set_mark(output.message, **{_PLACE: len(kept)})
        store().set(ANSWERS, [*kept, summary])


def _of_the_answer(error: Exception) -> bool:
    """Whether a client failed because of the model's text, rather than the provider's format.

    Python raises a `ValueError` with these words for an integer of more than 4,300 digits, and a `RecursionError` for
    JSON nested deeper than its stack. In a valid response only the model's text can contain either.
    """
    return isinstance(error, RecursionError) or str(error).startswith("Exceeds the limit")


def _unreadable(model: str, error: Exception) -> ModelOutput:
    """An unreadable answer: a turn of the target without words and without a call."""
    message = ChatMessageAssistant(content="", model=model, source="generate")
    set_mark(message, cleaned=f"the whole answer could not be read: {error}")
    return ModelOutput(model=model, choices=[ChatCompletionChoice(message=message, stop_reason="unknown")])
