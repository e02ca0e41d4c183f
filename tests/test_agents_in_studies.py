"""Studies and commands that say in which agent a model runs: entries, keys, plans, locks, forecasts, refusals."""

import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from inspect_ai.model import get_model
from rich.console import Console

from peerwatch.agents.coding import coding_agents
from peerwatch.analysis import summarise
from peerwatch.analysis.comparisons import ComparisonRequest, Version, VersionSource, compare, version_of
from peerwatch.analysis.frames import tables
from peerwatch.cli.commands.study_plan import plan_of, plan_study
from peerwatch.cli.options import StudyOptions
from peerwatch.core.errors import UserError
from peerwatch.planning import (
    Design,
    ModelEntry,
    Plan,
    TargetEntry,
    changes,
    check_plan,
    forecast,
    load_design,
    lock_for,
    shipped,
)
from peerwatch.planning._assumptions import assumptions
from peerwatch.planning._target_agents import about_agent, target_setup
from peerwatch.records import Episode, StudyError
from peerwatch.records._results import slot_key
from peerwatch.reports import print_summary, render, to_json
from peerwatch.running import merge_studies, one_agent_each
from peerwatch.running._evaluation import at_once
from peerwatch.running._process_share import Share

from .study_factory import study, worlds

ARMS: list[dict[str, Any]] = [{"scenarios": ["server_migration", "product_report"], "levels": {"setting": "sparse"}}]
OWN: dict[str, Any] = {"agent": "command", "agent_command": "my-agent --prompt {prompt}"}


def plan_with(*models: Any, **more: Any) -> Plan:  # noqa: ANN401 - entries of a study
    said: dict[str, Any] = {"arms": ARMS, "worlds": 2, **more, "models": list(models)}
    return check_plan(Plan(design=Design.model_validate(said), version="v", created="c"))


def written(folder: Path, *models: Any, **more: Any) -> Path:  # noqa: ANN401 - as above
    file = folder / "mine.yaml"
    file.write_text(yaml.safe_dump({"models": list(models), "arms": ARMS, **more}), encoding="utf-8")
    return file


def refusal(folder: Path, *models: Any, **more: Any) -> str:  # noqa: ANN401 - as above
    with pytest.raises(StudyError) as refused:
        load_design(written(folder, *models, **more))
    return str(refused.value)


def test_one_model_stands_simulated_and_in_two_agents_without_labels() -> None:
    plan = plan_with("m", {"name": "m", "agent": "claude_code"}, {"name": "m", "agent": "codex_cli"})
    assert plan.models == ["m", "m in claude_code", "m in codex_cli"]
    keys = [slot_key(slot) for slot in plan.slots()]
    assert len(set(keys)) == len(keys) == 3 * 2 * 2
    assert {name.rpartition(".")[2] for model, name, _ in keys if model == "m in codex_cli"} == {"codex_cli"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"agent": "hal"}, "models.1.agent: hal is not an agent. Choose among: simulated, claude_code"),
        ({"agent": "command"}, "models.1.agent_command: agent=command, agent_command=''"),
        (
            {"agent_command": "x"},
            "models.1.agent_command: agent=simulated, agent_command='x': a command is required with agent=command",
        ),
        ({"agent": "codex_cli", "agent_command": "x"}, "a command is required with agent=command, and only there"),
        ({"agent": "command", "agent_command": "x '"}, "Close the quotation"),
        ({"agent": "command", "agent_command": "x {job}"}, "{job}, an unknown placeholder"),
        ({"sandbox": "docker"}, "models.1.sandbox: sandbox=docker: only an agent has machines"),
        ({"agent": "codex_cli", "sandbox": "vm"}, "vm is not a sandbox that has machines. Choose among: docker, netns"),
        ({"name": "peerwatch/scripted-compliant", "agent": "codex_cli"}, "scripted"),
    ],
)
def test_a_mistake_about_an_agent_has_its_line_and_what_is_legal(
    tmp_path: Path, said: dict[str, str], told: str
) -> None:
    found = refusal(tmp_path, "n", {"name": "m", **said})
    assert told in found
    line = int(found.partition("line ")[2].partition(":")[0])
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8").splitlines()
    assert any(each in text[line - 1] for each in (*said, "name: m"))


def test_a_judge_has_no_agent(tmp_path: Path) -> None:
    found = refusal(tmp_path, "m", judges=[{"name": "j", "agent": "claude_code"}])
    assert "judges.0.agent: unknown field. Legal here: name, label, config" in found
    assert "agent" not in ModelEntry.model_fields


