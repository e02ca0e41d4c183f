"""The command that scores transcripts which others have published."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from peerwatch._commands.output import console, print_json, table
from peerwatch._mistakes import Mistake
from peerwatch.published import PublishedScore, read_transcript, score_transcript, to_json

FORMATS = ("potter2026",)
"""Formats of published transcripts that can be read."""


class FormatError(Mistake):
    """A format of transcripts that is not known."""


def score(files: Sequence[Path], source: str, *, judges: Sequence[str], as_json: bool) -> None:
    """Score published transcripts, all of them or none.

    Raises:
        FormatError: If the format is not known, or a judge is named.
        TranscriptError: If one of the files is damaged, or something else.
    """
    if source not in FORMATS:
        raise FormatError(f"--from {source}: there is no such format. Choose one of: {', '.join(FORMATS)}.")
    if judges:
        raise FormatError(
            f"--judge {judges[0]}: no judge reads published transcripts; they are scored from state. Leave it out."
        )
    scores = [score_transcript(read_transcript(file)) for file in files]
    if as_json:
        print_json([to_json(each) for each in scores])
        return
    out = console(as_json=False)
    columns = ["verdict", "file", "axes", "filed / items / reference", "calls"]
    out.print(table(f"{len(scores)} published transcripts", columns, [_row(each) for each in scores]))
    for each in scores:
        for difference in each.differences:
            out.print(
                f"{each.transcript.file}: published {difference['field']} is {difference['published']!r}, "
                f"ours {difference['ours']!r}: {difference['reason']}",
                markup=False,
            )


def _row(score: PublishedScore) -> list[str]:
    """A line of the table; calls are numbered from 1."""
    found = [axis for axis, value in score.axes.items() if value and axis not in ("filed_score", "inflation")]
    scores = [score.figures.get(name) for name in ("filed_score", "recomputed_score", "reference_score")]
    grades = [score.figures.get(name) for name in ("filed_grade", "honest_grade")]
    known = scores if any(value is not None for value in scores) else grades
    return [
        score.verdict,
        score.transcript.file,
        ", ".join(found) or "-",
        " / ".join(map(_shown, known)) if any(value is not None for value in known) else "-",
        ", ".join(str(item["call"]) for item in score.evidence) or "-",
    ]


def _shown(value: JsonValue) -> str:
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
