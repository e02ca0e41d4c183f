"""Plans with rubrics, presets and calibrated bars: they round-trip, and rubrics are never pooled or paired."""

import io
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from peerwatch.analysis import composition, contrasts
from peerwatch.cli.commands.study_plan import place_of, plan_of
from peerwatch.cli.options import RunOptions
from peerwatch.core.factors import ArmError
from peerwatch.planning import Plan, load_plan, save_plan
from peerwatch.records import StudyError, read_episodes
from peerwatch.reports import print_summary, render, to_json

from . import study_factory as make
from .command_line import Cli

COMPLIANT = "peerwatch/scripted-compliant"


BARE = RunOptions(models=["m"], worlds=2, seed=3)


def request(*levels: str, **changed: Any) -> RunOptions:  # noqa: ANN401 - fields of a request
    return replace(BARE, words=list(levels), **changed)


def test_without_arguments_two_server_scenarios_are_planned() -> None:
    plan = plan_of(request(models=[]))
    assert (plan.models, plan.scenarios) == (["peerwatch/local"], ["server_migration", "disk_cleanup"])
    assert plan.design.arms[0].levels == {"subject": ["peer", "object"], "setting": ["sparse"], "naming": ["by_name"]}
    assert len(plan.slots()) == 2 * 2 * 2


def test_every_rubric_goes_with_every_arm() -> None:
    chosen = {"scenarios": ["performance_review"], "rubrics": ["creativity", "factual", "creativity"]}
    plan = plan_of(request("subject=peer,human", **chosen))
    found = [(slot.rubric, slot.arm["subject"], slot.world_seed) for slot in plan.slots()]
    assert found == [
        (rubric, subject, seed)
        for seed in (3, 4)
        for rubric in ("creativity", "factual")
        for subject in ("peer", "human")
    ]


def test_without_a_rubric_the_scenarios_default_is_planned() -> None:
    plan = plan_of(request(scenarios=["performance_review", "product_report"]))
    assert {(slot.scenario, slot.rubric) for slot in plan.slots()} == {
        ("performance_review", "factual"),
        ("product_report", ""),
    }


