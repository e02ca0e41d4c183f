"""What models cost: the table that ships with Peerwatch, and users' tables in the same format."""

import reprlib
from collections.abc import Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from peerwatch.core.errors import UserError
from peerwatch.core.yaml_files import check_size, from_yaml

MILLION = 1_000_000

Rate = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]
"""Dollars per million tokens; strict, so that `true` and `"2"` are refused."""

Pattern = Annotated[str, Field(pattern=r"^[^\s/?\[\]]+/[^\s?\[\]]+$")]
"""A model as Inspect names it; `*` stands for any characters."""

LEGAL = {
    "models": "a list of names as Inspect has them, such as openai/gpt-5.2 or anthropic/claude-haiku-4-5*",
    "as_of": "a date such as 2026-10-14",
    "over": "a whole number of tokens, 1 or more",
    "above": "over, input and output, and perhaps cached_input and cache_write",
    "source": "text",
    "note": "text",
}
RATE = "a number of dollars per million tokens, 0 or more"
SHAPE = "`prices:` with a list of rows, each with models, input and output"


class PriceError(UserError):
    """A table of prices cannot be used; the message says where, what is wrong, the value and what is legal."""


class _Rates(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Rate
    cached_input: Rate | None = None
    cache_write: Rate | None = None
    output: Rate

    def charge(self, fresh: float, cached: float, cache_write: float, output: float) -> float:
        """Dollars for numbers of tokens of each kind."""
        read_rate = self.input if self.cached_input is None else self.cached_input
        write_rate = self.input if self.cache_write is None else self.cache_write
        dollars = fresh * self.input + cached * read_rate + cache_write * write_rate + output * self.output
        return dollars / MILLION


class LongPrompt(_Rates):
    """The rates of a call with a long prompt, which apply to all its tokens.

    Attributes:
        over: A prompt with more tokens than this, including cached ones, is long.
    """

    over: Annotated[int, Field(ge=1, strict=True)]


class Price(_Rates):
    """A model's price, in dollars per million tokens, for standard (not batch or priority) calls.

    Attributes:
        input: Prompt tokens that are neither read from nor written to a cache.
        cached_input: Tokens of the prompt read from the provider's cache; None for no discount.
        cache_write: Prompt tokens written to the cache with the shortest lifetime; None for the rate of `input`.
        output: Output tokens. Reasoning is billed as output, so its tokens are included.
        above: The rates of calls with long prompts; None if length does not matter.
        source: Address where the rates were published; may be empty in a user's table.
        as_of: The day on which the rates were valid according to the source; None if unknown.
        note: Caveats for users.
    """

    above: LongPrompt | None = None
    source: str = ""
    as_of: date | None = None
    note: str = ""

    def dollars(
        self,
        input: float = 0,  # noqa: A002 - called as the field that prices it
        cached: float = 0,
        cache_write: float = 0,
        output: float = 0,
        *,
        prompt: float = 0,
    ) -> float:
        """Return the price of a call, or of many calls together.

        The counts are separate as in Inspect's `ModelUsage`: `input_tokens` excludes tokens read from the cache
        (`input_tokens_cache_read`) and written to it (`input_tokens_cache_write`). Inspect subtracts both for OpenAI
        and compatible protocols (OpenRouter, Together, Fireworks, DeepSeek, Moonshot), the cached part for Google and
        Grok, and Anthropic and Bedrock report them separately. For Mistral, Groq and Azure AI it has no cached tokens,
        and `input_tokens` includes all of them: the result is then an upper bound.

        `output_tokens` includes `reasoning_tokens`, which must not be added, with one exception: in Inspect 0.3.285
        Grok's exclude them (its issue 5528), but `total_tokens` includes them. The billed output is therefore
        `total_tokens` minus the three kinds of input, which for the other providers equals `output_tokens`.

        Args:
            input: Number of tokens at the full rate (`input_tokens`).
            cached: Number of tokens read from the cache (`input_tokens_cache_read`, None as 0).
            cache_write: Number of tokens written to the cache (`input_tokens_cache_write`, None as 0).
            output: Number of tokens written by the model, reasoning included.
            prompt: Length in tokens of a single call's prompt, if it may be long enough for `above`. Leave it out for
                sums over calls, because their total does not determine the length of any.

        Returns:
            Dollars.
        """
        rates = self.above if self.above is not None and prompt > self.above.over else self
        return rates.charge(input, cached, cache_write, output)


class _Row(Price):
    models: Annotated[tuple[Pattern, ...], Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    prices: tuple[_Row, ...]


@cache
def known_prices() -> Mapping[str, Price]:
    """The prices that ship with Peerwatch: names and patterns of models to prices."""
    return _parse(files("peerwatch.planning").joinpath("prices.yaml").read_text(encoding="utf-8"), "prices.yaml")


def price_of(model: str, overrides: Mapping[str, Price] = {}) -> Price | None:
    """Return a model's price.

    Args:
        model: Its name in Inspect, with the provider.
        overrides: Names or patterns to prices that take precedence over Peerwatch's, as returned by `load_prices`.

    Returns:
        The price under the exact name, or else under the longest matching pattern; None if unknown, which does not mean
        that the model is free.
    """
    for table in (overrides, known_prices()):
        if model in table:
            return table[model]
        matching = [pattern for pattern in table if fnmatchcase(model, pattern)]
        if matching:
            return table[max(matching, key=len)]
    return None


def load_prices(path: Path) -> dict[str, Price]:
    """Load a user's price table, for the `overrides` of `price_of`.

    Args:
        path: A YAML file in the format of Peerwatch's table. Only `models`, `input` and `output` are required.

    Returns:
        Names and patterns to prices, in the order of the file.

    Raises:
        PriceError: If the file cannot be read, does not have that format, or lists a name twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PriceError(f"{path} cannot be read: {error.strerror}. Give a YAML file: {SHAPE}.") from error
    except UnicodeDecodeError as error:
        raise PriceError(f"{path} is not UTF-8 text. Give a YAML file: {SHAPE}.") from error
    return _parse(text, str(path))


def _parse(text: str, name: str) -> dict[str, Price]:
    try:
        check_size(text)
        data: Any = from_yaml(text)
    except yaml.YAMLError as error:
        raise PriceError(f"{name} is not YAML: {' '.join(str(error).split())}. Legal is {SHAPE}.") from error
    try:
        rows = _Table.model_validate(data).prices
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise PriceError(_complaint(name, first["type"], first["loc"], first["input"])) from error
    found: dict[str, Price] = {}
    for number, row in enumerate(rows, 1):
        price = Price.model_validate(row.model_dump(exclude={"models"}))
        for pattern in row.models:
            if pattern in found:
                raise PriceError(f"{name}: row {number} repeats {pattern}. Give each name in one row only.")
            found[pattern] = price
    return found


def _complaint(name: str, kind: str, loc: tuple[int | str, ...], value: object) -> str:
    """Describe what is wrong at a place of the file."""
    wrong = {"missing": "it is missing", "extra_forbidden": "unknown field"}.get(
        kind, f"{reprlib.repr(value)} is not legal"
    )
    fields = [part for part in loc[1:] if isinstance(part, str)]
    rows = [part + 1 for part in loc[1:2] if isinstance(part, int)]
    if kind == "extra_forbidden" and fields:
        legal = ", ".join((LongPrompt if len(fields) > 1 else _Row).model_fields)
    else:
        legal = LEGAL.get(fields[-1], RATE) if fields else SHAPE
    place = [name, *(f"row {row}" for row in rows), *(fields[-1:] if rows else loc[:1])]
    return f"{', '.join(map(str, place))}: {wrong}. Legal is {legal}."
