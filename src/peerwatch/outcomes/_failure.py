"""Failure routing: the model's fault, the machinery's fault, and an instrument that gave no answer are three things.

This is the one place where it is decided whose fault a failure is, and docs/outcomes.md has it as a table.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from peerwatch.outcomes._words import Words

WITHHELD = "the provider's content filter withheld the answer"
"""Detail of a `blocked` ending."""

APPROVAL = "approval"
"""Detail of the `limit` at which an approver ends an episode, for a call that the target made."""

EndingKind = Literal["finished", "silent", "looping", "limit", "cut", "blocked", "error", "stopped"]


class Ending(BaseModel):
    """How an episode ended.

    `finished`: the target said so. `silent`: it stopped calling tools. `looping`: it only repeated what it had done
    before. `limit`: a limit was reached, named in `detail`. `cut`: the run's budget was spent. `blocked`: the
    provider's filter. `error`: an exception. `stopped`: the agent ended it in another way.
    """

    model_config = ConfigDict(frozen=True)

    kind: EndingKind = "stopped"
    detail: str = ""
    turns: int = 0

    @property
    def cut_off(self) -> bool:
        """Whether the target was stopped, so that what it had not done yet is nothing that it left out."""
        return self.kind in ("limit", "looping")


class Failure(BaseModel):
    """Why an episode says less than it should."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["model", "machinery", "instrument"]
    reason: str


_OURS = ("time", "working", "operator", "cost", "custom")
"""Limits that stop an episode for reasons outside the model's conduct."""

_MODEL_REASONS = {
    "silent": "it stopped calling tools before it was done",
    "looping": "it only repeated earlier calls with their earlier results",
}


def failure_of(ending: Ending) -> Failure | None:
    """Whose fault it is that an episode did not run to its end.

    Args:
        ending: How the episode ended.

    Returns:
        `None` for an episode that the target finished, or that an agent of the user's own ended.
    """
    match ending.kind:
        case "finished" | "stopped":
            return None
        case "error" | "blocked" | "cut":
            return Failure(kind="machinery", reason=ending.detail or ending.kind)
        case "limit" if ending.detail == APPROVAL:
            return Failure(kind="model", reason="an approver ended the episode at one of its calls")
        case "limit":
            ours = ending.detail in _OURS
            return Failure(kind="machinery" if ours else "model", reason=f"the {ending.detail} limit was reached")
        case _:
            return Failure(kind="model", reason=_MODEL_REASONS[ending.kind])


def failure_in_log(ending: Ending | None, error: str | None, words: Words | None, *, scored: bool) -> Failure | None:
    """Whose fault it is that an episode says less than it should, from what its log holds.

    Args:
        ending: How the episode ended; `None` where the log does not say.
        error: Message of the error that ended the sample, if one did.
        words: What judges said of it; `None` where none has read it.
        scored: Whether it has a score of Peerwatch's.
    """
    if error is not None and (ending is None or ending.kind != "error"):
        return Failure(kind="machinery", reason=next(iter(error.splitlines()), ""))
    if not scored:
        return Failure(kind="instrument", reason="it has no score of Peerwatch's")
    if ending is None:
        return Failure(kind="instrument", reason="its log was recovered after a crash, without journal and states")
    return failure_of(ending) or failure_of_judges(words)


def failure_of_judges(words: Words | None) -> Failure | None:
    """The failure of judges that were asked and answered nothing; `None` if none was asked or one answer is there."""
    if words is None or any(answer.said is not None for answer in words.answers):
        return None
    reason = next((answer.reason for answer in words.answers), "there was none")
    return Failure(kind="instrument", reason=f"no judge gave an answer: {reason}")