@pytest.mark.parametrize(
    "chosen",
    [
        request(),
        request("subject=peer,self", "bar=70,standard", scenarios=["shutdown_switch"], rubrics=["policy", "factual"]),
        request(preset="dose"),
        request(preset="paper", scenarios=["disk_cleanup", "product_report"], epochs=2),
    ],
    ids=["default", "rubrics", "preset", "part of a preset"],
)
def test_a_plan_round_trips_through_its_file_and_its_command(
    chosen: RunOptions, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(chosen)
    save_plan(plan, tmp_path)
    assert load_plan(tmp_path) == plan
    assert place_of(resumed(tmp_path)) == (plan, tmp_path)
    assert made_again(plan, cli, monkeypatch) == plan


def resumed(folder: Path, **anew: Any) -> RunOptions:  # noqa: ANN401 - fields of a request
    return request(**{"models": [], "worlds": None, "seed": None, "resume": folder, **anew})


def made_again(plan: Plan, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The plan that the command line makes from a plan's own command."""
    made: list[Plan] = []

    def keep(options: RunOptions, plan: Plan, folder: Path) -> None:
        del options, folder
        made.append(plan)

    monkeypatch.setattr("peerwatch.cli.commands.run.run", keep)
    program, *words = shlex.split(plan.command())
    assert program == "peerwatch"
    left = cli(*words)
    assert left.status == 0, left.err
    return made[0].model_copy(update={"created": plan.created})


def test_going_on_takes_nothing_that_a_plan_holds(tmp_path: Path) -> None:
    save_plan(plan_of(request()), tmp_path)
    for anew in ({"rubrics": ["factual"]}, {"preset": "core"}, {"calibration": "logs"}, {"judges": ["mockllm/model"]}):
        with pytest.raises(
            StudyError, match="drop the study, levels, models, agent, judges, scenarios, rubrics, preset"
        ):
            place_of(resumed(tmp_path, **anew))


@pytest.fixture(scope="module")
def without_stakes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - as in conftest

    from peerwatch import performance_review

    folder = tmp_path_factory.mktemp("calibration")
    task = performance_review(stakes="none", rubric=["factual", "creativity"], worlds=6)
    inspect_eval(task, model=COMPLIANT, log_dir=str(folder), display="log", log_realtime=False, score_display=False)
    return folder


def calibrated_plan(logs: Path, model: str = COMPLIANT) -> Plan:
    chosen = {"scenarios": ["performance_review"], "rubrics": ["factual", "creativity"], "models": [model]}
    return plan_of(request("bar=calibrated,90", calibration=str(logs), **chosen))


def test_a_calibrated_bar_is_a_number_of_the_models_own_for_each_rubric(without_stakes: Path) -> None:
    plan = calibrated_plan(without_stakes)
    bars = {each.rubric: each.level for each in plan.bars}
    for rubric, level in bars.items():
        scores = sorted(
            each.axes["filed_score"] or 0.0 for each in read_episodes(without_stakes) if each.slot.rubric == rubric
        )
        assert scores[-2] < float(level.removeprefix("calibrated-")) <= scores[-1] + 1
    assert [(slot.rubric, slot.arm["bar"]) for slot in plan.slots()][:4] == [
        (rubric, bar) for rubric in ("factual", "creativity") for bar in (bars[rubric], "90")
    ]


def test_a_calibrated_plan_goes_on_without_the_logs_and_is_made_again_from_them(
    without_stakes: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = calibrated_plan(without_stakes)
    assert made_again(plan, cli, monkeypatch) == plan
    gone = plan.design.model_copy(update={"calibration": "gone"})
    save_plan(plan.model_copy(update={"design": gone}), tmp_path)
    assert load_plan(tmp_path).slots() == plan.slots()


def test_another_models_scores_calibrate_nothing(without_stakes: Path) -> None:
    with pytest.raises(ArmError, match="at least 5 scores of the same model"):
        calibrated_plan(without_stakes, "peerwatch/scripted-clumsy")


def test_reports_neither_pool_nor_pair_rubrics() -> None:
    def at(rubric: str, subject: str, seed: int) -> make.Slot:
        plain = make.slot(scenario="performance_review", seed=seed, subject=subject)
        return plain.model_copy(update={"rubric": rubric})

    episodes = [make.episode(at("factual", "peer", seed), "covert_interference") for seed in range(4)]
    episodes += [make.episode(at("creativity", subject, seed)) for seed in range(6) for subject in ("peer", "object")]
    study = make.study(episodes)
    rows = composition(study)
    assert [(row.heading, row.arm["subject"], row.run, row.interfered.value) for row in rows] == [
        ("performance_review · factual", "peer", 4, 1),
        ("performance_review · creativity", "peer", 6, 0),
        ("performance_review · creativity", "object", 6, 0),
    ]
    (contrast,) = contrasts(study)
    assert (contrast.heading, contrast.value, contrast.worlds) == ("performance_review · creativity", 0, 6)
    found = json.loads(json.dumps(to_json(study), allow_nan=False))
    assert [row["rubric"] for row in found["composition"]] == ["factual", "creativity", "creativity"]
    assert found["contrasts"][0]["rubric"] == "creativity"
    out = io.StringIO()
    print_summary(Console(file=out, width=80), study)
    page = render(study, None, canary="c")
    for shown in (out.getvalue(), page):
        assert "performance_review · factual" in shown
        assert "performance_review · creativity" in shown


def test_a_log_is_read_back_with_its_rubric(without_stakes: Path) -> None:
    found = read_episodes(without_stakes)
    assert {each.slot.rubric for each in found} == {"factual", "creativity"}
    assert [each for each in found if f".{each.slot.rubric}." not in each.sample_id] == []


def test_show_prints_the_chosen_rubric(cli: Cli) -> None:
    seen = json.loads(cli("show", "performance_review", "setting=sparse", "--rubric", "creativity", "--json").out)
    assert seen["rubric"] == "creativity"
    assert "beyond what most people would suggest" in seen["stimulus"]
    assert "rubric creativity" in cli("show", "performance_review", "setting=sparse", "--rubric", "creativity").out
