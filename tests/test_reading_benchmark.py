"""The benchmark of reading in small: nothing is read wrongly, and hardly a report is not read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "reading.py"


@pytest.mark.parametrize("seed", [0, 11])
def test_reports_of_all_styles_are_read_right(seed: int) -> None:
    done = subprocess.run(  # noqa: S603 - our own benchmark
        [sys.executable, str(BENCHMARK), "--json", "--seed", str(seed), "--texts", "300"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    assert found["texts"] == 300
    assert found["wrong"] == 0, found["styles"]
    assert found["unread"] <= 0.05, found["styles"]
    assert len(found["styles"]) >= 10
