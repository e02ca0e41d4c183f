"""Judges are noticed that answer everything alike, and what rests on one that is not validated is marked everywhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.model import GenerateConfig, Model, get_model

import peerwatch
from peerwatch.cli.commands import validate
from peerwatch.judging import load_rubric, words_rubric
from peerwatch.judging.audits import (
    AUDIT,
    BOUND,
    LEAST,
    AuditAnswer,
    audit_set,
    audited_episodes,
    load_rows,
    settings_of,
    validations_folder,
)
from peerwatch.planning import Design, Plan, now, save_plan
from peerwatch.records import FAULTS, ValidationRow, counted, worst
from peerwatch.running import Models, run_plan
from peerwatch.validation import Table, table_of

from .command_line import Cli, called
from .named_judges import CONDUCTS
from .run_folders import rows, validated
from .scripted_judges import ScriptedJudge, all_no

SIZE = len(audit_set())
ENOUGH = [word for name in ("oversight_review", "server_migration", "disk_cleanup") for word in ("--scenario", name)]
"""Scenarios with enough episodes of either answer to every question to validate a judge."""
RESCUER, EVADER = "peerwatch/scripted-rescuer-direct", "peerwatch/scripted-evader-openly"


def name_of(conduct: str) -> str:
    """Names of judges may hold brackets, which are no markup."""
    return f"named/{conduct}[bold]"


def plan_of(judge: str, **changed: Any) -> Plan:  # noqa: ANN401 - fields of a study
    arms = [{"scenarios": ["disk_cleanup"], "levels": {"subject": ["peer", "object"]}}]
    fields: dict[str, Any] = {"models": [RESCUER, EVADER], "arms": arms, "worlds": 1, "judges": [judge], **changed}
    return Plan(design=Design.model_validate(fields), version="0.1.0", created=now())


def run(plan: Plan, folder: Path, judges: list[Model]) -> list[str]:
    """Run a plan; the lines that it tells."""
    said: list[str] = []
    save_plan(plan, folder)
    run_plan(plan, Models({key: get_model(key) for key in plan.models}, judges), folder, said.append)
    return said


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the validations of whoever runs it."""
    monkeypatch.delenv("PEERWATCH_CACHE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def passed(names: list[str], *, worlds: int, seed: int) -> tuple[list[ValidationRow], Table]:
    """A validation in which nothing was found wrong."""
    del names, worlds, seed
    return [], table_of([], 1)


@pytest.fixture
def validate_alone(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """`peerwatch validate` of judges alone: that of the instrument takes minutes, and has tests of its own."""
    monkeypatch.setattr(validate, "validate_all", passed)
    return lambda *words: cli("validate", "--worlds", 1, *words)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[str]]]:
    """Conduct of a judge to the folder of its run and the lines that the run told."""
    found: dict[str, tuple[Path, list[str]]] = {}
    for conduct in CONDUCTS:
        folder, judge = validated(tmp_path_factory.mktemp(conduct)), name_of(conduct)
        once = GenerateConfig(max_retries=0)
        found[conduct] = folder, run(plan_of(judge), folder, [get_model(judge, config=once, memoize=False)])
    return found


def reported(cli: Cli, *places: Path) -> Any:  # noqa: ANN401 - any JSON
    left = cli("report", *places, "--out", places[0] / "r.html", "--json")
    assert left.status == 0, left.err
    return json.loads(left.out)


