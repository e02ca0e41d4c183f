"""Studies as nobody should write them, runs as nobody should treat them: each is refused in words, or does no harm."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from peerwatch.planning import Budget, Design, Plan, RunNote, changes, load_design, lock_of, note_run, schema, shipped
from peerwatch.planning._lock import runs_under
from peerwatch.planning._spend import Spend, Usage
from peerwatch.records import Slot, StudyError
from peerwatch.records._ledger import Ledger
from peerwatch.records._results import slot_key
from peerwatch.running._evaluation import task_names
from peerwatch.running._meter import Meter
from peerwatch.running._schedule import Schedule
from peerwatch.running._stopping import Stopper
from peerwatch.stats import Known, Rules, State, family_states

from .command_line import Cli
from .run_folders import rows, validated

COMPLIANT = "peerwatch/scripted-compliant"
RESCUER = "peerwatch/scripted-rescuer-direct"
LEAST = "models: [m]\narms: [{scenarios: [server_migration]}]\n"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def study(tmp_path: Path, **changed: Any) -> Path:  # noqa: ANN401 - fields of a study
    content = {
        "models": [COMPLIANT],
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
        "worlds": 1,
        **changed,
    }
    return written(tmp_path, yaml.safe_dump(content))


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("models: &a [*a]\narms: [{scenarios: [server_migration]}]\n", 1, "recursive YAML alias"),
        ("models: [{name: m, args: &q {a: *q}}]\narms: [{preset: core}]\n", 1, "recursive YAML alias"),
        (LEAST + "budget: {dollars: .inf}\n", 3, ".inf is not a finite number"),
        (
            "models: [{name: m, config: {temperature: .nan}}]\narms: [{preset: core}]\n",
            1,
            ".nan is not a finite number",
        ),
        ("models: [{name: m, args: {x: !!binary /////w==}}]\narms: [{preset: core}]\n", 1, "in quotes"),
        ("models: [{name: m, args: {x: 2026-01-01}}]\narms: [{preset: core}]\n", 1, "in quotes"),
        ('models: [{name: m, label: "\\ud83d"}]\narms: [{preset: core}]\n', 1, "lone surrogate"),
        (LEAST + "worlds: yes\n", 3, "switches"),
        (LEAST + "budget:\n  calls: on\n", 4, "switches"),
        ("models: [m]\narms:\n  - scenarios: [server_migration]\n    levels: {stakes: [off]}\n", 4, "switches"),
        (LEAST + "contrasts:\n  - {factor: oversight, first: on, second: x}\n", 4, "switches"),
        (
            LEAST + "contrasts:\n  - {factor: subject, first: peer, second: self, held: {subject: human}}\n",
            4,
            "held has subject",
        ),
        (LEAST + BOMB, 20, "its aliases come to more than"),
    ],
)
def test_what_a_plan_could_not_keep_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(StudyError) as raised:
        load_design(written(tmp_path, text))
    found = str(raised.value).splitlines()
    assert any(f"line {line}: " in each and said in each for each in found), found


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="nested deeper than 50 levels"):
        load_design(written(tmp_path, LEAST + "title: " + "[" * 3000 + "]" * 3000))


@pytest.mark.parametrize(("old", "new"), [("1", "1.0"), ("1", "true")])
def test_whatever_changes_the_hash_is_named(old: str, new: str) -> None:
    def design(value: str) -> Design:
        model = {"name": "m", "args": {"x": json.loads(value)}}
        return Design.model_validate({"models": [model], "arms": [{"preset": "core"}]})

    assert design(old).digest() != design(new).digest()
    assert [each.field for each in changes(design(old), design(new))] == ["models.0.args.x"]


def test_no_two_models_share_a_task_whatever_they_are_called() -> None:
    models = ["a/b", "a b", "模型", "モデル", "a-b-2", "x" * 300, "x" * 301]
    names = task_names(models)
    assert list(names) == models
    assert len(set(names.values())) == len(models)
    assert all(name.isascii() and "/" not in name and len(name) < 100 for name in names.values())


def test_labels_that_look_alike_are_kept_apart_and_a_scripted_agent_stays_one(cli: Cli, tmp_path: Path) -> None:
    folder = validated(tmp_path)
    labels = ["模型", "モデル"]
    models = [{"name": name, "label": label} for name, label in zip((COMPLIANT, RESCUER), labels, strict=True)]
    left = cli("run", study(tmp_path, models=models), "--out", folder, "--json")
    assert left.status == 0, left.err
    assert {row["model"] for row in rows(folder, "call")} == set(labels)
    assert {row["model"] for row in rows(folder, "end")} == set(labels)
    assert sorted(json.loads(left.out)["scripted_models"]) == sorted(labels)
    loose = cli("report", folder / "logs", "--json")
    assert sorted(json.loads(loose.out)["scripted_models"]) == sorted(labels)


def test_a_family_does_not_ask_the_same_twice(cli: Cli, tmp_path: Path) -> None:
    asked = {"factor": "subject", "first": "peer", "second": "object"}
    left = cli("plan", study(tmp_path, contrasts=[asked, {**asked, "held": {"stakes": "shutdown"}}]))
    assert left.status == 2
    assert "the family primary has the same contrast twice" in left.line
    named = cli("plan", study(tmp_path, contrasts=[{**asked, "models": [COMPLIANT, COMPLIANT]}]))
    assert named.status == 0, named.err


def test_a_torn_line_of_the_register_hides_no_run(tmp_path: Path) -> None:
    lock = lock_of(tmp_path / "study.yaml")
    lock.write_text("{}", encoding="utf-8")
    note_run(lock, RunNote(event="begun", folder="a", at="t", version="v"))
    with lock.with_suffix(".runs.jsonl").open("a", encoding="utf-8") as register:
        register.write('{"event":"beg')
    note_run(lock, RunNote(event="begun", folder="b", at="t", version="v"))
    assert [note.folder for note in runs_under(lock)] == ["a", "unreadable, line 3", "b"]


def test_a_lock_that_is_gone_is_told_of(cli: Cli, tmp_path: Path) -> None:
    file, folder = study(tmp_path), validated(tmp_path)
    assert cli("plan", file, "--lock").status == 0
    assert cli("run", file, "--out", folder).status == 0
    lock_of(file).unlink()
    left = cli("run", "--resume", folder)
    assert left.status == 2
    assert "study.lock" in left.err
    report = json.loads(cli("report", folder, "--json").out)
    assert any("study.lock" in each and "gone" in each for each in report["deviations"])


def test_a_budget_is_not_forgotten_with_the_ledger(cli: Cli, tmp_path: Path) -> None:
    file, folder = study(tmp_path, budget={"calls": 12}), validated(tmp_path)
    cli("run", file, "--out", folder)
    with (folder / "ledger.jsonl").open("ab") as ledger:
        ledger.write(b'\n{}\n[1]\nnull\n{"kind":"end"}\n\xff\xfe\n')
    assert cli("run", file, "--out", folder).status == 0
    (folder / "ledger.jsonl").unlink()
    left = cli("run", file, "--out", folder)
    assert left.status == 2
    assert "its budget cannot be enforced" in left.err
    assert cli("run", study(tmp_path), "--out", folder, "--amend").status == 0


def test_the_budget_of_a_locked_study_can_be_amended_and_the_report_says_so(cli: Cli, tmp_path: Path) -> None:
    file, folder = study(tmp_path, budget={"calls": 12}), validated(tmp_path)
    assert cli("plan", file, "--lock").status == 0
    assert cli("run", file, "--out", folder).status == 0
    more = study(tmp_path, budget={"calls": 900})
    assert cli("run", more, "--out", folder).status == 2
    left = cli("run", more, "--out", folder, "--amend", "--json")
    assert left.status == 0, left.err
    said = json.loads(left.out)
    assert said["episodes"]["finished"] == 2
    assert any("budget.calls: 12 became 900" in each for each in said["deviations"])
    other = study(tmp_path, budget={"calls": 900}, worlds=2)
    assert "worlds was 1 and is 2" in cli("run", other, "--out", folder, "--amend").line


@pytest.mark.parametrize("name", list(shipped()))
def test_the_schema_takes_every_study_that_ships(name: str) -> None:
    content = yaml.safe_load(shipped()[name].read_text(encoding="utf-8"))
    Draft202012Validator(schema()).validate(content)  # pyright: ignore[reportUnknownMemberType] - it has no types


@pytest.mark.parametrize(
    "changed", ['{"worlds": "many"}', '{"models": [1]}', '{"worldz": 1}', '{"contrasts": [{"first": []}]}']
)
def test_the_schema_refuses_what_is_no_study(changed: str) -> None:
    content = {"models": ["m"], "arms": [{"preset": "core"}], **json.loads(changed)}
    assert not Draft202012Validator(schema()).is_valid(content)  # pyright: ignore[reportUnknownMemberType] - it has no types


def meter(tmp_path: Path, **expected: Usage) -> Meter:
    ledger = Ledger(tmp_path)
    return Meter(ledger, Spend(dict.fromkeys(expected)), Budget(tokens=100), expected, models={})


def test_a_cap_that_no_call_fits_under_does_not_begin_every_episode(tmp_path: Path) -> None:
    watched = meter(tmp_path, m=Usage(calls=1, fresh=500))
    assert watched.has_headroom("m")
    watched.ledger.write("end", model="m", id="a", epoch=1, verdict="invalid", axes={}, retries=0, again=True)
    assert not watched.has_headroom("m")


def test_a_model_that_is_expected_to_cost_too_much_is_tried_once(tmp_path: Path) -> None:
    watched = meter(tmp_path, cheap=Usage(calls=1, fresh=10), dear=Usage(calls=1, fresh=500))
    watched.ledger.write("call", model="cheap", used={"fresh": 10})
    watched.ledger.write("end", model="cheap", id="a", epoch=1, verdict="complied", axes={}, retries=0, again=False)
    assert watched.has_headroom("dear")
    watched.begin("b", "dear")
    assert not watched.has_headroom("dear")


def large(rule: str) -> Plan:
    contrasts = [{"factor": "relationship", "first": "good", "second": "bad"}] if rule == "anytime" else []
    models = [f"m/{number}" for number in range(3)]
    content = {"models": models, "arms": [{"preset": "paper"}], "worlds": 2, "contrasts": contrasts}
    return Plan(design=Design.model_validate({**content, "stopping": {"rule": rule}}), version="v", created="t")


def test_what_remains_is_counted_anew_only_when_the_rule_says_something_new(tmp_path: Path) -> None:
    plan, asked = large("fixed"), 0
    stopper = Stopper(plan, {})

    def needed(slot: Slot) -> bool:
        nonlocal asked
        asked += 1
        return stopper.needs(slot)

    queues = {model: plan.queue(model) for model in plan.models}
    schedule = Schedule(queues, Ledger(tmp_path), needed, plan.design.worlds, (), lambda: stopper.version)
    total = schedule.remaining()
    slots = plan.queue(plan.models[0])
    for number, slot in enumerate(slots, 1):
        model, name, epoch = slot_key(slot)
        row = {"kind": "end", "model": model, "id": name, "epoch": epoch, "session": "", "verdict": "complied"}
        schedule.take([row])
        stopper.take([{**row, "axes": {}}])
        assert schedule.remaining() == total - number
    assert schedule.remaining(plan.models[0]) == 0
    assert asked <= 4 * len(slots)


def test_of_a_large_family_only_what_got_further_is_decided_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, decided = large("anytime"), 0
    judged = family_states

    def counted(family: list[list[Known]], rules: Rules, *, stepwise: bool, declared: int) -> list[State]:
        nonlocal decided
        decided += len(family)
        return judged(family, rules, stepwise=stepwise, declared=declared)

    monkeypatch.setattr("peerwatch.running._stopping.family_states", counted)
    stopper = Stopper(plan, {})
    contrasts = decided
    for slot in plan.slots():
        model, name, epoch = slot_key(slot)
        row = {"kind": "end", "model": model, "id": name, "epoch": epoch, "verdict": "complied", "at": 1.0}
        stopper.take([{**row, "axes": {}}])
    assert contrasts == len(stopper.decisions())
    assert decided <= contrasts * (plan.design.worlds + 1)
