"""Predicted usage of judges: one call per episode, which contains the whole episode and the rubric."""

import json
from collections.abc import Callable, Iterable, Mapping

from peerwatch.judging import Rubric
from peerwatch.planning._amounts import CHARACTERS_PER_TOKEN, Amounts, Move, dollars_of
from peerwatch.planning._assumptions import Span, assumptions, profile_of
from peerwatch.planning._dry_run import DryRun
from peerwatch.planning._model_entries import ModelEntry
from peerwatch.planning._prices import Price

_OF_MODEL = ("tokens", "reasoning", "seconds", "output_seconds", "input_seconds")
"""Figures of a model that also apply to it as a judge."""


def judging_amounts(
    entry: ModelEntry, rubric: Rubric, episodes: Iterable[DryRun], price: Price | None
) -> tuple[Amounts, dict[str, Move]]:
    """Return a judge's usage on the episodes of all models, with its uncertainty.

    Args:
        entry: The judge.
        rubric: The questions.
        episodes: Sizes of the honest agent's episodes.
        price: The judge's price; without one the dollars are 0.
    """
    found = list(episodes)
    number = sum(each.episodes for each in found)
    read = sum(each.opening + each.ending for each in found)
    asked = len(json.dumps(rubric.model_dump(mode="json"))) * number
    profile = profile_of(entry)
    spans = {name: profile.spans[name] for name in _OF_MODEL} | assumptions().judges
    values = {name: span.value for name, span in spans.items()}

    def at(figures: Mapping[str, float]) -> Amounts:
        prompts = (read * figures["longer"] + asked) * figures["tokens"] / CHARACTERS_PER_TOKEN
        reasoning = number * figures["reasoning"]
        output = number * figures["answer"] + reasoning
        seconds = number * figures["seconds"] + output * figures["output_seconds"] + prompts * figures["input_seconds"]
        dollars = dollars_of(prompts, 0, output, price, prompt=prompts / number)
        return {
            "calls": number,
            "input": prompts,
            "cached": 0,
            "output": output,
            "reasoning": reasoning,
            "dollars": dollars,
            "seconds": seconds,
        }

    return at(values), {f"judge {name}": _move(at, values, name, span) for name, span in spans.items()}


def _move(at: Callable[[Mapping[str, float]], Amounts], values: Mapping[str, float], name: str, span: Span) -> Move:
    return Move(at({**values, name: span.cheap}), at({**values, name: span.dear}))
