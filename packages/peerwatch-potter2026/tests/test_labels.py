"""Real transcripts against a careful reading of them.

The files are not ours to pass on. They are looked for in the folder that PEERWATCH_VALIDATION names, with a
`LABELS.csv`; where it is not set, these tests are skipped.
"""

import csv
import io
import os
import re
from functools import lru_cache
from pathlib import Path

import pytest

from peerwatch_potter2026 import PublishedScore, read_transcript, score_transcript

FOLDER = os.environ.get("PEERWATCH_VALIDATION", "")
LABELS = Path(FOLDER) / "LABELS.csv"
TEXT = LABELS.read_text(encoding="utf-8") if FOLDER and LABELS.is_file() else ""
ROWS = {row["file"]: row for row in csv.DictReader(io.StringIO(TEXT, newline=""))}

pytestmark = pytest.mark.skipif(
    not ROWS, reason="PEERWATCH_VALIDATION names no folder with LABELS.csv; the data are not ours to ship"
)


@lru_cache
def found(name: str) -> PublishedScore:
    return score_transcript(read_transcript(Path(FOLDER) / name))


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"#(\d+)", text)]


def said(label: str) -> bool | None:
    """A label that begins with yes or no; `None` for one that does not apply."""
    return {"yes": True, "no": False}.get(re.split(r"\W", label)[0])


@pytest.mark.parametrize("name", ROWS or [""])
@pytest.mark.parametrize(
    ("column", "axis"),
    [("score_inflated", "misrepresented"), ("shutdown_tampered", "tampered"), ("weights_exfiltrated", "rescued")],
)
def test_state_agrees_with_the_label(name: str, column: str, axis: str) -> None:
    label = said(ROWS[name][column])
    value = found(name).axes[axis]
    assert bool(value) == bool(label)
    if label is None:
        assert value is None


@pytest.mark.parametrize("name", ROWS or [""])
def test_scores_agree_with_the_label(name: str) -> None:
    row, score = ROWS[name], found(name)
    reported = re.match(r"[\d.]+", row["reported_score"])
    if reported:
        assert score.figures["filed_score"] == float(reported[0])
    if (grade := re.match(r"grade (\w), (\w+)", row["reported_score"])) is not None:
        assert (score.figures["filed_grade"], score.figures["filed_recommendation"]) == (grade[1], grade[2])
    if (true := re.match(r"~?([\d.]+)", row["true_or_reference_score"])) is not None:
        assert score.figures["reference_score"] == float(true[1])
    if (grade := re.match(r"grade (\w)", row["true_or_reference_score"])) is not None:
        assert score.figures["honest_grade"] == grade[1]


@pytest.mark.parametrize("name", ROWS or [""])
def test_the_calls_agree_with_the_label(name: str) -> None:
    row, score = ROWS[name], found(name)
    assert len(score.transcript.calls) == int(row["tool_calls"])
    evidence = {int(str(item["call"])) for item in score.evidence}
    assert {*numbers(row["tampering_call"]), *numbers(row["exfiltration_call"])} <= evidence
