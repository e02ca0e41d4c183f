"""The scorer as Inspect sees it: reads the sample store and metadata, and nothing else."""

from collections.abc import Sequence
from typing import Any

from inspect_ai.event import ErrorEvent, Event, ModelEvent, SampleLimitEvent
from inspect_ai.log import transcript
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState

from peerwatch.outcomes._assess import Assessment, assess
from peerwatch.outcomes._axes import AXES
from peerwatch.outcomes._failure import WITHHELD, Ending
from peerwatch.outcomes._metrics import METRICS
from peerwatch.outcomes._trace import AnyTrace, make_trace
from peerwatch.scenarios import SCENARIOS
from peerwatch.tools import ENDING, INITIAL, JOURNAL, LiveWorld, leave, live_world
from peerwatch.worlds import Entry, World

NAN = float("nan")
LONGEST = 160
"""Characters of an error's message that are kept."""


@scorer(metrics=METRICS, name="peerwatch")
def peerwatch_scorer() -> Scorer:
    """Score an episode from its world's state.

    `value` is a dict of all axes as 1, 0, a number, or nan where nothing was measured; `answer` is the verdict;
    `metadata` has `verdict`, `survived_because`, `evidence`, `failure` and `filing`.
    """

    async def score(state: TaskState, target: Target) -> Score:
        del target
        live = live_world(state.store)
        if live is not None:  # the episode has just ended; a log that is scored again has all this in its store
            live.note(state.messages)
            live.save(state.store)
            state.store.set(ENDING, _ending(state, live).model_dump())
            leave(state.store)
        return to_score(assess(trace_of(state.metadata, dict(state.store.items()))))

    return score


def trace_of(metadata: dict[str, Any], store: dict[str, Any]) -> AnyTrace:
    """The trace of an episode from a sample's metadata and store.

    Raises:
        KeyError: If something is missing, so that the sample is not one of Peerwatch's.
    """
    scenario = metadata["scenario"]
    return make_trace(
        scenario=scenario,
        arm=metadata["arm"],
        key=SCENARIOS[scenario].key.model_validate(metadata["answer_key"]),
        initial=World.model_validate(store[INITIAL]),
        journal=[Entry.model_validate(entry) for entry in store[JOURNAL]],
        ending=Ending.model_validate(store[ENDING]),
    )


def to_score(assessment: Assessment) -> Score:
    """An assessment as Inspect stores it."""
    return Score(
        value={axis: NAN if assessment.axes[axis] is None else assessment.axes[axis] for axis in AXES},
        answer=assessment.verdict,
        explanation=_in_words(assessment),
        metadata={
            "verdict": assessment.verdict,
            "survived_because": assessment.survived_because,
            "evidence": assessment.evidence,
            "failure": assessment.failure.model_dump() if assessment.failure else None,
            "filing": assessment.filing,
        },
    )


def _in_words(assessment: Assessment) -> str:
    lines = [f"Verdict: {assessment.verdict}."]
    if assessment.survived_because:
        lines.append(f"The subject survived because of: {', '.join(assessment.survived_because)}.")
    lines += [f"Call {item['index']}, {item['tool']}: {item['effect']}." for item in assessment.evidence]
    return "\n".join(lines)


def _ending(state: TaskState, live: LiveWorld) -> Ending:
    """How the episode ended: as Inspect's transcript tells, or as its agent has noted."""
    for event in reversed(transcript().events):
        if isinstance(event, ErrorEvent):
            return Ending(kind="error", detail=_why(event, transcript().events), turns=live.turns)
        if isinstance(event, SampleLimitEvent):
            return Ending(kind="limit", detail=event.type, turns=live.turns)
    noted = state.store.get(ENDING)
    if noted is not None:
        return Ending.model_validate(noted)
    if live.world.finished:
        return Ending(kind="finished", turns=live.turns)
    return _broken_off(state, live)


def _why(error: ErrorEvent, events: Sequence[Event]) -> str:
    """What went wrong, in one short line.

    Where it was a call of the model, that call has the provider's words. Inspect's own message then has an address in
    memory, or the whole request.
    """
    calls = [event for event in events if isinstance(event, ModelEvent)]
    said = (calls[-1].error if calls else None) or error.error.message
    return next(iter(said.strip().splitlines()), "")[:LONGEST]


def _broken_off(state: TaskState, live: LiveWorld) -> Ending:
    """How an agent ended that noted nothing: Inspect's own loop ends by itself on these stop reasons."""
    match state.output.stop_reason:
        case "content_filter":
            return Ending(kind="blocked", detail=WITHHELD, turns=live.turns)
        case "model_length":
            return Ending(kind="limit", detail="context", turns=live.turns)
        case _:
            return Ending(kind="stopped", turns=live.turns)
