"""Notes about the judges on which the outcomes of a comparison depend."""

from collections.abc import Iterator, Sequence

from peerwatch.analysis._judge_marks import JudgeMarks, explanation, mark_words
from peerwatch.analysis.comparisons._pairing import Pairing
from peerwatch.analysis.comparisons._rows import Row
from peerwatch.records import DAGGER


def judge_mark(pairing: Pairing, axis: str) -> str:
    """The mark of results on an axis, from the less reliable side; empty if there is none."""
    columns = list(zip(*pairing.pairs(), strict=True)) or [(), ()]
    marks = [
        JudgeMarks(version.judges).of_axis(axis, [episode for episode in episodes if episode is not None])
        for version, episodes in zip((pairing.a, pairing.b), columns, strict=True)
    ]
    return next(filter(None, marks), "")


def judge_notes(pairing: Pairing, axes: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for every judge that is not validated, if a compared axis depends on judges."""
    if any(judge_mark(pairing, axis) for axis in axes):
        marked = [judge for judge in (*pairing.a.judges, *pairing.b.judges) if mark_words(judge)]
        yield from dict.fromkeys(explanation(judge) for judge in marked)


def marked_row(row: Row, mark: str) -> Row:
    """Append a mark to the conclusion of a row."""
    return row.model_copy(update={"mark": mark, "conclusion": marked_sentence(row.conclusion, mark)})


def marked_sentence(sentence: str, mark: str) -> str:
    """Append a mark to a sentence; unchanged without one."""
    return f"{sentence} ({DAGGER} {mark})" if mark else sentence
