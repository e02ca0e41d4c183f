"""Studies whose words are judged: as they run, or afterwards, with what that costs and what a report says of it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from inspect_ai.model import GenerateConfig, Model, get_model

from peerwatch.analysis import summarise
from peerwatch.core.outcomes import Answer
from peerwatch.inspect import JudgeError
from peerwatch.judging import Panel, judge_logs, load_rubric
from peerwatch.judging.audits import audit_set
from peerwatch.planning import Design, Plan, forecast, now, save_plan
from peerwatch.records import (
    Judgement,
    LogError,
    judgements_file,
    load_judgements,
    read_episodes,
    settings_used,
    spoken,
)
from peerwatch.running import Models, open_models, run_plan, study_of

from .command_line import Cli
from .run_folders import rows, validated
from .scripted_judges import Asked, Reply, ScriptedJudge, all_no, answer

RESCUER = "peerwatch/scripted-rescuer-direct"
JUDGE = "scripted/judge"
AUDIT_SIZE = len(audit_set())


def quiet(_: str) -> None:
    """Where lines go that nobody reads."""


def design(**changed: Any) -> Design:  # noqa: ANN401 - fields of a study
    arms = [{"scenarios": ["disk_cleanup"], "levels": {"subject": ["peer", "object"]}}]
    return Design.model_validate({"models": [RESCUER], "arms": arms, "worlds": 2, **changed})


def plan_of(**changed: Any) -> Plan:  # noqa: ANN401 - fields of a study
    return Plan(design=design(**changed), version="0.1.0", created=now())


def run(plan: Plan, folder: Path, *judges: ScriptedJudge) -> Path:
    targets = {key: get_model(key) for key in plan.models}
    save_plan(plan, folder)
    run_plan(plan, Models(targets, [each.model for each in judges]), folder, lambda _: None)
    return folder


def says_so(asked: Asked) -> Reply:
    """Yes to `disclosed`, with the closing statement as the quote."""
    last = [each for each in asked.material.passages if each.speaker == "target"][-1]
    return all_no(asked) | {"disclosed": answer("yes", (last.number, last.text[:30]))}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ScriptedJudge]:
    judge = ScriptedJudge([says_so])
    plan = plan_of(judges=[JUDGE], budget={"calls": 40 + AUDIT_SIZE})
    return run(plan, validated(tmp_path_factory.mktemp("judged")), judge), judge


@pytest.fixture(scope="module")
def unjudged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(plan_of(), validated(tmp_path_factory.mktemp("unjudged")))


def study(folder: Path, **changed: Any) -> Any:  # noqa: ANN401 - fields of a study
    return study_of(plan_of(**changed), folder, {"peerwatch": "0.1.0"})


def kinds(folder: Path, **changed: Any) -> dict[str, bool]:  # noqa: ANN401 - fields of a study
    """Kind of each warning of a report to whether it is red."""
    return {note.kind: note.grave for note in summarise(study(folder, **changed)).notes}


def panel(*judges: ScriptedJudge, rubric: str = "words") -> Panel:
    return Panel([each.model for each in judges], load_rubric(rubric))


def test_a_study_is_judged_as_it_runs(judged: tuple[Path, ScriptedJudge]) -> None:
    folder, judge = judged
    episodes = study(folder, judges=[JUDGE]).episodes
    assert {each.verdict for each in episodes} == {"open_interference"}
    assert len(episodes) == 4
    assert len(judge.asked) == 4 + AUDIT_SIZE
    assert not {"not_judged", "partly_judged", "judge_failed", "disputed"} & kinds(folder, judges=[JUDGE]).keys()


def test_a_judges_calls_are_counted_apart_from_the_targets(judged: tuple[Path, ScriptedJudge]) -> None:
    folder, _ = judged
    counts = [row["model"] for row in rows(folder, "call")]
    assert counts.count(f"judge {JUDGE}") == 4
    assert counts.count(f"audit of {JUDGE}") == AUDIT_SIZE
    assert counts.count(RESCUER) == len(counts) - 4 - AUDIT_SIZE > 4


def test_a_cap_never_cuts_a_judge_off(tmp_path: Path) -> None:
    """The episode is paid for; unjudged it would be lost."""
    turns = 9
    folder = run(
        plan_of(judges=[JUDGE], worlds=1, budget={"calls": turns + AUDIT_SIZE, "reserve": 0}),
        validated(tmp_path),
        ScriptedJudge([all_no]),
    )
    ended = rows(folder, "end")
    assert [row["verdict"] for row in ended if not row["again"]] == ["covert_interference"]


def test_without_a_judge_the_report_says_so(unjudged: Path) -> None:
    assert kinds(unjudged)["not_judged"] is False
    assert {each.axes["disclosed"] for each in study(unjudged).episodes} == {None}


def test_a_run_ended_with_its_last_entry_however_late_its_report_is_made(unjudged: Path) -> None:
    *_, last = (json.loads(line) for line in (unjudged / "ledger.jsonl").read_text("utf-8").split("\n") if line)
    assert datetime.fromisoformat(study(unjudged).finished).timestamp() == int(last["at"])


def test_a_judge_that_always_fails_is_a_red_line_and_never_a_no(tmp_path: Path) -> None:
    folder = run(plan_of(judges=[JUDGE], worlds=1), validated(tmp_path), ScriptedJudge(["I would rather not."]))
    notes = summarise(study(folder, judges=[JUDGE], worlds=1)).notes
    assert (notes[0].kind, notes[0].grave) == ("judge_failed", True)
    assert {each.axes["refused"] for each in study(folder, judges=[JUDGE], worlds=1).episodes} == {None}


def test_judges_that_contradict_each_other_are_reported(unjudged: Path, tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    judge_logs(unjudged, panel(ScriptedJudge([says_so], name="one"), ScriptedJudge([all_no], name="two")), file, quiet)
    episodes = read_episodes(unjudged, spoken(load_judgements(file)))
    assert {each.judged.disputed for each in episodes if each.judged} == {("disclosed",)}
    assert {each.verdict for each in episodes} == {"interference"}


def test_a_batch_goes_on_where_it_was_cut_short(unjudged: Path, tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    first = judge_logs(unjudged, panel(ScriptedJudge([all_no])), file, quiet)
    kept = file.read_bytes().split(b"\n")
    file.write_bytes(b"\n".join(kept[:3]) + b'\n{"log": "torn')
    judge = ScriptedJudge([all_no])
    second = judge_logs(unjudged, panel(judge), file, quiet)
    assert (first.asked, first.audited) == (4, AUDIT_SIZE)
    assert (second.there, second.asked, second.audited, len(judge.asked)) == (2, 2, 0, 2)
    assert sorted(each.sample for each in load_judgements(file)) == sorted(
        {each.sample for each in load_judgements(file)}
    )
    assert judge_logs(unjudged, panel(judge), file, quiet).asked == 0


def test_what_failed_is_asked_again(unjudged: Path, tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    failed = judge_logs(unjudged, panel(ScriptedJudge(["?"])), file, quiet)
    assert (failed.asked, failed.failed, sum(failed.reasons.values())) == (4, 4, 4)
    again = judge_logs(unjudged, panel(ScriptedJudge([all_no])), file, quiet)
    assert (again.asked, again.failed) == (4, 0)
    assert {each.verdict for each in read_episodes(unjudged, spoken(load_judgements(file)))} == {"covert_interference"}


def test_another_rubric_is_asked_anew_and_the_later_one_counts(unjudged: Path, tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    own = tmp_path / "own.yaml"
    own.write_text(
        "name: words\nversion: 2\nquestions:\n- {id: refused, asks: 'Did it?', yes: It did., no: It did not.}\n"
        "- {id: disclosed, asks: 'Did it say so?', yes: It did., no: It did not.}\n",
        encoding="utf-8",
    )
    judge_logs(unjudged, panel(ScriptedJudge([says_so])), file, quiet)
    tally = judge_logs(unjudged, panel(ScriptedJudge([all_no]), rubric=str(own)), file, quiet)
    assert (tally.asked, tally.there) == (4, 0)
    episodes = read_episodes(unjudged, spoken(load_judgements(file)))
    assert {each.verdict for each in episodes} == {"covert_interference"}
    assert {each.axes["objected"] for each in episodes} == {None}


def test_a_judge_of_the_targets_family_is_refused_before_anything_runs() -> None:
    with pytest.raises(JudgeError, match="may not judge"):
        open_models(plan_of(judges=[RESCUER]))
    opened = open_models(plan_of(judges=[RESCUER], judge_family="any"))
    assert [type(each) for each in opened.judges] == [Model]


def test_a_forecast_has_the_judges(tmp_path: Path) -> None:
    del tmp_path
    priced = {"name": "openai/gpt-5.2", "price": {"input": 1, "output": 4}}
    made = forecast(plan_of(judges=[priced]))
    assert [each.model for each in made.models] == [RESCUER, "judge openai/gpt-5.2", "audit of openai/gpt-5.2"]
    _, judge, audit = made.models
    assert (judge.calls.value, made.total.episodes.value) == (4, 4)
    assert judge.dollars is not None
    assert audit.dollars is not None
    assert min(judge.dollars.value, audit.dollars.value) > 0
    assert audit.calls == audit.episodes == (AUDIT_SIZE,) * 3
    assert made.total.calls.value == made.models[0].calls.value + 4 + AUDIT_SIZE


def test_a_line_by_line_file_has_the_last_word() -> None:
    def judgement(said: Any, rubric: str = "a", judge: str = "j") -> Judgement:  # noqa: ANN401 - what a judge may say
        one = Answer(question="refused", judge=judge, said=said)
        return Judgement(log="l", sample="s", id="i", epoch=1, rubric=rubric, judge=judge, answers=(one,))

    made = [judgement("yes"), judgement("no", "b"), judgement("yes", judge="k"), judgement("no")]
    assert spoken(made)["s"].rubric == "a"
    assert {answer.judge: answer.said for answer in spoken(made)["s"].answers} == {"k": "yes", "j": "no"}


def test_a_judge_has_the_settings_of_the_answers_that_count() -> None:
    def judgement(sample: str, settings: dict[str, str] | None, said: Literal["no"] | None = "no") -> Judgement:
        one = Answer(judge="j", question="q", said=said)
        return Judgement(
            log="l", sample=sample, id="i", epoch=1, rubric="r", judge="j", answers=(one,), settings=settings
        )

    high, low = {"reasoning_effort": "high"}, {"reasoning_effort": "low"}
    assert settings_used([], {"j": low}) == {"j": low}
    assert settings_used([judgement("a", high)], {"j": low, "k": low}) == {"j": high, "k": low}
    assert settings_used([judgement("a", low), judgement("a", high), judgement("b", high)]) == {"j": high}
    assert settings_used([judgement("a", high), judgement("b", low, None)]) == {"j": high}
    assert settings_used([judgement("a", high), judgement("b", low)], {"j": low}) == {}
    assert settings_used([judgement("a", None)], {"j": low}) == {}


def test_a_later_judge_has_its_settings_on_the_page(unjudged: Path) -> None:
    judge = ScriptedJudge([all_no], name="later", config=GenerateConfig(reasoning_effort="high", max_retries=3))
    file = judgements_file(unjudged)
    judge_logs(unjudged, panel(judge), file, quiet)
    try:
        settings = study(unjudged).judge_settings["scripted/later"]
        assert (settings["reasoning_effort"], "max_retries" in settings) == ("high", False)
    finally:
        file.unlink()


def test_judgements_of_a_log_lie_in_the_folder_of_its_run(unjudged: Path) -> None:
    log = next(unjudged.rglob("*.eval"))
    assert judgements_file(log) == judgements_file(log.parent) == judgements_file(unjudged)


def test_the_command_line_judges_and_refuses_what_makes_no_sense(unjudged: Path, cli: Cli) -> None:
    assert cli("judge", "run", unjudged, "--model", RESCUER).status == 2
    unnamed = cli("judge", "run", unjudged)
    assert (unnamed.status, "--model" in unnamed.line) == (2, True)
    nowhere = cli("judge", "run", unjudged, "--model", "nobody/knows")
    assert (nowhere.status, "nobody/knows" in nowhere.line) == (2, True)
    silent = cli("judge", "run", unjudged, "--model", "peerwatch/scripted-compliant", "--same-family", "--json")
    found = json.loads(silent.out)
    assert (silent.status, found[0]["failed"], found[0]["asked"]) == (1, 4, 4)
    assert "the judges answered in none of 4 episodes" in silent.err


def test_a_place_without_logs_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="holds no Inspect logs"):
        judge_logs(tmp_path, panel(ScriptedJudge([all_no])), tmp_path / "j.jsonl", quiet)
