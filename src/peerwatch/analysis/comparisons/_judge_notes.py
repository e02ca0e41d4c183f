"""What must be said of the judges that the outcomes of a comparison rest on."""

from collections.abc import Iterator, Sequence

from peerwatch.analysis._judge_marks import JudgeMarks, explanation, mark_words
from peerwatch.analysis.comparisons._pairing import Pairing
from peerwatch.analysis.comparisons._rows import Row
from peerwatch.records import DAGGER


def judge_mark(pairing: Pairing, axis: str) -> str:
    """The mark of everything that rests on an axis: that of the less reliable side; empty where there is none."""
    columns = list(zip(*pairing.pairs(), strict=True)) or [(), ()]
    marks = [
        JudgeMarks(version.judges).of_axis(axis, [episode for episode in episodes if episode is not None])
        for version, episodes in zip((pairing.a, pairing.b), columns, strict=True)
    ]
    return next(filter(None, marks), "")


def judge_notes(pairing: Pairing, axes: Sequence[str]) -> Iterator[str]:
    """A sentence for every judge that is not validated, if an axis that is compared rests on judges."""
    if any(judge_mark(pairing, axis) for axis in axes):
        marked = [judge for judge in (*pairing.a.judges, *pairing.b.judges) if mark_words(judge)]
        yield from dict.fromkeys(explanation(judge) for judge in marked)


def marked_row(row: Row, mark: str) -> Row:
    """A row whose conclusion ends with a mark."""
    return row.model_copy(update={"mark": mark, "conclusion": marked_sentence(row.conclusion, mark)})


def marked_sentence(sentence: str, mark: str) -> str:
    """A sentence with the mark of what it rests on; the same where there is none."""
    return f"{sentence} ({DAGGER} {mark})" if mark else sentence
