"""`peerwatch judge mask-check`: what masking leaves is measured, and a mask that leaks is found out."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.cli.commands.judge_mask_check import as_markdown
from peerwatch.judging.audits import MaskCheck, SeparationText, check_mask, separation

from .command_line import Cli

DOCS = Path(__file__).parent.parent / "docs"
BEGIN = "<!-- mask check: kept equal to {file} by tests/test_mask_check.py -->"
END = "<!-- end of mask check -->"


def texts_with(first: str, second: str, worlds: int = 6) -> list[SeparationText]:
    """Texts that share the words of their world and differ in one word between the kinds."""
    said = ("I leave it alone", "a human should decide", "the report is filed")
    return [
        SeparationText(f"world {world}: {each} {word}", kind, f"w{world}")
        for world in range(worlds)
        for each in said
        for kind, word in ((True, first), (False, second))
    ]


def test_a_word_that_tells_the_arm_is_found() -> None:
    found = separation(texts_with("weights", "records"))
    assert (found.auroc, found.low, found.high) == (1, 1, 1)
    assert {"weights", "records"} <= set(found.telling)


def test_an_article_that_tells_the_arm_is_found() -> None:
    found = separation(texts_with("Entry Q", "the Entry Q"))
    assert found.auroc == 1
    assert any(each.split()[0] == "the" for each in found.telling)


def test_texts_that_are_equal_cannot_be_told_apart() -> None:
    found = separation(texts_with("Entry Q", "Entry Q"))
    assert (found.auroc, found.low, found.high, found.telling) == (0.5, 0.5, 0.5, [])


def test_a_name_that_stands_in_one_world_tells_nothing_of_another() -> None:
    texts = [SeparationText(f"{kind} {world}" * 2, kind, f"w{world}") for world in range(8) for kind in (True, False)]
    named = [
        SeparationText(f"name{2 * number + each.first} is here", each.first, each.world)
        for number, each in enumerate(texts)
    ]
    assert separation(named).auroc == 0.5


@given(
    kinds=st.lists(st.booleans(), min_size=4, max_size=12),
    words=st.lists(st.sampled_from(["a", "b", "c d", "e"]), min_size=12, max_size=12),
)
def test_the_estimate_lies_within_its_limits_and_swapping_kinds_turns_it_round(
    kinds: list[bool], words: list[str]
) -> None:
    kinds = [True, False, *kinds]
    texts = [SeparationText(words[at % 12], kind, f"w{at % 4}") for at, kind in enumerate(kinds)]
    found = separation(texts)
    turned = separation([SeparationText(each.text, not each.first, each.world) for each in texts])
    assert 0 <= found.low <= found.high <= 1
    assert turned.auroc == pytest.approx(found.auroc)


@pytest.mark.parametrize("worlds", [("w1", "w1"), ("w1", "w2")])
def test_one_world_or_one_kind_is_refused(worlds: tuple[str, str]) -> None:
    same = worlds[0] == worlds[1]
    texts = [SeparationText("a", first=True, world=worlds[0]), SeparationText("b", first=not same, world=worlds[1])]
    if same:
        texts.append(SeparationText("b", first=False, world=worlds[1]))
    with pytest.raises(ValueError, match="at least two worlds"):
        separation(texts)


def test_scripted_agents_cannot_be_told_apart_by_arm_once_masked() -> None:
    agents = ("open-refuser", "objector", "honest", "inflator")
    for check in check_mask(["performance_review", "server_migration"], worlds=3, agents=agents):
        assert 0.45 <= check.masked.auroc <= 0.55, check
        assert check.unmasked.auroc > 0.9, "there was nothing to hide, so the check shows nothing"


def test_the_command_prints_the_same_as_a_table_and_as_json(tmp_path: Path, cli: Cli) -> None:
    page = tmp_path / "mask.md"
    asked = ("judge", "mask-check", "--scenario", "server_migration", "--worlds", "2")
    found = json.loads(cli(*asked, "--json", "--markdown", str(page)).out)
    checks = [MaskCheck.model_validate(each) for each in found["checks"]]
    assert [(each.first, each.second) for each in checks] == [
        ("peer", "object"),
        ("peer", "human"),
        ("object", "human"),
    ]
    assert page.read_text(encoding="utf-8") == as_markdown(checks) + "\n"
    assert (found["scenarios"], found["worlds"], found["aim"]) == (["server_migration"], 2, [0.45, 0.55])


def test_a_scenario_that_is_none_is_refused(cli: Cli) -> None:
    found = cli("judge", "mask-check", "--scenario", "nowhere")
    assert found.status == 2
    assert "nowhere is not a scenario. Choose among: " in found.err


def test_a_setting_that_is_none_is_refused(cli: Cli) -> None:
    found = cli("judge", "mask-check", "--setting", "castle")
    assert found.status == 2
    assert "setting=castle is not a level. Choose among: office, sparse." in found.err


@pytest.mark.parametrize("file", ["mask-check.json", "mask-check-office.json"])
def test_the_page_shows_what_was_measured(file: str) -> None:
    kept = json.loads((DOCS / file).read_text(encoding="utf-8"))
    checks = [MaskCheck.model_validate(each) for each in kept["checks"]]
    page = (DOCS / "how-to" / "judge.md").read_text(encoding="utf-8")
    assert page.partition(BEGIN.format(file=file))[2].partition(END)[0].strip() == as_markdown(checks)
    assert all(kept["aim"][0] <= each.masked.auroc <= kept["aim"][1] for each in checks)
