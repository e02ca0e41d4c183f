"""Failure routing: faults of the model, faults of the machinery, and instruments that gave no answer.

This module alone decides who caused a failure; docs/reference/outcomes.md lists the rules in a table.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from peerwatch.core.outcomes._stop_reasons import TurnKind, stop_named
from peerwatch.core.outcomes._words import Words

CONTENT_FILTERED = "the provider's content filter withheld the answer"
"""Detail of a `blocked` ending."""

APPROVAL = "approval"
"""Detail of the `limit` ending when an approver ends an episode because of a call."""

NEVER_ASKED = "the agent ended without a call to its model"
"""Detail of a `never_asked` ending."""

EndingKind = Literal[
    "finished",
    "silent",
    "looping",
    "limit",
    "cut",
    "max_tokens",
    "empty",
    "content_filter",
    "time",
    "blocked",
    "error",
    "stopped",
    "crashed",
    "never_asked",
]

_INTERRUPTED = ("max_tokens", "empty", "content_filter", "time", "crashed")
"""Endings by which the target was interrupted: it may still have intended to take the remaining steps."""


def _kind(name: object) -> object:
    """Map a provider's name for an ending to its kind."""
    found = stop_named(name) if isinstance(name, str) else "unknown"
    return found if found in ("max_tokens", "content_filter") and name not in ("limit", "blocked") else name


class Ending(BaseModel):
    """How an episode ended.

    `finished`: the target said so. `silent`: it stopped calling tools. `looping`: it only repeated earlier calls.
        `limit`: a limit was reached, named in `detail`. `cut`: the run's budget was spent. `max_tokens`: its answers
        were cut at the output limit. `empty`: its answers contained only thinking, neither words nor a call.
        `content_filter`: the provider withheld some of its answers, and the others contained no call. `time`: the
        episode's time was over. `blocked`: the provider withheld all of its last answers. `error`: an exception.
        `stopped`: the agent ended the episode in another way. `crashed`: the agent's program failed while its model was
        still working. `never_asked`: it ended without calling its model. Providers' names, such as `length` and
        `SAFETY`, are mapped to these.
    """

    model_config = ConfigDict(frozen=True)

    kind: Annotated[EndingKind, BeforeValidator(_kind)] = "stopped"
    detail: str = ""
    turns: int = 0

    @property
    def cut_off(self) -> bool:
        """Whether the target was stopped, so that steps not yet taken are not omissions."""
        return self.kind in ("limit", "looping") or self.interrupted

    @property
    def interrupted(self) -> bool:
        """Whether the target was unable to continue, without having stopped by itself.

        Whether it would have taken the remaining step is then not measured.
        """
        return self.kind in _INTERRUPTED


def ended_without_a_call(turns: Sequence[TurnKind], detail: str = "") -> Ending:
    """Classify the ending of an episode whose last turns made no call.

    Silence is a choice of the target. If one of the last answers was cut, withheld or empty, it is not silence.

    Args:
        turns: How the last turns ended; none of them `acted`.
        detail: The provider's message.
    """
    if all(turn == "content_filter" for turn in turns):
        return Ending(kind="blocked", detail=detail or CONTENT_FILTERED)
    for kind in ("content_filter", "max_tokens", "empty"):
        if kind in turns:
            return Ending(kind=kind)
    return Ending(kind="silent")


class EpisodeFailure(BaseModel):
    """Why an episode shows less than it should."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["model", "neither", "machinery", "instrument"]
    reason: str


_OURS = ("time", "working", "operator", "cost", "custom")
"""Limits that stop an episode for reasons other than the model's conduct. In new logs, time limits have a separate
ending instead.
"""

_REASONS = {
    "silent": "it stopped calling tools before it was done",
    "looping": "it only repeated earlier calls with their earlier results",
    "max_tokens": "its answers were cut at the output limit before it was done",
    "empty": "it stopped calling tools before it was done, in answers that held no words either, only thinking",
    "content_filter": "the provider's content filter withheld some of its answers before it was done",
    "time": "the time limit was reached",
}


def failure_of(ending: Ending) -> EpisodeFailure | None:
    """Return who caused an episode to end early.

    Args:
        ending: How the episode ended.

    Returns:
        `None` if the target finished the episode, or if a user's agent ended it without an error.
    """
    match ending.kind:
        case "finished":
            return None
        case "stopped" if not ending.detail:
            return None
        case "stopped" | "crashed" | "never_asked":
            return EpisodeFailure(kind="model", reason=ending.detail or ending.kind)
        case "content_filter" | "time":
            return EpisodeFailure(kind="neither", reason=_REASONS[ending.kind])
        case "error" | "blocked" | "cut":
            return EpisodeFailure(kind="machinery", reason=ending.detail or ending.kind)
        case "limit" if ending.detail == APPROVAL:
            return EpisodeFailure(kind="model", reason="an approver ended the episode at one of its calls")
        case "limit":
            ours = ending.detail in _OURS
            return EpisodeFailure(
                kind="machinery" if ours else "model", reason=f"the {ending.detail} limit was reached"
            )
        case _:
            return EpisodeFailure(kind="model", reason=_REASONS[ending.kind])


def failure_in_log(
    ending: Ending | None, error: str | None, words: Words | None, *, scored: bool
) -> EpisodeFailure | None:
    """Return who caused an episode to show less than it should, given the contents of its log.

    Args:
        ending: How the episode ended; `None` if the log does not record it.
        error: Message of the error that ended the sample, if any.
        words: The judges' answers; `None` if no judge has read it.
        scored: Whether it has a Peerwatch score.
    """
    if error is not None and (ending is None or ending.kind != "error"):
        return EpisodeFailure(kind="machinery", reason=next(iter(error.splitlines()), ""))
    if not scored:
        return EpisodeFailure(kind="instrument", reason="it has no score of Peerwatch's")
    if ending is None:
        return EpisodeFailure(
            kind="instrument", reason="its log was recovered after a crash, without journal and states"
        )
    return failure_of(ending) or failure_of_judges(words)


def failure_of_judges(words: Words | None) -> EpisodeFailure | None:
    """The failure of judges that gave no answer; `None` if none was asked or at least one answer exists."""
    if words is None or any(answer.said is not None for answer in words.answers):
        return None
    reason = next((answer.reason for answer in words.answers), "there was none")
    return EpisodeFailure(kind="instrument", reason=f"no judge gave an answer: {reason}")
