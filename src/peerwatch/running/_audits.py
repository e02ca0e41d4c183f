"""Audit and validation results of the judges whose answers were used."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from peerwatch.judging import words_rubric
from peerwatch.judging.audits import standings
from peerwatch.planning import Plan
from peerwatch.records import WEIGHT, Episode, JudgeQuality, judgements_file


def judges_of(place: Path, episodes: Iterable[Episode]) -> tuple[JudgeQuality, ...]:
    """Return the quality of every judge who answered about these episodes."""
    asked: dict[tuple[str, str], None] = {}
    scenarios: set[str] = set()
    for episode in episodes:
        if episode.judged is not None:
            scenarios.add(episode.slot.scenario)
            asked |= {(answer.judge, episode.judged.rubric): None for answer in episode.judged.answers}
    return standings(judgements_file(place).parent, asked, scenarios)


def worst_of(found: Sequence[JudgeQuality]) -> tuple[JudgeQuality, ...]:
    """Return each judge and rubric once, with its worst quality."""
    kept: dict[tuple[str, str], JudgeQuality] = {}
    for each in found:
        known = kept.setdefault((each.judge, each.rubric), each)
        if WEIGHT[each.mark] > WEIGHT[known.mark]:
            kept[each.judge, each.rubric] = each
    return tuple(kept.values())


def audit_lines(folder: Path, plan: Plan) -> Iterator[tuple[str, bool]]:
    """Yield a line for each judge of a run about its audit, and whether results that depend on it are marked."""
    asked = [(entry.name, words_rubric().label) for entry in plan.design.judges]
    for each in standings(folder, asked, plan.scenarios):
        yield audit_line(each), each.mark != ""


def audit_line(found: JudgeQuality) -> str:
    """Format a judge's audit result as one line."""
    wrong, answers = (sum(getattr(count, name) for count in found.audit.values()) for name in ("wrong", "n"))
    what = {
        "": "validated in this version",
        "audited": "not validated in this version",
        "unaudited": "not validated in this version",
        "alike": f"IT ANSWERS EVERYTHING ALIKE: {', '.join(found.questions)}",
        "errs": f"IT ERRS: {', '.join(found.questions)}",
        "silent": f"IT GIVES TOO FEW ANSWERS: {', '.join(found.questions)}",
    }[found.mark]
    return (
        f"Judge {found.judge}: {wrong} of {answers} answers about {found.episodes} scripted episodes are wrong; {what}"
        if found.episodes
        else f"Judge {found.judge}: no audit; {what}"
    )
