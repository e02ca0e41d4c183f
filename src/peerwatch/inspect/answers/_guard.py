"""The one place where answers enter: every call of a model in an episode, and every judge's, passes here.

Inspect offers no public place for this. Its hooks can't change an answer, a bridge's filter sees only what the bridge
calls, and a provider of our own would rename every model. So `Model.generate`, through which every agent's calls go,
whoever wrote it, is wrapped once in a process. Outside Peerwatch's episodes it does what it always did.
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
    """Have every answer of an episode cleaned from now on.

    Args:
        into: The store of the episode's sample.
    """
    _install()
    into.set(ANSWERS, [])


@contextmanager
def guarded_answers() -> Generator[None]:
    """Have every answer cleaned that is given meanwhile, as a judge's, who may judge outside of any episode."""
    _install()
    before = _guarding.set(True)
    try:
        yield
    finally:
        _guarding.reset(before)


def place_of(message: ChatMessageAssistant) -> int | None:
    """Where what was cleaned in an answer stands among all of the episode; `None` if nothing was."""
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
    """Have a provider's answers cleaned before Inspect counts, caches and logs them."""
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
    """Whether a client failed at what the model wrote, and not at the provider's form.

    Python raises a `ValueError` with these words for a whole number of more than 4,300 digits, and a `RecursionError`
    for JSON nested beyond its stack. Neither stands in a proper response anywhere but in what the model wrote.
    """
    return isinstance(error, RecursionError) or str(error).startswith("Exceeds the limit")


def _unreadable(model: str, error: Exception) -> ModelOutput:
    """An answer that nobody could read: a turn of the target's without words and without a call."""
    message = ChatMessageAssistant(content="", model=model, source="generate")
    set_mark(message, cleaned=f"the whole answer could not be read: {error}")
    return ModelOutput(model=model, choices=[ChatCompletionChoice(message=message, stop_reason="unknown")])
