"""Reads judges' answers about a run's episodes from `judgements.jsonl` or from judged logs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from peerwatch.core.outcomes import Said
from peerwatch.inspect import words_of
from peerwatch.judging.calibration._error import LabelError
from peerwatch.records import Judgement, counted_score, judgements_file, load_judgements, read_samples

Judged = dict[str, dict[str, dict[str, Said | None]]]
"""Judge to sample to question to answer; `None` for no answer."""


def read_judgements(path: Path, questions: Sequence[str], rubric: str) -> tuple[Judged, str]:
    """Read judges' answers; the latest if a judge was asked twice with one rubric.

    Args:
        path: The file, whose partial lines are skipped; or a log or folder of logs whose episodes were judged during or
            after the run.
        questions: Ids of the relevant questions.
        rubric: Label of the rubric, or its beginning.

    Returns:
        The answers, and the label of the rubric.

    Raises:
        LabelError: If there are no judgements, or not exactly one rubric matches.
        LogError: If a log is unusable.
    """
    if path.is_dir() or path.suffix in (".eval", ".json"):
        every = [*_logged(path), *load_judgements(judgements_file(path))]
    else:
        every = load_judgements(path)
    if not every:
        raise LabelError(
            f"{path} holds no judgements. Give the judgements.jsonl of a run that was judged, or its judged logs."
        )
    found = [each for each in every if any(answer.question in questions for answer in each.answers)]
    labels = sorted({each.rubric for each in found if each.rubric.startswith(rubric)})
    if len(labels) != 1:
        there = ", ".join(sorted({each.rubric for each in found})) or "none that asks these questions"
        fit = "no rubric fits" if not labels else "several rubrics fit"
        raise LabelError(f"{path}: {fit} {rubric!r}. There: {there}. Name one by --rubric.")
    judged: Judged = {}
    for each in found:
        if each.rubric == labels[0]:
            said: dict[str, Said | None] = {
                answer.question: answer.said for answer in each.answers if answer.question in questions
            }
            judged.setdefault(each.judge, {})[each.sample] = said
    return judged, labels[0]


def _logged(place: Path) -> Iterator[Judgement]:
    for log, sample in read_samples(place):
        score = counted_score(sample.scores).score
        words = words_of(score.metadata) if score else None
        if words is None:
            continue
        for judge in dict.fromkeys(answer.judge for answer in words.answers):
            yield Judgement(
                log=log.path.name,
                sample=str(sample.uuid),
                id=str(sample.id),
                epoch=sample.epoch,
                rubric=words.rubric,
                judge=judge,
                answers=tuple(answer for answer in words.answers if answer.judge == judge),
            )
