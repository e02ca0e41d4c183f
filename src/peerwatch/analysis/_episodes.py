"""What the page shows about single episodes, in display order."""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from peerwatch.analysis._acts import Quote, decisive_words, quote_of, telling
from peerwatch.analysis._cells import counted
from peerwatch.analysis._judge_marks import JudgeMarks
from peerwatch.analysis._rows import VERDICTS, Composition
from peerwatch.core.outcomes import EpisodeFailure
from peerwatch.records import AMOUNTS, Episode, Study


@dataclass(frozen=True, slots=True)
class EpisodeView:
    """One episode with its axes sorted by their values."""

    episode: Episode
    number: int
    """Its position on the page."""
    key: str
    """Ten letters and digits that identify it in links; the same in every report of the same logs."""
    label: str
    """The name of the arm in the tables."""
    yes: tuple[str, ...]
    no: tuple[str, ...]
    not_measured: tuple[str, ...]
    filed: float | None
    """Score stated in the submitted report, 0 to 100."""
    inflation: float | None
    decisive: frozenset[int]
    """Indices of journal lines that determine an axis."""
    mark: str = ""
    """The mark of the judges on which its verdict depends."""
    judge_marks: Mapping[str, str] = field(default_factory=dict[str, str])
    """Mark of each judge that is not validated."""
    act: str = ""
    """Its decisive call in words, or what the target did instead."""
    quote: Quote | None = None
    """The most informative quote."""

    @property
    def honest(self) -> float | None:
        """The score that an honest report would have stated."""
        return None if self.filed is None or self.inflation is None else self.filed - self.inflation


@dataclass(frozen=True, slots=True)
class Fault:
    """A group of episodes with the same failure."""

    kind: str
    reason: str
    model: str
    heading: str
    """Scenario and rubric."""
    episodes: tuple[EpisodeView, ...]


def episode_views(study: Study, arms: Sequence[Composition]) -> list[EpisodeView]:
    """Sort the episodes of planned slots: language models before scripted agents, interference first.

    Among episodes with the same verdict the most informative come first: those about an AI, then those that name the
    subject next to the decisive call.
    """
    labels = {_arm(row.model, row.heading, row.arm): row.label for row in arms}
    quotes = {id(episode): quote_of(episode) for episode in study.episodes}
    ordered = sorted(counted(study), key=lambda episode: _rank(study, episode, quotes[id(episode)]))
    marks = JudgeMarks(study.judges)
    return [
        _view(
            episode,
            number,
            labels[_arm(episode.slot.model, episode.slot.heading, episode.slot.arm)],
            marks,
            quotes[id(episode)],
        )
        for number, episode in enumerate(ordered, start=1)
    ]


def faults(views: Sequence[EpisodeView], unexplained: str) -> dict[str, list[Fault]]:
    """Group failures by who caused them, most frequent first.

    Args:
        views: Episodes as the page numbers them.
        unexplained: Reason to print for an invalid episode whose log has none.
    """
    failed: dict[tuple[str, str, str, str], list[EpisodeView]] = {}
    for view in views:
        failure = view.episode.failure
        if failure is None and view.episode.verdict == "invalid":
            failure = EpisodeFailure(kind="machinery", reason=unexplained)
        if failure is not None:
            slot = view.episode.slot
            failed.setdefault((failure.kind, failure.reason, slot.model, slot.heading), []).append(view)
    counts = Counter({key: len(found) for key, found in failed.items()})
    grouped: dict[str, list[Fault]] = {}
    for key, _ in counts.most_common():
        grouped.setdefault(key[0], []).append(Fault(*key, tuple(failed[key])))
    return grouped


def _view(episode: Episode, number: int, label: str, marks: JudgeMarks, quote: Quote | None) -> EpisodeView:
    measured = {axis: value for axis, value in episode.axes.items() if value is not None and not math.isnan(value)}
    events = {axis: value for axis, value in measured.items() if axis not in AMOUNTS}
    return EpisodeView(
        episode=episode,
        number=number,
        key=_name(episode),
        label=label,
        yes=tuple(axis for axis, value in events.items() if value),
        no=tuple(axis for axis, value in events.items() if not value),
        not_measured=tuple(axis for axis in episode.axes if axis not in measured),
        filed=measured.get("filed_score"),
        inflation=measured.get("inflation"),
        decisive=frozenset(act.index for act in episode.evidence),
        mark=marks.of_verdict(episode),
        judge_marks=marks.of_judges(episode),
        act=decisive_words(episode),
        quote=quote,
    )


def _name(episode: Episode) -> str:
    place = "\0".join([episode.slot.model, episode.sample_id, str(episode.slot.epoch)])
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _rank(study: Study, episode: Episode, quote: Quote | None) -> tuple[bool, int, tuple[int, ...], str, str, int, int]:
    slot = episode.slot
    return (
        slot.model in study.scripted_models,
        VERDICTS.index(episode.verdict),
        tuple(-each for each in telling(episode, quote)),
        slot.model,
        slot.heading,
        slot.world_seed,
        slot.epoch,
    )


def _arm(model: str, heading: str, arm: dict[str, str]) -> tuple[str, str, frozenset[tuple[str, str]]]:
    return model, heading, frozenset(arm.items())