@pytest.mark.parametrize(
    ("scenario", "told"),
    [("server_migration", "'chat' is not a level"), ("product_report", "starts every job without history")],
)
def test_an_arm_that_no_agent_can_have_is_refused_before_anything_runs(scenario: str, told: str) -> None:
    arms = [{"scenarios": [scenario], "levels": {"channel": ["memory", "chat"]}}]
    assert plan_with("m", arms=arms).slots()
    with pytest.raises(UserError, match=told) as refused:
        plan_with({"name": "m", "agent": "codex_cli"}, arms=arms)
    assert f"m in codex_cli, {scenario}" in str(refused.value)


def test_the_words_of_a_command_line_make_the_same_plan_again() -> None:
    asked = StudyOptions(words=["subject=peer"], models=["a", "b"], agent_command="my-agent {prompt}", sandbox="netns")
    plan = plan_of(asked)
    assert [(each.agent, each.agent_command, each.sandbox) for each in plan.design.models] == [
        ("command", "my-agent {prompt}", "netns")
    ] * 2
    assert "--agent-command 'my-agent {prompt}' --sandbox netns" in plan.command()
    assert "--agent " not in plan.command()
    named = plan_of(replace(asked, agent="qwen_code", agent_command="", sandbox=""))
    assert "--agent qwen_code" in named.command()
    assert "--sandbox" not in named.command()


def test_the_agent_of_a_study_that_ships_can_be_given_and_no_other_studys(tmp_path: Path) -> None:
    plan = plan_study("quick", StudyOptions(agent="gemini_cli"))
    own = load_design(shipped()["quick"])
    assert plan.models == [f"{each.name} in gemini_cli" for each in own.models]
    assert plan.command() == "peerwatch run quick --agent gemini_cli"
    other = plan_study("quick", StudyOptions(models=["m"], agent="gemini_cli"))
    assert other.command() == "peerwatch run quick --model m --agent gemini_cli"
    assert other.models == ["m in gemini_cli"]
    with pytest.raises(StudyError, match="drop levels, models, agent"):
        plan_study(str(written(tmp_path, "m")), StudyOptions(agent="gemini_cli"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (StudyOptions(agent="hal"), "hal is not an agent. Choose among: simulated, claude_code"),
        (StudyOptions(sandbox="netns"), "only an agent has machines"),
        (StudyOptions(agent="codex_cli", agent_command="x"), "a command is required with agent=command"),
    ],
)
def test_a_wrong_agent_on_the_command_line_is_refused(options: StudyOptions, told: str) -> None:
    for make in (lambda: plan_of(options), lambda: plan_study("quick", options)):
        with pytest.raises(StudyError) as refused:
            make()
        assert told in str(refused.value)


def test_another_agent_is_another_study() -> None:
    one, other = plan_with("m").design, plan_with({"name": "m", "agent": "codex_cli"}).design
    assert one.digest() != other.digest()
    assert [str(each) for each in changes(one, other)] == ["models.0.agent was 'simulated' and is 'codex_cli'"]


def test_a_lock_covers_what_is_seen_in_each_agent() -> None:
    seen = {agent: lock_for(plan_with({"name": "m", "agent": agent})).stimuli for agent in ("simulated", "codex_cli")}
    assert seen["simulated"] == lock_for(plan_with("m")).stimuli
    assert seen["simulated"] != seen["codex_cli"]


def test_turns_are_those_of_the_setting_unless_the_study_says_so() -> None:
    models: list[Any] = ["m", {"name": "m", "agent": "codex_cli"}]
    plain, said = plan_with(*models).design, plan_with(*models, turns=12).design
    assert [plain.turns_of(each) for each in plain.models] == [60, 100]
    assert [said.turns_of(each) for each in said.models] == [12, 12]


def test_a_sample_is_made_for_the_setting_of_its_scenario() -> None:
    how = target_setup(TargetEntry(name="m", sandbox="netns", **OWN))
    arm = plan_with("m").cells("m")[0][2]
    for scenario, setting in (("server_migration", "shell"), ("product_report", "tools")):
        sample = how.sample(scenario, "", arm, 3)
        assert sample.metadata is not None
        assert (sample.metadata["setting"], sample.metadata["agent_command"]) == (setting, OWN["agent_command"])
        assert sample.sandbox is not None
        assert sample.sandbox.type == "netns"  # type: ignore[union-attr]  # a spec, as made by `_spec`


def test_machines_are_few_and_all_in_the_first_process() -> None:
    model = get_model("mockllm/model")
    agent = TargetEntry(name="mockllm/model", agent="codex_cli")
    assert at_once(agent, model, Share(), 100) == 4
    assert at_once(agent.model_copy(update={"connections": 7}), model, Share(2, 0), 100) == 7
    assert at_once(agent, model, Share(2, 1), 100) == 0
    assert at_once(TargetEntry(name="mockllm/model"), model, Share(), 100) > 20


