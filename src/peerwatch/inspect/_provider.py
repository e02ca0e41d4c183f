"""Cleans answers and errors of a model's provider before Inspect writes them to a log.

Providers quote requests in their messages, including the key in the headers; a server may even put it into an answer.
The contents of a log are published with it, and errors in logs are printed in terminals. The provider's interface is
therefore wrapped where its answers and errors enter.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

from inspect_ai.model import GenerateConfig, Model, ModelCall, ModelOutput, ModelUsage
from pydantic import BaseModel

from peerwatch.core.plain_text import shown
from peerwatch.core.redaction import Scrub, refers, resolved, scrubbed_all, scrubber

OURS = "peerwatch/"
"""Prefix of the names of models without a provider."""

Answer = ModelOutput | tuple[ModelOutput | Exception, ModelCall]
Generate = Callable[..., Awaitable[Answer]]

USAGE_REFUSED = "peerwatch_usage_refused"
"""Metadata key of an answer: implausible token counts; if present, the whole usage counts as unknown."""

MOST_TOKENS = 20_000_000
"""Maximum plausible number of tokens of one call."""

_COUNTS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "input_tokens_cache_read",
    "input_tokens_cache_write",
    "reasoning_tokens",
)

_WRAPPED = "_peerwatch_wrapped"


class ProviderError(Exception):
    """Replaces a provider's error whose text could not be cleaned in place; contains the cleaned text."""


def clean_provider(model: Model) -> Model:
    """Clean everything that comes from a model's provider of secrets and terminal control sequences.

    `${NAME}` in the model's extra headers and body is replaced by the environment variable on the way to the provider,
    so that logs contain only the reference.

    Args:
        model: Any model; changed in place, once.

    Returns:
        The same model.
    """
    if str(model).startswith(OURS) or getattr(model.api, _WRAPPED, False):
        return model
    generate = cast("Generate", model.api.generate)

    async def cleaned(input: Any, tools: Any, tool_choice: Any, config: GenerateConfig) -> Answer:  # noqa: A002, ANN401 - Inspect's
        try:
            answer = await generate(input=input, tools=tools, tool_choice=tool_choice, config=_resolved(config))
        except Exception as error:
            if (instead := clean_error(error)) is not None:
                raise instead from None
            raise
        return _clean_answer(answer)

    setattr(model.api, "generate", cleaned)  # noqa: B010 - a method in place of the class's own
    setattr(model.api, _WRAPPED, True)
    return model


def clean_error(error: BaseException) -> ProviderError | None:
    """Remove secrets from an error and its causes in place, so that its type is preserved.

    Returns:
        An error to raise instead if its text cannot be changed; `None` if it is clean now.
    """
    scrub = scrubber(error=True)

    def clean(text: str) -> str:
        return shown(scrub(text))

    for each in _chain(error, set()):
        each.args = tuple(scrubbed_all(list(each.args), clean))
        for name, value in list(vars(each).items()):
            made = scrubbed_all(value, clean)
            if made is not value:
                setattr(each, name, made)
    found = repr(error) + str(error)
    if scrub(found) == found:
        return None
    return ProviderError(f"{type(error).__name__}: {clean(str(error))}")


def _chain(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    if id(error) in seen:
        return
    seen.add(id(error))
    yield error
    inside: tuple[BaseException, ...] = getattr(error, "exceptions", ())  # of a group
    for each in (error.__cause__, error.__context__, *inside):
        if each is not None:
            yield from _chain(each, seen)


def _resolved(config: GenerateConfig) -> GenerateConfig:
    given = {"extra_headers": config.extra_headers, "extra_body": config.extra_body}
    if not any(map(refers, given.values())):
        return config
    return config.model_copy(update=resolved(given))


def _clean_answer(answer: Answer) -> Answer:
    """Return an answer without known secrets; parts about errors or requests are scrubbed like errors."""
    if isinstance(answer, ModelOutput):
        return _clean_output(answer)
    output, call = answer
    output = (clean_error(output) or output) if isinstance(output, Exception) else _clean_output(output)
    return output, call.model_copy(update=_clean_fields(call, scrubber(error=True)))


def _clean_output(output: ModelOutput) -> ModelOutput:
    if output.usage is not None and (wrong := _unbelievable(output.usage)):
        output = output.model_copy(
            update={"usage": None, "metadata": {**(output.metadata or {}), USAGE_REFUSED: wrong}}
        )
    made = output.model_copy(update=_clean_fields(output, scrubber()))
    if made.error:
        made.error = shown(scrubber(error=True)(made.error))
    return made


def _unbelievable(usage: ModelUsage) -> str:
    """Describe implausible token counts: negative, or beyond any model's limits; empty if there are none."""
    counts = usage.model_dump(include=set(_COUNTS), exclude_none=True)
    return ", ".join(f"{name} {count}" for name, count in counts.items() if not 0 <= count <= MOST_TOKENS)


def _clean_fields(record: BaseModel, scrub: Scrub) -> dict[str, Any]:
    """The fields of a record that change when they are cleaned."""
    found: dict[str, Any] = {}
    for name in type(record).model_fields:
        value = getattr(record, name)
        made = _clean(value, scrub)
        if made is not value:
            found[name] = made
    return found


def _clean(value: Any, scrub: Scrub) -> Any:  # noqa: ANN401 - any field
    if isinstance(value, BaseModel):
        changed = _clean_fields(value, scrub)
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, list):
        items = cast("list[Any]", value)
        made = [_clean(each, scrub) for each in items]
        return items if all(a is b for a, b in zip(items, made, strict=True)) else made
    return scrubbed_all(value, scrub)
