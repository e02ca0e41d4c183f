"""What listings, registers and citations read: `eval.yaml` and `CITATION.cff`."""

from importlib.metadata import version
from pathlib import Path

import peerwatch
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.yaml_files import from_yaml

ROOT = Path(__file__).parents[1]


def test_the_listing_has_every_task_with_the_samples_that_it_makes_without_arguments() -> None:
    listed = from_yaml((ROOT / "src" / "peerwatch" / "eval.yaml").read_text(encoding="utf-8"))
    assert {row["name"] for row in listed["tasks"]} == set(SCENARIOS)
    made = {row["name"]: len(getattr(peerwatch, row["name"])().dataset) for row in listed["tasks"]}
    assert made == {row["name"]: row["dataset_samples"] for row in listed["tasks"]}


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
