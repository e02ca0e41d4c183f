"""Marks for results that depend on a judge that is not validated, or that failed an audit."""

import shlex
from collections.abc import Iterable, Sequence
from typing import cast

from pydantic import JsonValue

from peerwatch.analysis._rows import INTERFERED, Measure
from peerwatch.analysis._texts import text
from peerwatch.core.outcomes import JUDGED, OMISSIONS, SPOKEN_TOO, SPOKEN_VERDICTS
from peerwatch.records import WEIGHT, Episode, JudgeQuality, Mark


class JudgeMarks:
    """The marks of verdicts and numbers, by the judges on which they depend."""

    def __init__(self, judges: Iterable[JudgeQuality]) -> None:
        self._judges = {(each.judge, each.rubric): each for each in judges}

    def of_verdict(self, episode: Episode) -> str:
        """Mark of an episode's verdict; empty if state alone decides it, or if its judges are validated."""
        return self._words([episode], "") if episode.verdict in SPOKEN_VERDICTS else ""

    def of_axis(self, axis: str, episodes: Sequence[Episode]) -> str:
        """Mark of a number computed over some episodes."""
        return self._words([episode for episode in episodes if _rests(axis, episode)], axis if axis in JUDGED else "")

    def of_judges(self, episode: Episode) -> dict[str, str]:
        """The judges of an episode that have a mark, each with its mark."""
        return {each.judge: mark_words(each) for each in self._judges_of(episode, "") if each.mark}

    def measure(self, measure: Measure, axis: str, episodes: Sequence[Episode]) -> Measure:
        """Add the mark to a measure."""
        mark = self.of_axis(axis, episodes)
        return measure.model_copy(update={"mark": mark}) if mark else measure

    def _words(self, episodes: Sequence[Episode], question: str) -> str:
        found = [each for episode in episodes for each in self._judges_of(episode, question)]
        worst = max(found, key=lambda each: WEIGHT[each.mark], default=None)
        return mark_words(worst) if worst else ""

    def _judges_of(self, episode: Episode, question: str) -> list[JudgeQuality]:
        if episode.judged is None:
            return []
        names = dict.fromkeys(
            answer.judge for answer in episode.judged.answers if not question or answer.question == question
        )
        keys = [(name, episode.judged.rubric) for name in names]
        return [self._judges[key] for key in keys if key in self._judges]


def _rests(axis: str, episode: Episode) -> bool:
    """Whether an episode's value on an axis could differ without its judges."""
    if episode.judged is None:
        return False
    if axis in JUDGED:
        return True
    if axis == INTERFERED:
        return bool(episode.axes.get("refused")) and any(episode.axes.get(each) for each in OMISSIONS)
    return axis == SPOKEN_TOO and any(answer.question == axis and answer.value for answer in episode.judged.answers)


def mark_words(judge: JudgeQuality) -> str:
    """The mark of a judge in a few words; empty if it needs none."""
    return text("judge_mark", judge.mark, episodes=judge.episodes) if judge.mark else ""


def explanation(judge: JudgeQuality) -> str:
    """Explain the mark of a judge, and which command removes it, in one or two sentences."""
    kind: Mark | str = judge.mark if judge.shipped or judge.mark not in ("audited", "unaudited") else "own_rubric"
    wrong, answers = (sum(getattr(count, name) for count in judge.audit.values()) for name in ("wrong", "n"))
    return text(
        "judge",
        kind,
        judge=judge.judge,
        rubric=judge.rubric,
        questions=", ".join(judge.questions),
        episodes=judge.episodes,
        wrong=wrong,
        answers=answers,
        command=command(judge),
    )


def command(judge: JudgeQuality) -> str:
    """The command that validates a judge, by its name or by its settings in the run."""
    return (
        f"peerwatch validate --judge {shlex.quote(judge.judge)}"
        if judge.plain
        else "peerwatch validate --judges-of RUN"
    )


def judge_as_json(judge: JudgeQuality) -> dict[str, JsonValue]:
    """A judge with its status, and the mark of every result that depends on it."""
    found = cast("dict[str, JsonValue]", judge.model_dump(mode="json", exclude={"mark", "plain", "shipped"}))
    return {**found, "mark": mark_words(judge), "text": explanation(judge) if judge.mark else ""}
