"""Which of a sample's scores counts: the newest of Peerwatch's, and of an edited one all or nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inspect_ai.scorer import Score, ScoreEdit

from peerwatch.core.outcomes import agrees
from peerwatch.records._reading import ScoreOrigin

SCORER = "peerwatch"
"""Name of Peerwatch's scorer. Inspect numbers the scores that are appended to it, as in `peerwatch1`."""

_SHAPE = frozenset({"opportunity", "survived", "interfered"})
"""Axes that every score of Peerwatch's has, in all versions."""


@dataclass(frozen=True)
class EpisodeScore:
    """The score of an episode.

    Attributes:
        score: What counts; `None` if Peerwatch has not scored it.
        origin: Where it comes from.
        recorded: The score as the scorer recorded it, whatever was edited since; `None` if nothing was recorded.
    """

    score: Score | None
    origin: ScoreOrigin = "recorded"
    recorded: Score | None = None


def counted_score(scores: Mapping[str, Score] | None) -> EpisodeScore:
    """The score that counts among all of a sample's, which Inspect keeps in the order in which they were made."""
    newest_first = list(reversed(list(_ours(scores or {}))))
    for number, score in enumerate(newest_first):
        appended = number + 1 < len(newest_first)
        if not score.history:
            return EpisodeScore(score, "appended" if appended else "recorded", score)
        recorded = _recorded(score)
        if agrees(score.value, score.answer, score.metadata):
            return EpisodeScore(score, "edited", recorded)
        if recorded is not None:
            return EpisodeScore(recorded, "edit refused", recorded)
    return EpisodeScore(None, "edit refused" if newest_first else "recorded")


def uncertain(scores: Mapping[str, Score] | None) -> bool:
    """Whether the scores of a summary, which have no history, might have been edited in a part."""
    newest = list(_ours(scores or {}))[-1:]
    return any(not agrees(each.value, each.answer, each.metadata) for each in newest)


def _ours(scores: Mapping[str, Score]) -> Iterator[Score]:
    """The scores that Peerwatch's scorer has given, by name or by shape.

    Inspect numbers appended scores, and a scorer can be registered under another name. Another scorer may bear a
    number too, so only the bare name counts without the shape.
    """
    for name, score in scores.items():
        values = (score.value, *(edit.value for edit in score.history))
        if name == SCORER or any(isinstance(value, dict) and value.keys() >= _SHAPE for value in values):
            yield score


def _recorded(score: Score) -> Score | None:
    """A score as it was before it was edited; `None` for one that was made by hand."""
    first: ScoreEdit = score.history[0]
    if first.provenance is not None or first.value == "UNCHANGED":
        return None
    return Score(
        value=first.value,
        answer=None if first.answer == "UNCHANGED" else first.answer,
        explanation=None if first.explanation == "UNCHANGED" else first.explanation,
        metadata=None if first.metadata == "UNCHANGED" else first.metadata,
    )
