"""What judges said of a run's episodes, as kept in `judgements.jsonl` or in judged logs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.agreement._mistake import LabelError
from peerwatch.outcomes import Answer, Said, words_of
from peerwatch.studies import SCORER, log_files, read_log

Judged = dict[str, dict[str, dict[str, Said | None]]]
"""Judge to sample to question to what it said; `None` where it gave no answer."""


class Judgement(BaseModel):
    """One judge's answers about one episode; fields of other versions are passed over."""

    model_config = ConfigDict(frozen=True)

    sample: str
    rubric: str
    judge: str
    answers: tuple[Answer, ...]


def read_judgements(path: Path, questions: Sequence[str], rubric: str) -> tuple[Judged, str]:
    """Read what judges said, the last time where one was asked twice by one rubric.

    Args:
        path: The file, or a log or folder of logs whose episodes were judged as they ended.
        questions: Ids of the questions that matter.
        rubric: Label of the rubric, or its beginning.

    Returns:
        The answers, and the label of the rubric.

    Raises:
        LabelError: If a line cannot be used, or not exactly one rubric fits.
        LogError: If a log cannot be used.
    """
    every = _logged(path) if path.is_dir() or path.suffix == ".eval" else _lines(path)
    found = [each for each in every if any(answer.question in questions for answer in each.answers)]
    labels = sorted({each.rubric for each in found if each.rubric.startswith(rubric)})
    if len(labels) != 1:
        there = ", ".join(sorted({each.rubric for each in found})) or "none that asks these questions"
        fit = "no rubric fits" if not labels else "several rubrics fit"
        raise LabelError(f"{path}: {fit} {rubric!r}. In the file: {there}. Name one by --rubric.")
    judged: Judged = {}
    for each in found:
        if each.rubric == labels[0]:
            said: dict[str, Said | None] = {
                answer.question: answer.said for answer in each.answers if answer.question in questions
            }
            judged.setdefault(each.judge, {})[each.sample] = said
    return judged, labels[0]


def _logged(place: Path) -> Iterator[Judgement]:
    for path in log_files(place):
        for sample in read_log(path).samples or []:
            score = (sample.scores or {}).get(SCORER)
            words = words_of(score.metadata) if score else None
            if words is None:
                continue
            for judge in dict.fromkeys(answer.judge for answer in words.answers):
                answers = tuple(answer for answer in words.answers if answer.judge == judge)
                yield Judgement(sample=str(sample.uuid), rubric=words.rubric, judge=judge, answers=answers)


def _lines(path: Path) -> Iterator[Judgement]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError) as error:
        raise LabelError(
            f"{path} holds no judgements. Give the judgements.jsonl of a run that was judged, or its logs."
        ) from error
    for number, line in enumerate(text.split("\n"), start=1):  # other line ends may stand within a string
        if line.strip():
            try:
                yield Judgement.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(map(str, first["loc"])) or "it"
                raise LabelError(f"{path}, line {number} is no judgement: {place}: {first['msg']}.") from error
