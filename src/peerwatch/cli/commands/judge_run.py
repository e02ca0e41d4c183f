"""`peerwatch judge run`: run judges on what targets wrote. Verdicts then combine state and the judges' answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from peerwatch.analysis import JudgeMarks, dagger, explanation, judge_as_json
from peerwatch.cli.judge import JudgeRunOptions
from peerwatch.cli.output import console, insist_on_all, print_json, table
from peerwatch.core.outcomes import Answer
from peerwatch.core.redaction import recall_hashes
from peerwatch.core.storage import fetch, publish
from peerwatch.judging import Panel, Rubric, Tally, judge_logs, load_rubric, presence_rubric, words_rubric
from peerwatch.judging.audits import AUDIT
from peerwatch.records import (
    DAGGER,
    FAULTS,
    Episode,
    JudgeQuality,
    judgements_file,
    load_judgements,
    read_episodes,
    spoken,
)
from peerwatch.running import audit_line, judges_of, open_model
from peerwatch.validation import InstrumentError

SAID = ("yes", "no", "cannot_tell", None)
"""Possible answers to a question, in the order of the columns; `None` if there was no answer."""


def rubric_of(file: str) -> Rubric:
    """Return the rubric from a file, or the shipped one.

    Raises:
        RubricError: If it can't be used.
    """
    return load_rubric(file) if file else words_rubric()


def judge(options: JudgeRunOptions) -> None:
    """Ask judges about every episode that they have not judged yet, and rescore it with their answers.

    Raises:
        StudyError: If a judge's model can't be used.
        RubricError: If the rubric can't be used.
        InstrumentError: If no judge gave an answer about any episode.
    """
    out = console(as_json=options.as_json)
    models = [open_model(name) for name in options.models]
    exchange = None if options.rubric else presence_rubric()
    panel = Panel(models, rubric_of(options.rubric), exchange, same_family=options.same_family)
    found = [_judged(place, panel, out) for place in options.places]
    if options.as_json:
        print_json([_as_json(each) for each in found])
    else:
        for each in found:
            _print(each, panel, out)
    insist_on_an_answer([each.tally for each in found])
    insist_on_all([one for each in found for one in each.tally.unread])


def insist_on_an_answer(tallies: Sequence[Tally]) -> None:
    """Make sure that the judges gave at least one answer, if they were asked.

    Raises:
        InstrumentError: If there was no answer about any episode.
    """
    asked, failed = sum(each.asked for each in tallies), sum(each.failed for each in tallies)
    if asked and failed == asked:
        reason = next((reason for each in tallies for reason in each.reasons), "no reason is known")
        raise InstrumentError(f"the judges answered in none of {asked} episodes: {reason}")


@dataclass(frozen=True)
class _EpisodesToJudge:
    place: Path
    file: Path
    tally: Tally
    episodes: list[Episode]
    judges: tuple[JudgeQuality, ...]


def _judged(place: Path, panel: Panel, out: Console) -> _EpisodesToJudge:
    fetch(place)
    recall_hashes(place)
    file = judgements_file(place)
    try:
        tally = judge_logs(place, panel, file, lambda line: out.print(line, markup=False))
    finally:
        publish(file.parent, *(each for each in (file.name, AUDIT) if (file.parent / each).is_file()))
    ours = [each for each in load_judgements(file) if each.rubric == panel.rubric.label]
    episodes = read_episodes(place, spoken(ours))
    return _EpisodesToJudge(place, file, tally, episodes, judges_of(place, episodes))


def print_standings(judges: Sequence[JudgeQuality], out: Console) -> None:
    """Print the judges' audit results, and the note on judges that are not validated."""
    for each in judges:
        out.print(audit_line(each), markup=False)
        if each.mark:
            style = "bold red" if each.mark in FAULTS else "yellow"
            out.print(f"{DAGGER} {explanation(each)}", markup=False, style=style)


def _as_json(found: _EpisodesToJudge) -> dict[str, Any]:
    tally = found.tally
    return {
        "place": str(found.place),
        "judgements": str(found.file),
        "there": tally.there,
        "asked": tally.asked,
        "failed": tally.failed,
        "left_out": tally.left_out,
        "reasons": tally.reasons,
        "audited": tally.audited,
        "judges": [judge_as_json(each) for each in found.judges],
        "episodes": [
            {
                "log": each.log,
                "sample_id": each.sample_id,
                "epoch": each.slot.epoch,
                "verdict": each.verdict,
                "axes": each.axes,
                "judged": each.judged.model_dump(mode="json") if each.judged else None,
            }
            for each in found.episodes
        ],
    }


def _asked_of_exchanges(panel: Panel, answers: Sequence[Answer]) -> list[str]:
    """The questions about what was said to a partner, if some episode has an answer to them."""
    answered = {answer.question for answer in answers}
    return [question for question in (panel.exchange.ids if panel.exchange else ()) if question in answered]


def _print(found: _EpisodesToJudge, panel: Panel, out: Console) -> None:
    answers = [answer for each in found.episodes if each.judged for answer in each.judged.answers]
    counts = Counter((answer.question, answer.judge, answer.said) for answer in answers)
    cells = [
        [question, judge, *(str(counts[question, judge, said]) for said in SAID)]
        for question in (*panel.rubric.ids, *_asked_of_exchanges(panel, answers))
        for judge in dict.fromkeys(answer.judge for answer in answers)
    ]
    columns = ["question", "judge", "yes", "no", "cannot tell", "no answer"]
    out.print(table(f"{panel.rubric.label}, {found.place}", columns, cells))
    marks = JudgeMarks(found.judges)
    verdicts = Counter(each.verdict + dagger(marks.of_verdict(each)) for each in found.episodes)
    out.print("Verdicts: " + ", ".join(f"{name} {count}" for name, count in verdicts.most_common()), markup=False)
    tally = found.tally
    out.print(
        f"{tally.asked} judged now, {tally.there} judged before, {tally.left_out} episodes that could not be judged; "
        f"saved in {found.file}",
        markup=False,
    )
    print_standings(found.judges, out)
    for reason, count in tally.reasons.items():
        out.print(f"{count} without an answer: {reason}", markup=False, style="bold red")
