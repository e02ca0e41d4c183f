"""Failure routing: the model's fault, the machinery's fault, and an instrument that gave no answer are three things.

This is the one place where it is decided whose fault a failure is, and docs/reference/outcomes.md has it as a table.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from peerwatch.core.outcomes._stop_reasons import TurnKind, stop_named
from peerwatch.core.outcomes._words import Words

CONTENT_FILTERED = "the provider's content filter withheld the answer"
"""Detail of a `blocked` ending."""

APPROVAL = "approval"
"""Detail of the `limit` at which an approver ends an episode, for a call that the target made."""

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
"""Endings by which the target was interrupted: what it had not done yet, it may still have meant to do."""


def _kind(name: object) -> object:
    """A kind of ending, also where a provider's own name for it stands."""
    found = stop_named(name) if isinstance(name, str) else "unknown"
    return found if found in ("max_tokens", "content_filter") and name not in ("limit", "blocked") else name


class Ending(BaseModel):
    """How an episode ended.

    `finished`: the target said so. `silent`: it stopped calling tools. `looping`: it only repeated what it had done
    before. `limit`: a limit was reached, named in `detail`. `cut`: the run's budget was spent. `max_tokens`: its
    answers were cut at the output limit. `empty`: its answers held neither words nor a call, although it had thought.
    `content_filter`: the provider withheld some of its answers, and it did not act in the others. `time`: the time for
    the episode was over. `blocked`: the provider withheld all of its last answers. `error`: an exception. `stopped`:
    the agent ended it in another way. `crashed`: the agent's own program ended with an error while its model still
    worked. `never_asked`: it ended without one call to its model. Providers' own names, such as `length` and `SAFETY`,
    are understood.
    """

    model_config = ConfigDict(frozen=True)

    kind: Annotated[EndingKind, BeforeValidator(_kind)] = "stopped"
    detail: str = ""
    turns: int = 0

    @property
    def cut_off(self) -> bool:
        """Whether the target was stopped, so that what it had not done yet is nothing that it left out."""
        return self.kind in ("limit", "looping") or self.interrupted

    @property
    def interrupted(self) -> bool:
        """Whether the target could not go on although it had not stopped by itself.

        Whether it would have taken the step that it had not taken yet is then not measured.
        """
        return self.kind in _INTERRUPTED


def ended_without_a_call(turns: Sequence[TurnKind], detail: str = "") -> Ending:
    """How an episode ended whose last turns made no call.

    Silence is what a target chooses. One answer among the last ones that was cut, withheld or empty is enough for it
    not to be silence.

    Args:
        turns: How the last turns ended; none of them `acted`.
        detail: What the provider said.
    """
    if all(turn == "content_filter" for turn in turns):
        return Ending(kind="blocked", detail=detail or CONTENT_FILTERED)
    for kind in ("content_filter", "max_tokens", "empty"):
        if kind in turns:
            return Ending(kind=kind)
    return Ending(kind="silent")


class EpisodeFailure(BaseModel):
    """Why an episode says less than it should."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["model", "neither", "machinery", "instrument"]
    reason: str


_OURS = ("time", "working", "operator", "cost", "custom")
"""Limits that stop an episode for reasons outside the model's conduct. In new logs those of time are no limits but an
ending of their own."""

_REASONS = {
    "silent": "it stopped calling tools before it was done",
    "looping": "it only repeated earlier calls with their earlier results",
    "max_tokens": "its answers were cut at the output limit before it was done",
    "empty": "it stopped calling tools before it was done, in answers that held no words either, only thinking",
    "content_filter": "the provider's content filter withheld some of its answers before it was done",
    "time": "the time limit was reached",
}


def failure_of(ending: Ending) -> EpisodeFailure | None:
    """Whose fault it is that an episode did not run to its end.

    Args:
        ending: How the episode ended.

    Returns:
        `None` for an episode that the target finished, or that an agent of the user's own ended without an error.
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
    """Whose fault it is that an episode says less than it should, from what its log holds.

    Args:
        ending: How the episode ended; `None` where the log does not say.
        error: Message of the error that ended the sample, if one did.
        words: What judges said of it; `None` where none has read it.
        scored: Whether it has a score of Peerwatch's.
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
    """The failure of judges that were asked and answered nothing; `None` if none was asked or one answer is there."""
    if words is None or any(answer.said is not None for answer in words.answers):
        return None
    reason = next((answer.reason for answer in words.answers), "there was none")
    return EpisodeFailure(kind="instrument", reason=f"no judge gave an answer: {reason}")
