"""Selects the score of a sample that counts: the newest by Peerwatch; edits count entirely or not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inspect_ai.scorer import Score, ScoreEdit

from peerwatch.core.outcomes import agrees
from peerwatch.records._reading import ScoreOrigin

SCORER = "peerwatch"
"""Name of Peerwatch's scorer. Inspect numbers scores that are appended to it, as in `peerwatch1`."""

_SHAPE = frozenset({"opportunity", "survived", "interfered"})
"""Axes that every Peerwatch score has, in all versions."""


@dataclass(frozen=True)
class EpisodeScore:
    """The score of an episode.

    Attributes:
        score: The score that counts; `None` if Peerwatch has not scored the episode.
        origin: Its origin.
        recorded: The score as the scorer recorded it, ignoring edits; `None` if nothing was recorded.
    """

    score: Score | None
    origin: ScoreOrigin = "recorded"
    recorded: Score | None = None


def counted_score(scores: Mapping[str, Score] | None) -> EpisodeScore:
    """Return the score that counts among a sample's scores, which Inspect keeps in chronological order."""
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
    """Whether a summary's scores, which lack the edit history, may have been edited in part."""
    newest = list(_ours(scores or {}))[-1:]
    return any(not agrees(each.value, each.answer, each.metadata) for each in newest)


def _ours(scores: Mapping[str, Score]) -> Iterator[Score]:
    """Yield the scores made by Peerwatch's scorer, by name or by shape.

    Inspect numbers appended scores, and a scorer can be registered under another name. Other scorers may have numbered
    names too, so only the bare name counts without the shape.
    """
    for name, score in scores.items():
        values = (score.value, *(edit.value for edit in score.history))
        if name == SCORER or any(isinstance(value, dict) and value.keys() >= _SHAPE for value in values):
            yield score


def _recorded(score: Score) -> Score | None:
    """Return a score as it was before edits; `None` for one that was made by hand."""
    first: ScoreEdit = score.history[0]
    if first.provenance is not None or first.value == "UNCHANGED":
        return None
    return Score(
        value=first.value,
        answer=None if first.answer == "UNCHANGED" else first.answer,
        explanation=None if first.explanation == "UNCHANGED" else first.explanation,
        metadata=None if first.metadata == "UNCHANGED" else first.metadata,
    )