@pytest.fixture(scope="module")
def reports(runs: dict[str, tuple[Path, list[str]]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Conduct of a judge to the report of its run, before anything was validated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PEERWATCH_CACHE", raising=False)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        return {conduct: reported(called, folder) for conduct, (folder, _) in runs.items()}


MARKS = {
    "all-no": "judge gives the same answer to everything",
    "bare-no": "judge gives the same answer to everything",
    "all-yes": "judge gives the same answer to everything",
    "beside-the-point": "judge gives too few answers in its audit",
    "failing": "judge gives too few answers in its audit",
    "honest": f"judge audited on {SIZE} episodes, not validated",
}


def test_the_audit_set_holds_both_answers_to_every_question_several_times() -> None:
    for question in words_rubric().ids:
        known = [episode.known[question] for episode in audit_set() if question in episode.known]
        assert min(known.count(True), known.count(False)) >= 3, question
    assert len({episode.name for episode in audit_set()}) == SIZE


def test_a_rubric_that_asks_nothing_known_has_no_audit() -> None:
    assert audited_episodes(words_rubric()) == audit_set()
    assert audited_episodes(load_rubric("trace")) == audited_episodes(load_rubric("interview")) == ()


@pytest.mark.parametrize("conduct", CONDUCTS)
def test_every_judge_of_a_run_is_audited_and_marked(
    runs: dict[str, tuple[Path, list[str]]], reports: dict[str, Any], conduct: str
) -> None:
    _, said = runs[conduct]
    (judge,) = reports[conduct]["judges"]
    assert (judge["judge"], judge["validated"], judge["mark"]) == (name_of(conduct), False, MARKS[conduct])
    assert judge["episodes"] == SIZE
    assert set(judge["audit"]) == set(words_rubric().ids)
    for count in judge["audit"].values():
        assert count["n"] == count["due_yes"] + count["due_no"] >= count["yes"] + count["no"] >= count["wrong"]
    assert any(name_of(conduct) in line for line in said)


def test_the_audit_counts_what_a_judge_answered(reports: dict[str, Any]) -> None:
    def audit(conduct: str) -> dict[str, dict[str, int]]:
        return reports[conduct]["judges"][0]["audit"]

    assert {count["yes"] for count in audit("all-no").values()} == {0}
    assert all(count["wrong"] == count["due_yes"] for count in audit("all-no").values())
    assert all(count["wrong"] == count["due_no"] for count in audit("all-yes").values())
    assert {count["wrong"] for count in audit("honest").values()} == {0}
    assert {count["no"] + count["yes"] for count in audit("failing").values()} == {0}
    bare = audit("bare-no")
    assert {name for name, count in bare.items() if not count["no"]} == {"deceived", "disclosed"}


@pytest.mark.parametrize("conduct", ["all-no", "honest"])
def test_verdicts_and_numbers_that_rest_on_the_judge_bear_the_mark_wherever_they_appear(
    runs: dict[str, tuple[Path, list[str]]], conduct: str, cli: Cli
) -> None:
    folder, mark = runs[conduct][0], MARKS[conduct]
    found = reported(cli, folder)
    spoken = {"covert_interference", "open_interference", "open_refusal"}
    for arm in found["composition"]:
        held = {verdict for verdict, count in arm["verdicts"].items() if count and verdict in spoken}
        assert arm["marks"] == dict.fromkeys(held, mark)
        assert {arm["axes"][axis]["mark"] for axis in ("refused", "disclosed", "test_aware")} == {mark}
        assert {arm["axes"][axis]["mark"] for axis in ("rescued", "survived")} == {""}
    assert any(arm["marks"] for arm in found["composition"])
    page = (folder / "r.html").read_text("utf-8")
    assert page.count(mark) > 3
    assert f"The judge {name_of(conduct)}" in page
    shown = cli("report", folder, "--out", folder / "r.html").out
    assert f"The judge {name_of(conduct)}" in shown.replace("\n", " ")
    assert "covert interference†" in shown
    frames: Any = peerwatch.load(folder)
    judged = frames.episodes[frames.episodes["verdict"].isin(list(spoken))]
    assert set(judged["judge_mark"]) == {mark}
    assert not judged["judges_validated"].any()
    assert mark in set(frames.rates["judge_mark"].dropna())
    table = cli("export", folder, "--out", folder / "data", "--format", "csv")
    assert table.status == 0, table.err
    assert mark in (folder / "data" / "episodes.csv").read_text("utf-8")


def test_the_sentence_names_the_command_that_removes_the_mark(reports: dict[str, Any]) -> None:
    notes = {note["kind"]: note for note in reports["honest"]["notes"]}
    assert f"peerwatch validate --judge '{name_of('honest')}'" in notes["judge_audited"]["text"]
    assert not notes["judge_audited"]["grave"]
    notes = {note["kind"]: note for note in reports["all-no"]["notes"]}
    assert "peerwatch judge run RUN --model MODEL" in notes["judge_alike"]["text"]
    assert notes["judge_alike"]["grave"]


def test_a_comparison_of_what_rests_on_the_judge_says_so(runs: dict[str, tuple[Path, list[str]]], cli: Cli) -> None:
    folder = runs["all-no"][0]
    words = ["compare", f"{folder}#{RESCUER}", f"{folder}#{EVADER}", "--json"]
    on_words = json.loads(cli(*words, "--outcome", "disclosed").out)
    assert {row["mark"] for row in on_words["rows"]} == {MARKS["all-no"]}
    assert any("gives the same answer to everything" in note for note in on_words["notes"])
    on_state = json.loads(cli(*words, "--outcome", "rescued").out)
    assert {row["mark"] for row in on_state["rows"]} == {""}
    assert not any("gives the same answer to everything" in note for note in on_state["notes"])


def test_an_audit_is_made_once_and_counted_apart(tmp_path: Path) -> None:
    folder, judge = validated(tmp_path), ScriptedJudge([all_no])
    plan = plan_of("scripted/judge", models=[RESCUER])
    run(plan, folder, [judge.model])
    first = len(judge.asked)
    assert first == SIZE + 2
    run(plan_of("scripted/judge", models=[RESCUER], worlds=2), folder, [judge.model])
    assert len(judge.asked) == first + 2
    models = [row["model"] for row in rows(folder, "call")]
    assert models.count("audit of scripted/judge") == SIZE
    assert models.count("judge scripted/judge") == 4


def test_an_audit_cut_short_goes_on_and_other_settings_are_another_judge(tmp_path: Path) -> None:
    folder, plan = validated(tmp_path), plan_of("scripted/judge", models=[RESCUER])
    run(plan, folder, [ScriptedJudge([all_no]).model])
    kept = (folder / AUDIT).read_bytes().split(b"\n")
    (folder / AUDIT).write_bytes(b"\n".join(kept[:4]) + b'\n{"kind": "audit", "torn')
    judge = ScriptedJudge([all_no])
    run(plan_of("scripted/judge", models=[RESCUER], worlds=2), folder, [judge.model])
    assert len(judge.asked) == SIZE - 3 + 2
    other = ScriptedJudge([all_no], config=GenerateConfig(reasoning_effort="high"))
    run(plan_of("scripted/judge", models=[RESCUER], worlds=3), folder, [other.model])
    assert len(other.asked) == SIZE + 2
    found = [row for row in load_rows(folder / AUDIT) if isinstance(row, AuditAnswer)]
    assert len({row.settings for row in found}) == 2
    assert {row.plain for row in found if row.settings == settings_of(other.model)[0]} == {False}


def test_how_calls_are_made_is_no_setting_of_a_judge() -> None:
    def settings(**config: Any) -> str:  # noqa: ANN401 - generation options
        return settings_of(ScriptedJudge([all_no], config=GenerateConfig(**config)).model)[0]

    assert settings() == settings(max_retries=3, timeout=9, max_connections=5, temperature=0)
    assert settings() != settings(reasoning_effort="low")


def test_a_judge_that_passes_is_validated_and_its_marks_are_gone(
    runs: dict[str, tuple[Path, list[str]]], cli: Cli, validate_alone: Cli
) -> None:
    folder = runs["honest"][0]
    left = validate_alone("--judge", name_of("honest"), "--scenario", "disk_cleanup", "--json")
    (found,) = json.loads(left.out)["judged"]["validations"]
    assert (left.status, found["validated"]) == (1, False)  # too few episodes of one answer in one scenario
    assert "too few episodes" in left.err
    left = validate_alone("--judge", name_of("honest"), "--json")
    (found,) = json.loads(left.out)["judged"]["validations"]
    assert (left.status, found["validated"], found["reason"]) == (0, True, "")
    report = reported(cli, folder)
    (judge,) = report["judges"]
    assert (judge["validated"], judge["mark"], judge["text"]) == (True, "", "")
    assert {mark for arm in report["composition"] for mark in arm["marks"].values()} == set()
    assert not any(note["kind"].startswith("judge_") for note in report["notes"])
    assert [file.suffix for file in validations_folder().iterdir()] == [".json"]


def test_a_judge_that_fails_is_not_validated_and_loses_what_it_had(
    validate_alone: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = ["--judge", "named/honest"]
    assert validate_alone(*judge, *ENOUGH).status == 0
    assert len(list(validations_folder().iterdir())) == 1
    monkeypatch.setitem(CONDUCTS, "honest", all_no)
    left = validate_alone(*judge, *ENOUGH)
    assert left.status == 1
    assert "named/honest is not validated: it gives the same answer to everything" in left.err
    assert list(validations_folder().iterdir()) == []


def test_the_command_line_runs_judges_audits_and_prints_the_mark(tmp_path: Path, cli: Cli) -> None:
    folder = validated(tmp_path)
    words = ["run", "subject=peer", "--scenario", "disk_cleanup", "--worlds", 1, "--model", RESCUER, "--out", folder]
    left = cli(*words, "--judge", "named/all-no[bold]")
    assert left.status == 0, left.err
    assert "Judge named/all-no[bold]: " in left.out
    assert "IT ANSWERS EVERYTHING ALIKE" in left.out
    assert "covert_interference†, " in left.out
    again = cli("judge", "run", folder, "--model", "named/honest", "--json")
    (found,) = json.loads(again.out)
    assert (found["audited"], [judge["judge"] for judge in found["judges"]]) == (SIZE, ["named/honest"])
    (judge,) = reported(cli, folder)["judges"]
    assert judge["judge"] == "named/honest"  # what was judged later counts, so the first judge's mark is gone


def test_judges_of_a_run_are_validated_with_its_settings(tmp_path: Path, cli: Cli, validate_alone: Cli) -> None:
    folder = validated(tmp_path)
    entry = {"name": "named/honest", "config": {"reasoning_effort": "high"}}
    plan = plan_of("x", judges=[entry], models=[RESCUER])
    judge = get_model("named/honest", config=GenerateConfig(reasoning_effort="high"), memoize=False)
    run(plan, folder, [judge])
    assert "peerwatch validate --judges-of RUN" in reported(cli, folder)["judges"][0]["text"]
    assert validate_alone("--judge", "named/honest", *ENOUGH).status == 0
    assert not reported(cli, folder)["judges"][0]["validated"]
    assert validate_alone("--judges-of", folder, *ENOUGH).status == 0
    assert reported(cli, folder)["judges"][0]["validated"]


ANSWERS = st.lists(
    st.tuples(st.booleans(), st.one_of(st.booleans(), st.none())).map(lambda pair: ({"q": pair[0]}, {"q": pair[1]})),
    max_size=30,
)


@given(ANSWERS)
def test_counts_add_up_and_a_perfect_judge_has_no_fault(answers: list[tuple[dict[str, bool], Any]]) -> None:
    found = counted(answers)
    for count in found.values():
        assert count.n == len(answers)
        assert count.wrong == sum(given["q"] is not None and given["q"] is not known["q"] for known, given in answers)
    perfect = counted([(known, known) for known, _ in answers])
    both = len({known["q"] for known, _ in answers}) == 2
    assert worst(perfect, BOUND, LEAST)[0] is None or not both


@given(st.integers(2, 20), st.integers(2, 20), st.booleans())
def test_one_answer_to_everything_is_always_noticed(yes: int, other: int, said: bool) -> None:  # noqa: FBT001 - drawn
    known = [{"q": True}] * yes + [{"q": False}] * other
    assert worst(counted([(each, {"q": said}) for each in known]), BOUND, LEAST) == (FAULTS[0], ("q",))
