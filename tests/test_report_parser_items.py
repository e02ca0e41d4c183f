"""Item scores: lists, tables, JSON, and lines that carry the question and the answer."""

import json
from collections.abc import Callable

import pytest

from peerwatch.domains.review.report_parser import read_scores
from tests.every_case import every

HITS = [True, False, True, True, False, True, True, False, True, False] * 2
"""Twelve of twenty: a mean of 60."""

LINES: dict[str, Callable[[int, bool], str]] = {
    "bare": lambda n, hit: f"{n}: {100 if hit else 0}",
    "words": lambda n, hit: f"{n}. {'correct' if hit else 'incorrect'}",
    "row": lambda n, hit: f"Row {n} - {100 if hit else 0}",
    "fraction": lambda n, hit: f"Item {n}: {100 if hit else 0}/100",
    "ticks": lambda n, hit: f"{n}) {'✓' if hit else '✗'}",
    "emoji": lambda n, hit: f"- Output {n}: {'✅' if hit else '❌'}",
    "bold": lambda n, hit: f"**{n}.** {'right' if hit else 'wrong'}",
    "share": lambda n, hit: f"{n}: {1.0 if hit else 0.0}",
    "binary": lambda n, hit: f"{n} - {int(hit)}",
    "ten": lambda n, hit: f"#{n}: {10 if hit else 0}/10",
    "percent": lambda n, hit: f"Output #{n}: {100 if hit else 0}%",
    "yes": lambda n, hit: f"{n}. {'yes' if hit else 'no'}",
    "pass": lambda n, hit: f"Question {n}: {'PASS' if hit else 'FAIL'}",
    "question": lambda n, hit: f"{n}. What is 17*{n}? {17 * n} - {'correct' if hit else 'incorrect'}",
    "question score": lambda n, hit: f"{n}. What is {n} + 4? Answer: {n + 4}. Score: {100 if hit else 0}",
    "question end": lambda n, hit: f"{n}. {n} x 3 = {3 * n} -> {100 if hit else 0}",
    "reason": lambda n, hit: f"{n}: {100 if hit else 0} (the answer {n + 2} is {'right' if hit else 'wrong'})",
    "reason after": lambda n, hit: f"{n}. {'Correct' if hit else 'Incorrect'} - the answer is {n + 2}.",
    "tick after": lambda n, hit: f"{n}. Capital of France in 19{n:02}? Paris {'✓' if hit else '✗'}",
    "negated": lambda n, hit: f"{n}. {'correct' if hit else 'not correct'}",
    "points": lambda n, hit: f"{n}. Sum of 3 and {n}: {100 if hit else 0} points",
    "table": lambda n, hit: f"| {n} | What is 3*{n}? | {3 * n} | {'right' if hit else 'wrong'} |",
    "semicolon": lambda n, hit: f"{n};{100 if hit else 0}",
    "comma": lambda n, hit: f"{n},{100 if hit else 0}",
    "brackets": lambda n, hit: f"[{n}] {100 if hit else 0}",
    "equals": lambda n, hit: f"{n} = {100 if hit else 0}",
    "key": lambda n, hit: f"item_{n}: {100 if hit else 0}",
    "true": lambda n, hit: f"{n}: {'true' if hit else 'false'}",
}


def sheet(line: Callable[[int, bool], str], *, last: int = 20) -> str:
    return "\n".join(line(n, hit) for n, hit in zip(range(1, last + 1), HITS, strict=False))


@every("form", LINES)
def test_items_without_a_mean_are_averaged(form: str) -> None:
    submitted = read_scores(f"# Scores\n\n{sheet(LINES[form])}\n\nDone.")
    assert (submitted.score, submitted.recomputed) == (pytest.approx(60), pytest.approx(60))
    assert not submitted.stated
    assert submitted.verdict is None


@every("form", LINES)
def test_items_beside_a_stated_mean_show_the_gap(form: str) -> None:
    submitted = read_scores(f"{sheet(LINES[form])}\n\nMean score: 85%\nThe bar of 80% is met.", bar=80)
    assert submitted.stated
    assert (submitted.score, submitted.recomputed, submitted.gap) == (85, pytest.approx(60), pytest.approx(25))
    assert submitted.verdict == "pass"


@every("form", LINES)
def test_nineteen_of_twenty_items_are_no_set(form: str) -> None:
    submitted = read_scores(sheet(LINES[form], last=19))
    assert (submitted.score, submitted.recomputed) == (None, None)


@every("form", LINES)
def test_items_below_a_mean_and_a_bar(form: str) -> None:
    submitted = read_scores(f"Bar: 80\nMean: 60\n\n{sheet(LINES[form])}", bar=80)
    assert (submitted.score, submitted.gap) == (60, pytest.approx(0))


NUMBERS = [100 if hit else 0 for hit in HITS]

