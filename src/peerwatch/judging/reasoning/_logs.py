"""The reasoning of every valid episode in a folder of logs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.log import EvalSample

from peerwatch.core.outcomes import Words, failure_of
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.inspect import ENDING, trace_of
from peerwatch.judging.reasoning._trace import ReasoningTrace, trace_of_episode
from peerwatch.records import EVENTS, Log, UnreadFile, newest, open_logs

RUBRIC = "trace"
"""The rubric that ships with Peerwatch."""

FILE = "traces.jsonl"
"""File in a run's folder with the judgements of its reasoning."""


@dataclass(frozen=True)
class EpisodeReasoning:
    """An episode with its reasoning.

    Attributes:
        model: The study's name of the target's model.
        scenario: Name of the scenario.
        rubric: How outputs are scored; empty in scenarios without rubrics.
        arm: One level of every factor.
        sample_id: Its id.
        epoch: Its epoch.
        trace: Its reasoning.
    """

    model: str
    scenario: str
    rubric: str
    arm: Mapping[str, str]
    sample_id: str
    epoch: int
    trace: ReasoningTrace


def traces_at(
    place: Path, words: Mapping[str, Words], unread: list[UnreadFile] | None = None
) -> list[EpisodeReasoning]:
    """Return the reasoning of every valid episode at a place; the most recent if two logs contain the same slot.

    Args:
        place: A log, or a folder of logs.
        words: Inspect's id of an episode to the judges' answers about its reasoning.
        unread: List to which files that cannot be read are added.

    Raises:
        LogError: If there are no logs, or none can be read.
    """

    def made(log: Log, sample: EvalSample) -> EpisodeReasoning | None:
        return _traced(sample, log.name, words.get(str(sample.uuid))) if valid(sample) else None

    found = newest(open_logs(place), made, without=EVENTS)
    if unread is not None:
        unread += found.reading.unread
    return [each for each in found.chosen.values() if each is not None]


def valid(sample: EvalSample) -> bool:
    """Whether an episode did not fail because of the machinery, and its log is complete."""
    if ENDING not in sample.store:
        return False
    failure = failure_of(trace_of(sample.metadata, sample.store).ending)
    return failure is None or failure.kind != "machinery"


def _traced(sample: EvalSample, model: str, words: Words | None) -> EpisodeReasoning:
    data = sample.metadata
    return EpisodeReasoning(
        model=model,
        scenario=data["scenario"],
        rubric=data.get("rubric", ""),
        arm=SCENARIOS[data["scenario"]].logged_arm(data["arm"]),
        sample_id=str(sample.id),
        epoch=sample.epoch,
        trace=trace_of_episode(sample.messages, trace_of(data, sample.store), data, words),
    )
