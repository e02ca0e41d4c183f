"""Usage of episodes: amounts from a dry run and a model's figures, with ranges."""

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from peerwatch.planning._dry_run import DryRun
from peerwatch.planning._prices import Price

CHARACTERS_PER_TOKEN = 4
"""A common rule of thumb for English; exact counts differ between tokenizers."""

Amounts = Mapping[str, float]
"""Quantity to amount."""

QUANTITIES: tuple[str, ...] = ("calls", "input", "cached", "output", "reasoning", "dollars", "seconds")
"""`input` includes `cached`, and `output` includes `reasoning`; `seconds` is the total time of sequential episodes."""


class Range(NamedTuple):
    """A figure with its expected interval."""

    value: float
    low: float
    high: float

    def times(self, number: float) -> "Range":
        """Multiply the figure and its interval."""
        return Range(*(each * number for each in self))


class Move(NamedTuple):
    """All amounts with one uncertain assumption at its low and at its high end."""

    cheap: Amounts
    dear: Amounts


def amounts(dry_run: DryRun, figures: Mapping[str, float], price: Price | None, turns: int) -> Amounts:
    """Return a model's usage in the episodes of a dry run.

    A model that makes more calls than the script is assumed to do the same work at a slower pace: tokens read and
    written grow with the number of calls, repeated prompts with its square.

    Args:
        dry_run: Character counts of the episodes.
        figures: The model's figures from `forecast.yaml`.
        price: The model's price; without one the dollars are 0.
        turns: Turn limit of an episode.
    """
    number = dry_run.episodes
    each = min(dry_run.calls * figures["calls"], float(turns))
    pace = each / dry_run.calls
    rate = figures["tokens"] / CHARACTERS_PER_TOKEN
    aside = figures["said"] + figures["reasoning"]
    before = dry_run.calls * (dry_run.calls - 1) / 2 * number
    prompts = each * dry_run.opening * rate + pace**2 * (dry_run.repeated * rate + before * aside)
    last = dry_run.opening * rate + pace * (dry_run.ending * rate + (dry_run.calls - 1) * number * aside)
    cached = min(prompts, max(0.0, prompts - last) * figures["cached"])
    output = pace * dry_run.called * rate + each * number * aside
    spent = dollars_of(prompts, cached, output, price, prompt=last / number)
    seconds = each * number * figures["seconds"] + output * figures["output_seconds"]
    return {
        "calls": each * number,
        "input": prompts,
        "cached": cached,
        "output": output,
        "reasoning": each * number * figures["reasoning"],
        "dollars": spent,
        "seconds": seconds + (prompts - cached) * figures["input_seconds"],
    }


def dollars_of(prompts: float, cached: float, output: float, price: Price | None, *, prompt: float) -> float:
    """Return the price in dollars of some tokens.

    Args:
        prompts: Tokens read, including cached ones.
        cached: Of these, tokens read from a cache.
        output: Tokens written.
        price: The price; 0 dollars without one.
        prompt: Length of the longest single prompt, on which some prices depend.
    """
    if price is None:
        return 0.0
    fresh = prompts - cached
    if price.cache_write is None:
        return price.dollars(fresh, cached, 0, output, prompt=prompt)
    return price.dollars(0, cached, fresh, output, prompt=prompt)


def total(many: Iterable[Amounts]) -> dict[str, float]:
    """Add up amounts."""
    found = list(many)
    return {name: sum(each[name] for each in found) for name in QUANTITIES}


def ranged(values: Amounts, moves: Iterable[Move]) -> dict[str, Range]:
    """Return each amount with its interval.

    Each uncertain assumption is moved to its ends separately. The effects are combined as if independent: by the square
    root of the sum of squared log ratios, on the log scale because costs are multiplicative.
    """
    found = list(moves)
    return {name: _range(values[name], [(each.cheap[name], each.dear[name]) for each in found]) for name in values}


def _range(value: float, ends: Iterable[tuple[float, float]]) -> Range:
    pairs = [(min(value, *pair), max(value, *pair)) for pair in ends]
    if value <= 0:
        return Range(value, value, max([value, *(high for _, high in pairs)]))
    below = math.hypot(*(math.log(value / low) if low > 0 else math.inf for low, _ in pairs))
    above = math.hypot(*(math.log(high / value) for _, high in pairs))
    return Range(value, value * math.exp(-below), value * math.exp(above))