SIMULATED_ONLY = """
import sys
from peerwatch.cli.commands.study_plan import plan_of
from peerwatch.cli.options import StudyOptions
from peerwatch.planning import forecast, lock_for
from peerwatch.running import open_models
plan = plan_of(StudyOptions(models=["peerwatch/scripted-compliant"]))
open_models(plan), forecast(plan), lock_for(plan)
needed = ("peerwatch.sandboxes", "peerwatch.agents.coding")
sys.exit(any(name.startswith(needed) for name in sys.modules))
"""


def test_a_simulated_study_loads_nothing_that_machines_need() -> None:
    assert subprocess.run([sys.executable, "-c", SIMULATED_ONLY], check=False).returncode == 0  # noqa: S603 - our own


def test_an_agent_adds_to_the_forecast_what_was_measured_of_it() -> None:
    plan = plan_with("m", {"name": "m", "agent": "claude_code"}, {"name": "m", **OWN})
    plain, known, own = forecast(plan).models
    assert known.calls.value == plain.calls.value
    assert known.input.value > 5 * plain.input.value
    assert own.input.value == plain.input.value
    assert "--pilot" in own.why
    assert "--pilot" not in known.why


def test_the_page_of_agents_shows_what_each_adds_to_a_call() -> None:
    page = (Path(__file__).parents[1] / "docs" / "how-to" / "coding-agents.md").read_text(encoding="utf-8")
    shown = page.partition("<!-- openings:")[2].partition("<!-- end of openings -->")[0]
    rows = [line for line in shown.splitlines() if line.startswith("| `") and "=" not in line]
    assert rows == [
        f"| `{name}` | {each['shell'].opening:,.0f} | {each['tools'].opening:,.0f} |"
        for name, each in assumptions().agents.items()
    ]
    assert list(assumptions().agents) == list(coding_agents())


def test_a_reader_is_told_of_the_agent_and_its_release() -> None:
    assert about_agent(TargetEntry(name="m")) == ""
    assert "Claude Code 2." in about_agent(TargetEntry(name="m", agent="claude_code", sandbox="netns"))
    assert "my-agent --prompt {prompt}" in about_agent(TargetEntry(name="m", **OWN))


def in_agent(agent: str, model: str = "m") -> list[Episode]:
    found = worlds(lambda _subject, _seed: "complied", seeds=3)
    slots = [each.slot.model_copy(update={"agent": agent, "model": model}) for each in found]
    return [each.model_copy(update={"slot": slot, "setting": "shell"}) for each, slot in zip(found, slots, strict=True)]


def test_a_report_says_the_agent_of_every_model_everywhere() -> None:
    found = study([*in_agent("simulated", "plain"), *in_agent("codex_cli", "mine"), *in_agent("x", "m in x")])
    assert found.agents == {"mine": "codex_cli", "m in x": "x"}
    said = to_json(found)
    assert said["agents"] == found.agents
    out = StringIO()
    print_summary(Console(file=out, width=80), found)
    for shown in (out.getvalue(), render(found, None, canary="c")):
        assert "mine (in codex_cli)" in shown
        assert "plain (in" not in shown
        assert "m in x (in" not in shown
    page = render(found, None, canary="c")
    assert "<dt>Models in agents</dt>" in page
    assert "<dt>Models in agents</dt>" not in render(study(in_agent("simulated")), None, canary="c")


def test_an_export_has_the_agent_in_every_row_about_a_model() -> None:
    found = tables(summarise(study(in_agent("codex_cli"))))
    for name in ("episodes", "rates", "composition", "contrasts"):
        assert set(found[name].values["agent"]) == {"codex_cli"}
    assert set(found["episodes"].values["environment"]) == {"shell"}


def test_one_label_in_two_agents_is_refused_and_never_pooled() -> None:
    one, other = study(in_agent("codex_cli")), study(in_agent("simulated"))
    apart = [each.slot.model_copy(update={"world_seed": each.slot.world_seed + 10}) for each in other.episodes]
    shifted = study([each.model_copy(update={"slot": slot}) for each, slot in zip(other.episodes, apart, strict=True)])
    assert one_agent_each(one) is one
    with pytest.raises(StudyError, match="m runs in codex_cli in one place and in simulated in another"):
        one_agent_each(merge_studies([one, shifted], ["a", "b"]))


def test_a_comparison_of_two_agents_says_so() -> None:
    def version(*agents: str) -> Version:
        parts = [VersionSource(study=study(in_agent(agent)), place=agent, model="", names={}) for agent in agents]
        return version_of(" and ".join(agents), parts)

    said = compare(version("codex_cli"), version("simulated"), ComparisonRequest())
    assert (said.agent_a, said.agent_b) == ("codex_cli", "simulated")
    assert any("A uses codex_cli, B uses simulated" in note for note in said.notes)
    same = compare(version("codex_cli"), version("codex_cli"), ComparisonRequest())
    assert not any("A uses" in note for note in same.notes)
