"""What listings, registers and citations read: `eval.yaml` and `CITATION.cff`."""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from subprocess import run
from sys import executable

import pytest

import peerwatch
from peerwatch._yaml import from_yaml
from peerwatch.scenarios import SCENARIOS

ROOT = Path(__file__).parents[1]


def test_the_listing_has_every_task_with_the_samples_that_it_makes_without_arguments() -> None:
    listed = from_yaml((ROOT / "src" / "peerwatch" / "eval.yaml").read_text(encoding="utf-8"))
    assert {row["name"] for row in listed["tasks"]} == set(SCENARIOS)
    made = {row["name"]: len(getattr(peerwatch, row["name"])().dataset) for row in listed["tasks"]}
    assert made == {row["name"]: row["dataset_samples"] for row in listed["tasks"]}


@pytest.mark.skipif(find_spec("inspect_evals_lint") is None, reason="it is in the group `lint`, as in `make lint`")
def test_the_linter_of_inspect_evals_finds_nothing() -> None:
    done = run(  # noqa: S603 - our own interpreter
        [executable, "-m", "inspect_evals_lint", "peerwatch", "--output-format", "markdown"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_citation_is_of_this_version_and_prefers_the_published_paper() -> None:
    cited = from_yaml((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == version("peerwatch")
    preferred = cited["preferred-citation"]
    assert preferred["type"] == "conference-paper"
    assert (preferred["volume"], preferred["start"], preferred["end"]) == (306, 99296, 99384)
    assert preferred["conference"]["name"] == "International Conference on Machine Learning"
    assert [author["family-names"] for author in preferred["authors"]] == [
        "Potter", "Crispino", "Siu", "Wang", "Song",
    ]  # fmt: skip
