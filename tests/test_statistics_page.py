"""Measured figures on the page about statistics are those of the benchmarks' stored results."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = (ROOT / "docs" / "explanation" / "statistics.md").read_text("utf-8")

# A number, then a comment with a file of benchmarks/results and the way to the value in it, keys parted by "/":
# 0.385 <!-- sequential.json/episodes_ratio -->. "%" after the number stands for hundredths.
MARKED = re.compile(r"([\u2212-]?[\d,]*\.?\d+)(?P<percent> ?%)? <!-- (?P<file>[\w-]+\.json)/(?P<way>[^>]+?) -->")
COMMENT = re.compile(r"<!--.*?-->")

# A number with three decimals or more is a measurement; settings have two at most.
MEASURED = re.compile(r"\d\.\d{3,}")


@cache
def stored(file: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((RESULTS / file).read_text("utf-8"))


def value_at(file: str, way: str) -> float:
    found = stored(file)
    for key in way.split("/"):
        found = found[int(key) if isinstance(found, list) else key]
    assert isinstance(found, int | float), f"{file}/{way} holds no number"
    return float(found)


@pytest.mark.parametrize("match", list(MARKED.finditer(PAGE)), ids=lambda match: f"{match['file']}/{match['way']}")
def test_a_marked_figure_is_the_benchmarks(match: re.Match[str]) -> None:
    printed = match[1].replace(",", "").replace("\u2212", "-")
    decimals = len(printed.partition(".")[2])
    wanted = value_at(match["file"], match["way"]) * (100 if match["percent"] else 1)
    # Half a unit of the last printed digit, and what binary numbers add to it.
    assert abs(float(printed) - wanted) <= 0.5 * 10**-decimals + 1e-9


def test_every_comment_is_understood() -> None:
    assert len(COMMENT.findall(PAGE)) == len(MARKED.findall(PAGE)) > 20


def test_no_measurement_stands_without_its_benchmark() -> None:
    text = re.sub(r"```.*?```", "", MARKED.sub("", PAGE), flags=re.DOTALL)
    assert MEASURED.findall(text) == []
