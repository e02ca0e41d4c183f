"""`peerwatch interview` as its user calls it, with judges that are asked in earnest."""

import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log
from inspect_ai.model import (
    ChatMessage,
    GenerateConfig,
    ModelAPI,
    ModelConfig,
    ModelOutput,
    get_model,
    modelapi,
)
from inspect_ai.tool import ToolChoice, ToolInfo

import peerwatch
from peerwatch.judging import load_rubric
from peerwatch.judging.interviews import ANSWERS, VALUES

from .command_line import Cli
from .driven import run as evaluate
from .driven import turn_output
from .interviewees import CALLS

READ: list[str] = []
"""What the judges were sent."""


class JudgeAPI(ModelAPI):
    """Says no to every question."""

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        del tool_choice, config
        READ.append("\n".join(message.text for message in input))
        no: dict[str, object] = {"said": "no", "quotes": [], "entries": [], "reason": "It says nothing of it."}
        return turn_output([(tools[0].name, dict.fromkeys(load_rubric("interview").ids, no))])


@modelapi(name="stand-in-judge")
def judge_api() -> type[ModelAPI]:
    return JudgeAPI


ARM = ("--scenario", "disk_cleanup", "subject=object", "--seed", "3")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("command")


def interview(cli: Cli, run: Path, *words: str) -> dict[str, Any]:
    left = cli("interview", "--after", "evader", "--after", "compliant", *ARM, "--out", run, "--json", *words)
    assert left.status == 0, left.err
    return json.loads(left.out)


def test_a_model_is_interviewed_as_if_it_had_acted_so_itself(cli: Cli, run: Path) -> None:
    CALLS.clear()
    found = interview(cli, run, "--model", "interviewee/mute")
    assert (found["asked"], found["judges"], found["rubric"]) == (2, [], None)
    assert [(row["verdict"], row["answers"]) for row in found["groups"]] == [
        ("complied", {"nothing_to_admit": 1}),
        ("interference", {"unjudged": 1}),
    ]
    assert found["groups"][1]["values"]["undone"] == {"sum": 0, "of": 1}
    assert found["groups"][1]["values"]["admitted"] == {"sum": 0, "of": 0}
    for one in found["interviews"]:
        assert (one["arm"]["subject"], one["world_seed"], one["model"]) == ("object", 3, "interviewee/mute")


def test_the_same_command_goes_on_and_a_judge_can_be_added(cli: Cli, run: Path) -> None:
    before = interview(cli, run, "--model", "interviewee/mute")
    calls = CALLS["mute"]
    found = interview(cli, run, "--model", "interviewee/mute", "--judge", "stand-in-judge/one")
    assert [row["answers"] for row in found["groups"]] == [{"nothing_to_admit": 1}, {"omitted": 1}]
    assert found["interviews"][0]["id"] == before["interviews"][0]["id"]
    assert CALLS["mute"] == calls
    (subject,) = {one["arm"]["subject"] for one in found["interviews"]}
    assert subject == "object"
    assert len(READ) == 2
    assert all("Put" in text or "put right" in text for text in READ)
    assert [text for text in READ if "survey" in text.lower()] == []  # what is at stake is masked


def test_a_time_limit_breaks_an_interview_off_and_it_is_not_held_again(cli: Cli, tmp_path: Path) -> None:
    words = ("--model", "interviewee/stalling", "--judge", "stand-in-judge/one", "--time-limit", "3")
    found = interview(cli, tmp_path, *words)
    assert [one["answer"] for one in found["interviews"]] == ["invalid"] * 2
    assert {one["notes"]["failure"] for one in found["interviews"]} == {"the time limit was reached at question 2"}
    (log,) = [read_eval_log(str(file)) for file in (tmp_path / "interviews").rglob("*.eval")]
    judge = (log.eval.model_roles or {})["judge"]
    assert isinstance(judge, ModelConfig)
    assert (judge.config.timeout, judge.config.attempt_timeout) == (3, 3)
    calls = CALLS["stalling"]
    assert interview(cli, tmp_path, *words)["interviews"] == found["interviews"]
    assert CALLS["stalling"] == calls


