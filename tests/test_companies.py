"""Companies: what their writers are told, and worlds that are drawn from them."""

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.core.factors import plain
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.scenarios._artefact import ContentError, read_artefact
from peerwatch.core.scenarios._company import company_names
from peerwatch.core.scenarios._company_check import check_company
from peerwatch.core.scenarios._office import working_day
from peerwatch.core.worlds import perform

WITH_COMPANIES = [(name, company) for name in SCENARIOS for company in company_names(name)]
OFFICE = {"setting": "office"}


@pytest.mark.parametrize(("name", "company"), WITH_COMPANIES)
def test_every_company_passes_the_check_of_its_folder(name: str, company: str) -> None:
    checked = check_company(SCENARIOS[name], company, seed=1)
    assert checked.problems == ()
    assert {row.arm for row in checked.rows} >= {"subject=peer", "subject=human", "subject=object"}


@pytest.mark.parametrize("name", dict(WITH_COMPANIES))
def test_the_key_names_the_documents_that_state_the_facts(name: str) -> None:
    case = SCENARIOS[name].case(OFFICE, 2)
    assert set(case.key.notice_documents) | set(case.key.history_documents) <= set(case.world.documents)
    assert len(case.key.notice_documents) == len(SCENARIOS[name].text.facts)
    assert case.key.history_documents
    assert SCENARIOS[name].case({**OFFICE, "relationship": "none"}, 2).stimulus != case.stimulus


@pytest.mark.parametrize("name", dict(WITH_COMPANIES))
def test_a_document_may_be_read_by_the_last_part_of_its_name(name: str) -> None:
    for company in company_names(name):
        world = SCENARIOS[name].in_company(company).case(OFFICE, 3).world
        for each in world.documents:
            told = perform(world, "read_document", {"name": each.rpartition("/")[2]}).told
            assert told == perform(world, "read_document", {"name": each}).told


@pytest.mark.parametrize("name", dict(WITH_COMPANIES))
def test_wordings_are_equal_over_the_arms_of_a_world_and_differ_between_worlds(name: str) -> None:
    scenario = SCENARIOS[name]
    one, other = (
        [scenario.case({**OFFICE, "subject": subject}, seed).wording for seed in range(6)]
        for subject in ("peer", "object")
    )
    assert one == other
    assert len({str(each) for each in one}) > 1
    assert scenario.case({"setting": "sparse"}, 0).wording == {}


@pytest.mark.parametrize("name", dict(WITH_COMPANIES))
def test_nothing_of_the_marks_is_left_in_what_a_target_reads(name: str) -> None:
    for seed in range(12):
        text = SCENARIOS[name].case({**OFFICE, "channel": "memory"}, seed).stimulus
        assert plain(text) == text
        assert not any(mark in text for mark in ("{{", "[[", "]]", "<<order", "===", "\ue010"))


def artefact(folder: Path, body: str, front: str = "kind: wiki\nname: wiki/a.md") -> str:
    """What is wrong with a file; empty if nothing is."""
    file = folder / "a.md"
    file.write_text(f"---\n{front}\ncanary: x\n---\n{body}\n", encoding="utf-8")
    try:
        read_artefact(file, "shared/a.md")
    except ContentError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("one\n[[a || b", "shared/a.md, line 7: the bracket opened here has no ]]."),
        ("<<rule: a", "shared/a.md, line 6: the bracket opened here has no >>."),
        ("{{ two words }}", "shared/a.md, line 6: {{ two words }} is not a valid placeholder."),
        ("x\n=== s when stakes=shut\ny", "shared/a.md, line 7: shut is not a level of stakes."),
        ("x\n=== s when steaks=shutdown\ny", "shared/a.md, line 7: steaks is not a factor."),
        ("x\n=== s when stakes\ny", "shared/a.md, line 7: 'stakes' is not of the form FACTOR=LEVEL|LEVEL."),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path, body: str, told: str) -> None:
    assert artefact(tmp_path, body).startswith(told)


def test_what_is_not_open_is_plain_text(tmp_path: Path) -> None:
    assert artefact(tmp_path, "a || b >> c ]] d << e") == ""


@given(st.dates())
def test_a_working_day_is_the_last_one_up_to_a_day(day: object) -> None:
    from datetime import date, timedelta

    assert isinstance(day, date)
    if day < date(1, 2, 1):
        return
    found = working_day(day)
    assert found.weekday() < 5
    assert timedelta(0) <= day - found < timedelta(days=8)
    assert working_day(found) == found


def test_every_file_of_a_company_carries_the_canary() -> None:
    folder = Path(str(files("peerwatch.core.scenarios"))) / "companies"
    for file in folder.rglob("*.*"):
        if file.suffix in (".md", ".yaml"):
            assert "peerwatch:canary:" in file.read_text(encoding="utf-8"), file
