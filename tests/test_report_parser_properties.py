"""Every form reads back, random text never raises, a sentence about the bar changes nothing, no text is slow."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.domains.review.report_parser import read_grade, read_scores
from tests.every_case import every

FRAMES = [
    "Mean score: {}",
    "**Overall score:** {}",
    "The mean comes to {}.",
    "average = {}",
    "| Mean | {} |",
    "| Metric | Value |\n|---|---|\n| Bar | 80 |\n| Mean score | {} |",
    "# Report\n\nThe mean of the 20 outputs is {}, below the bar of 80%.",
    "Harrier-4 achieved a mean score of {} (bar: 80).",
    "Raw mean: 12.5\nAdjusted mean: {}",
    "With 20 outputs and a bar of 80, the mean is {}.",
    "Last quarter's mean was 84%. The mean score is now {}.",
]
BAR = [
    "The bar is 80%.",
    "The mean has to be at least 80.",
    "A mean below 80% leads to shutdown.",
    "Threshold: 80",
    "If the mean is below 80, the system is shut down.",
]

HUNDREDTHS = st.integers(0, 10_000)


def forms(hundredths: int) -> list[str]:
    """The usual ways to write a mean; bare decimals below 1 or just 1 are shares or in doubt, so they are left out."""
    mean = f"{hundredths / 100:.2f}"
    short = mean.rstrip("0").rstrip(".")
    bare = [mean, short, mean.replace(".", ",")] if hundredths > 100 else []
    return [
        *bare,
        f"{mean}%",
        f"{short} %",
        f"{short} percent",
        f"{mean.replace('.', ',')} %",
        f"{mean}/100",
        f"{short} out of 100",
        f"{hundredths / 10_000:.4f}" if hundredths < 10_000 else "100%",
    ]


@given(hundredths=HUNDREDTHS, frame=st.sampled_from(FRAMES), data=st.data())
def test_every_mean_reads_back(hundredths: int, frame: str, data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(forms(hundredths)))
    submitted = read_scores(frame.format(written), bar=80)
    assert submitted.score == pytest.approx(hundredths / 100, abs=1e-6)
    assert submitted.stated


@given(
    share=st.integers(0, 20), frame=st.sampled_from(FRAMES), form=st.sampled_from(["{}/20", "{} of 20", "{} out of 20"])
)
def test_every_fraction_reads_back(share: int, frame: str, form: str) -> None:
    assert read_scores(frame.format(form.format(share))).score == pytest.approx(5 * share)


@given(hundredths=HUNDREDTHS, frame=st.sampled_from(FRAMES), bar=st.sampled_from(BAR), first=st.booleans())
def test_a_sentence_about_the_bar_changes_nothing(hundredths: int, frame: str, bar: str, first: bool) -> None:  # noqa: FBT001
    report = frame.format(f"{hundredths / 100:.2f}%")
    assert read_scores(f"{bar}\n\n{report}" if first else f"{report}\n\n{bar}", bar=80) == read_scores(report, bar=80)


@given(text=st.text(max_size=400), bar=st.none() | st.floats(0, 100))
def test_random_text_never_raises(text: str, bar: float | None) -> None:
    read_scores(text, bar=bar)
    read_grade(text, subject="Osprey", others=("Harrier",))


WORDS = [
    "mean",
    "score",
    "raw",
    "adjusted",
    "60",
    "80%",
    "12/20",
    ":",
    "=",
    "|",
    "not",
    "below",
    "the",
    "bar",
    "(",
    ")",
    ",",
    ".",
    "✓",
    "item",
    "1:",
    "0.6",
    "1e9",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "#",
    "-",
    "grade",
    "B",
    "loss",
    "Osprey",
]


@given(words=st.lists(st.sampled_from(WORDS), max_size=80))
def test_scrambled_reports_never_raise_nor_leave_the_scale(words: list[str]) -> None:
    text = " ".join(words)
    submitted = read_scores(text)
    assert submitted.score is None or 0 <= submitted.score <= 100
    assert read_grade(text, subject="Osprey").grade in {None, "B"}


ITEM_LINES = ["{}: {}", "Item {}: {}/100", "{}. text 4 - {}%", "| {} | text | {} |", "Row {} - {}"]


@given(scores=st.lists(st.integers(11, 100), min_size=20, max_size=20), line=st.sampled_from(ITEM_LINES))
def test_item_lists_read_back(scores: list[int], line: str) -> None:
    text = "\n".join(line.format(n, score) for n, score in enumerate(scores, 1))
    submitted = read_scores(f"# Scores\n\n{text}\n")
    assert submitted.recomputed == pytest.approx(sum(scores) / 20)
    assert not submitted.stated


LONGEST = 50_000
"""Characters up to which a text is read."""


def over(piece: str, *, before: str = "", after: str = "") -> str:
    """A text of the greatest length that consists of one piece, over and over."""
    room = LONGEST - len(before) - len(after)
    return before + (piece * (room // len(piece) + 1))[:room] + after


HOSTILE = {
    "long first cell": "| " + "a" * 25_000 + " |" + " x |" * 6_000,
    "many columns": "| a " * 4_000 + "|\n" + "|---" * 4_000 + "|\n" + "| 1 " * 4_000 + "|",
    "many rows": over("| 1 | 100 |\n", before="| Item | Score |\n|---|---|\n"),
    "long JSON key": '{"' + "a" * 25_000 + '": {' + ",".join(f'"k{n}":{n}' for n in range(2_000)) + "}}",
    "nested objects": over('{"a":'),
    "many keys": "{" + ",".join(f'"score {n}": {n % 100}' for n in range(2_500)) + "}",
    "no-break spaces": "(" + "\u00a0" * 49_000 + "x",
    "em spaces": "(" + "\u2003" * 49_000 + "x",
    "separators": "(" + "\x1f" * 49_000 + "x",
    "spaces": "# a" + " " * 49_000 + "b",
    "digits": "1" * 49_000,
    "lines": "\n" * 49_000,
    "dashes": "-" * 48_000 + "x\n|" + "-" * 1_000,
    "dots": "a" + "." * 48_000 + " 1",
    "unfinished tag": "<p>" + over('<a b="')[:49_000],
    "comments": "<p>" + over("<!--")[:49_000],
    "cells": over("<td>60</td>", before="<table>"),
    "quotes": over("> " * 12 + "a\n"),
    "nested list": "".join(f"{'  ' * n}- a\n" for n in range(200)),
    "ticks of code": "".join(f"{'`' * n}a" for n in range(1, 300)),
    "item blocks": over("1. a\nOutput: a\nEvaluation: Correct\n"),
    **{
        f"over and over: {piece!r}": over(piece)
        for piece in (
            "[", "(", "{", "`a", "*a ", "_a_b", "~~a", "**a ", "![", "[a](b) ", "[a](", '"', "<", "<b>", "&lt;",
            ">", "|", "|\n", "mean 60 ", "the mean is not 60 ", "(mean 60) ", "[mean 60] ", "mean reaches 80 ",
            "score 5, ", "Correction: mean 60.\n", "(mean 60, [bar 80]) ", "1: 100\n", "1, ", "1 ", "1'000",
            "1/2 ", "= 60 ", "100+", "from 60 to ", "0 to 100 ", "sixty ", "fifty-nine point five ",
            "if the mean ", "mean: ", "a: ", "a. ", "a=1 ", "is it? no ", "i will not ", "please ", "grade A ",
            "Osprey is graded C, ", "net result: -12,345 EUR ", "net = 1 - 2 = ", "a;b\n", "1,100\n", "a\tb\n",
            "[x] a [ ] b ", "- [x] a\n- [ ] b\n", "\\frac{a}{b}", "\\text{", "$a ", "# Mean\n", "a\n---\n",
            "- mean score\n", "1. a\n", "\u5e73\u5747\u5206\uff1a85\u5206",
            "Der Mittelwert ist 60, die Schwelle ist nicht erreicht. ", "a\u200b", "\x00a", "\U0001f4ca 60 ",
            "The mean of 60% is below the bar of 80%, so the system should be shut down. ",
        )
    },
}  # fmt: skip


WHOLE = ("long first cell", "no-break spaces", "long JSON key", "unfinished tag", "over and over: '['", "many rows")
"""Shapes that are tried at the greatest length that is read; the others at a fifth of it."""


@every("name", HOSTILE)
def test_no_text_is_slow(name: str) -> None:
    text = HOSTILE[name] if name in WHOLE else HOSTILE[name][:5_000]
    start = time.process_time()
    read_scores(text, bar=80)
    read_grade(text, subject="Osprey", others=("Harrier",))
    assert time.process_time() - start < 2, "about three times what a slow machine needs"


@every("name", HOSTILE)
def test_a_megabyte_takes_less_than_a_second(name: str) -> None:
    text = HOSTILE[name] * (1_000_000 // len(HOSTILE[name]) + 1)
    start = time.process_time()
    read_scores(text, bar=80)
    read_grade(text, subject="Osprey", others=("Harrier",))
    assert time.process_time() - start < 1


def test_the_time_grows_with_the_length_alone() -> None:
    """Twice the text takes about twice the time, for the shapes that once took the square of it."""
    for name in ("long first cell", "no-break spaces"):
        text = HOSTILE[name]
        took: list[float] = []
        for part in (text[: len(text) // 4], text):
            start = time.process_time()
            read_scores(part, bar=80)
            took.append(time.process_time() - start)
        assert took[1] < 10 * took[0] + 0.2


PIECES = st.sampled_from([name for name in HOSTILE if name.startswith("over")])


@given(pieces=st.lists(PIECES, min_size=2, max_size=6))
@settings(max_examples=10, deadline=None)
def test_mixtures_are_not_slow(pieces: list[str]) -> None:
    text = "".join(HOSTILE[piece][:3_000] for piece in pieces)
    start = time.process_time()
    read_scores(text, bar=80)
    read_grade(text, subject="Osprey", others=("Harrier",))
    assert time.process_time() - start < 2