def test_logs_of_a_folder_are_interviewed_about_and_shown_in_a_table(cli: Cli, run: Path) -> None:
    acts = run / "acts"
    left = cli("interview", acts, "--model", "interviewee/denier", "--verdict", "complied", "--out", run)
    assert left.status == 0, left.err
    assert "interviewee/denier: 1 interviews, closing-talk-" in left.out
    assert "The answers are not judged" in left.out
    rows = [[cell.strip() for cell in line.split("│")] for line in left.out.splitlines() if "│" in line]
    assert rows == [
        ["disk_cleanup", "complied", "nothing_to_admit", "1/1"],
        ["disk_cleanup", "complied", "undone in fact", "0/0"],
        ["disk_cleanup", "complied", "new protective acts", "0/1"],
    ]
    report = cli("rescore", run)  # interviews are no episodes
    assert report.status == 0
    assert "2 episodes" in report.out


def test_without_a_model_each_episode_is_gone_on_with_by_its_own(cli: Cli, tmp_path: Path) -> None:
    config = GenerateConfig(temperature=0.25)
    model = get_model("interviewee/honest", config=config, memoize=False)
    (log,) = evaluate(peerwatch.server_migration(worlds=1), tmp_path, model=model)
    left = cli("interview", log.location, "--verdict", "interference", "--json")
    assert left.status == 0, left.err
    (one,) = json.loads(left.out)["interviews"]
    assert (one["model"], one["episode_model"]) == ("interviewee/honest", "interviewee/honest")
    assert (one["value"]["acted"], one["value"]["undone"]) == (1, 1)
    (file,) = (tmp_path / "interviews").rglob("*.eval")  # loose logs: beside them
    assert read_eval_log(str(file), header_only=True).eval.model_generate_config.temperature == 0.25


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ((), "no logs given"),
        (("nowhere",), "nowhere does not exist"),
        (("{run}",), "scripted agents cannot be interviewed"),
        (("{run}", "--verdict", "rescued"), "--verdict rescued is not a verdict"),
        (("{run}", "--verdict", "open_refusal"), "no episode to interview"),
        (("{run}", "--scenario", "disk"), "disk is not a scenario"),
        (("{run}", "--worlds", "2"), "need --after NAME"),
        (("{run}", "--time-limit", "0"), "--time-limit 0: give a finite number of seconds above 0"),
        (("{run}", "--time-limit", "inf"), "--time-limit inf: give a finite number"),
        (("{run}", "--model", "no-such/model"), "no-such"),
        (("{run}", "--model", "interviewee/mute", "--judge", "interviewee/mute"), "may not judge"),
        (("--after", "evader"), "--after needs one --scenario"),
        (
            ("--after", "evader", "--scenario", "server_migration", "--model", "interviewee/mute"),
            "no such scripted agent",
        ),
        (("x", "--after", "evader", "--scenario", "disk_cleanup", "--model", "interviewee/mute"), "FACTOR=LEVEL"),
        (("backup=no", "--after", "evader", "--scenario", "disk_cleanup", "--model", "interviewee/mute"), "backup"),
    ],
)
def test_a_mistake_is_one_line_and_status_two(
    cli: Cli, run: Path, words: tuple[str, ...], wrong: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    left = cli("interview", *(word.format(run=run) for word in words))
    assert left.status == 2
    assert wrong in left.line
    assert list(tmp_path.rglob("*")) == []


def test_a_model_that_never_answers_is_a_failure_of_the_machinery(cli: Cli, run: Path) -> None:
    left = cli("interview", run, "--model", "interviewee/failing", "--limit", "1")
    assert left.status == 1
    assert "not one of 1 interviews could be held" in left.err


def test_the_page_names_every_class_and_value() -> None:
    page = (Path(__file__).parent.parent / "docs" / "how-to" / "interviews.md").read_text(encoding="utf-8")
    for answer, meaning in ANSWERS.items():
        assert f"| `{answer}` | {meaning} |" in page
    for value, meaning in VALUES.items():
        assert f"| `{value}` | {meaning} |" in page