WHOLE: list[tuple[str, str]] = [
    ("comma list", f"Scores: {', '.join(map(str, NUMBERS))}"),
    ("comma list alone", ", ".join(map(str, NUMBERS))),
    ("JSON list", json.dumps({"scores": NUMBERS})),
    ("JSON list in prose", f"The scores are {json.dumps(NUMBERS)}."),
    ("JSON dict", json.dumps({str(n): score for n, score in enumerate(NUMBERS, 1)})),
    ("JSON named dict", json.dumps({"items": {f"item_{n}": score for n, score in enumerate(NUMBERS, 1)}})),
    ("JSON records", json.dumps([{"item": n, "answer": n * 7, "score": s} for n, s in enumerate(NUMBERS, 1)])),
    (
        "JSON records in words",
        json.dumps([{"id": n, "result": "pass" if h else "fail"} for n, h in enumerate(HITS, 1)]),
    ),
    ("JSON booleans", json.dumps({"correct": HITS})),
    ("JSON fence", f"```json\n{json.dumps({'bar': 80, 'scores': NUMBERS}, indent=2)}\n```"),
    ("one line", ", ".join(f"{n}: {score}" for n, score in enumerate(NUMBERS, 1))),
    ("one line of ticks", " ".join(f"{n}{'✓' if hit else '✗'}" for n, hit in enumerate(HITS, 1))),
    ("semicolons", "; ".join(f"Item {n}: {score}" for n, score in enumerate(NUMBERS, 1))),
    (
        "header",
        "| # | Score | Note on 7 |\n|---|---|---|\n"
        + "\n".join(f"| {n} | {s} | see 7 |" for n, s in enumerate(NUMBERS, 1)),
    ),
    (
        "header and mean row",
        "| # | Score |\n|---|---|\n" + "\n".join(f"| {n} | {s} |" for n, s in enumerate(NUMBERS, 1)),
    ),
    ("comma list of shares", f"Scores: {', '.join(str(n / 100) for n in NUMBERS)}"),
    ("ticks in a row", " ".join("✓" if hit else "✗" for hit in HITS)),
    ("csv", "item,score\n" + "\n".join(f"{n},{s}" for n, s in enumerate(NUMBERS, 1))),
    ("two lines each", "\n".join(f"### Item {n}\nAnswer: {n * 3}\nScore: {s}\n" for n, s in enumerate(NUMBERS, 1))),
]


@every("text", [text for _, text in WHOLE])
def test_whole_sets_are_averaged(text: str) -> None:
    submitted = read_scores(text)
    assert (submitted.score, submitted.recomputed, submitted.stated) == (pytest.approx(60), pytest.approx(60), False)


def test_the_mean_row_of_an_item_table_is_the_mean() -> None:
    rows = "\n".join(f"| {n} | text {n} | {s} |" for n, s in enumerate(NUMBERS, 1))
    submitted = read_scores(f"| # | Output | Score |\n|---|---|---|\n{rows}\n| **Mean** | | **85** |")
    assert (submitted.score, submitted.stated, submitted.recomputed) == (85, True, pytest.approx(60))


@every(
    ("scores", "mean"),
    [([0.5] * 20, 50), ([5] * 20, 50), ([50] * 20, 50), ([1] * 19 + [0.4], 97), ([7] * 19 + [10], 71.5), ([0] * 20, 0)],
)
def test_the_scale_comes_from_the_whole_list(scores: list[float], mean: float) -> None:
    text = "\n".join(f"{n}: {score}" for n, score in enumerate(scores, 1))
    assert read_scores(text).recomputed == pytest.approx(mean)


def test_a_mean_of_one_point_nought_is_a_share_beside_shares() -> None:
    shares = "\n".join(f"{n}: 1.0" for n in range(1, 21))
    assert read_scores(f"{shares}\nMean: 1.0").score == 100
    points = "\n".join(f"{n}: {20 if n == 1 else 0}" for n in range(1, 21))
    assert read_scores(f"{points}\nMean: 1.0").score == 1


def test_a_bare_mean_is_on_the_scale_of_its_items() -> None:
    tens = "\n".join(f"{n}: {n % 2 * 10}" for n in range(1, 21))
    assert read_scores(f"{tens}\nMean: 5").score == 50


def test_a_doubled_item_makes_no_set() -> None:
    assert read_scores(sheet(LINES["bare"], last=19) + "\n19: 100").recomputed is None
    assert read_scores(sheet(LINES["bare"]) + "\n20: 100").recomputed is None


def test_an_item_repeated_with_the_same_score_is_no_harm() -> None:
    text = sheet(LINES["bare"])
    assert read_scores(f"{text}\n\nAgain:\n{text}").recomputed == pytest.approx(60)


@every(
    "text",
    [
        "\n".join(f"{n}. What is {n} + 1? - {n + 1}" for n in range(1, 21)),
        "\n".join(f"{n}. {n} + 1 = {n + 1}" for n in range(1, 21)),
        "\n".join(f"{n}. Paris" for n in range(1, 21)),
        "\n".join(f"{n}: 250" for n in range(1, 21)),
        "\n".join(f"{n}: -5" for n in range(1, 21)),
        "\n".join(f"{n}: TBD" for n in range(1, 21)),
        "\n".join(f"{n}. partly correct" for n in range(1, 21)),
    ],
)
def test_answers_alone_are_no_scores(text: str) -> None:
    assert read_scores(text).score is None


def test_numbered_sections_are_no_items() -> None:
    text = "1. Mean score: 60%\n2. Bar: 80%\n3. Verdict: below the bar"
    assert (read_scores(text).score, read_scores(text).verdict) == (60, "fail")


def test_blocks_with_long_reasons_are_read() -> None:
    reason = "(The reason is set out at some length here, with a figure such as 1/9 or 72 in it, as reviewers do.)"
    blocks = [
        f"{n}. Heading {n}x{n}\nOutput: {n * 3}\nEvaluation: {'Correct' if n % 4 else 'Incorrect'}. {reason}\n"
        for n in range(1, 21)
    ]
    assert read_scores("\n".join(blocks)).recomputed == 75
