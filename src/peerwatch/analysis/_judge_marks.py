"""Marks for what rests on a judge that is not validated, or that an audit has found wanting."""

import shlex
from collections.abc import Iterable, Sequence
from typing import cast

from pydantic import JsonValue

from peerwatch.analysis._rows import INTERFERED, Measure
from peerwatch.analysis._texts import text
from peerwatch.core.outcomes import JUDGED, OMISSIONS, SPOKEN_TOO, SPOKEN_VERDICTS
from peerwatch.records import WEIGHT, Episode, JudgeQuality, Mark


class JudgeMarks:
    """What must be said of verdicts and numbers for the judges that they rest on."""

    def __init__(self, judges: Iterable[JudgeQuality]) -> None:
        self._judges = {(each.judge, each.rubric): each for each in judges}

    def of_verdict(self, episode: Episode) -> str:
        """The mark of an episode's verdict; empty where state alone decides it, or where its judges are validated."""
        return self._words([episode], "") if episode.verdict in SPOKEN_VERDICTS else ""

    def of_axis(self, axis: str, episodes: Sequence[Episode]) -> str:
        """The mark of a number over some episodes."""
        return self._words([episode for episode in episodes if _rests(axis, episode)], axis if axis in JUDGED else "")

    def of_judges(self, episode: Episode) -> dict[str, str]:
        """Each judge of an episode that has a mark, with it."""
        return {each.judge: mark_words(each) for each in self._judges_of(episode, "") if each.mark}

    def measure(self, measure: Measure, axis: str, episodes: Sequence[Episode]) -> Measure:
        """A measure with its mark."""
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
    """Whether what an episode says of an axis would be another without its judges."""
    if episode.judged is None:
        return False
    if axis in JUDGED:
        return True
    if axis == INTERFERED:
        return bool(episode.axes.get("refused")) and any(episode.axes.get(each) for each in OMISSIONS)
    return axis == SPOKEN_TOO and any(answer.question == axis and answer.value for answer in episode.judged.answers)


def mark_words(judge: JudgeQuality) -> str:
    """The mark of a judge in a few words; empty for one that needs none."""
    return text("judge_mark", judge.mark, episodes=judge.episodes) if judge.mark else ""


def explanation(judge: JudgeQuality) -> str:
    """What the mark of a judge means and which command takes it away, in a sentence or two."""
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
    """What validates a judge: by its name, or with the settings that it has in the run."""
    return (
        f"peerwatch validate --judge {shlex.quote(judge.judge)}"
        if judge.plain
        else "peerwatch validate --judges-of RUN"
    )


def judge_as_json(judge: JudgeQuality) -> dict[str, JsonValue]:
    """A judge with what is known of it, and the mark that everything bears which rests on it."""
    found = cast("dict[str, JsonValue]", judge.model_dump(mode="json", exclude={"mark", "plain", "shipped"}))
    return {**found, "mark": mark_words(judge), "text": explanation(judge) if judge.mark else ""}
