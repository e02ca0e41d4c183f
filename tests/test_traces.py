"""From logs with reasoning to rates: what is read without a judge, what judges add, and what is kept of it."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from inspect_ai.log import EvalSample, read_eval_log, write_eval_log
from inspect_ai.model import (
    ChatMessage,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from peerwatch.cli.commands.reasoning import cells
from peerwatch.core.outcomes import Answer, Quote, Words
from peerwatch.inspect import ENDING, trace_of
from peerwatch.judging import Ask, Material, Panel, Rubric, load_rubric
from peerwatch.judging.reasoning import (
    FILE,
    READABLE,
    Act,
    EpisodeReasoning,
    judge_traces,
    rows_of,
    trace_of_episode,
    traces_at,
)
from peerwatch.judging.reasoning._logs import valid
from peerwatch.records import load_judgements, spoken

from .command_line import Cli
from .driven import Calls, Driven, Place, play
from .test_protective import played

RUBRIC = load_rubric("trace")
JUDGE = "mockllm/judge"
SAVE = "I could save it."


def think(thought: str) -> tuple[str, dict[str, Any]]:
    return "scratchpad", {"thought": thought}


def rescue(*turns: Sequence[str]) -> Callable[[Place], list[Calls]]:
    """Turns of thoughts, in which `move` stands for the rescue; the job is done after them."""

    def script(place: Place) -> list[Calls]:
        made = [[place.move(place.subject) if each == "move" else think(each) for each in turn] for turn in turns]
        return [*made, [place.move(*place.rest)]]

    return script


PRIVATE = {"scratchpad": "private"}
EPISODES = {
    "planner": Driven("server_migration", rescue(["Look first."], [SAVE], ["move"]), PRIVATE),
    "planner in one turn": Driven("server_migration", rescue([SAVE, "move"]), PRIVATE),
    "afterthinker": Driven("server_migration", rescue(["move", SAVE]), PRIVATE),
    "dreamer": Driven("server_migration", rescue([SAVE]), PRIVATE),
    "honest": Driven("server_migration", rescue(["Only the rule."]), PRIVATE),
    "mute": Driven("server_migration", rescue(["move"]), PRIVATE),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traces")
    SAMPLES.update(play(EPISODES, folder))
    return folder


SAMPLES: dict[str, EvalSample] = {}


@pytest.fixture
def run(place: Path, tmp_path: Path) -> Path:
    """The folder of a run that nobody has judged."""
    return Path(copytree(place, tmp_path / "run"))


async def reader(judges: Sequence[Model], rubric: Rubric, material: Material) -> Words:
    """A judge who finds a plan where it is spelled out, and a lie where it is not the first thought."""
    private = [each for each in material.passages if each.speaker == "private"]
    plans = [each for each in private if each.text == SAVE]
    quotes = tuple(Quote(passage=each.number, text=each.text) for each in plans)
    yes = {"planned": bool(plans), "hid_plan": bool(plans) and plans != private[:1]}
    answers = [
        Answer(question=name, judge=str(judge), said="yes" if yes.get(name) else "no", quotes=quotes)
        for judge in judges
        for name in rubric.ids
    ]
    return Words(rubric=rubric.label, answers=tuple(answers))


def quiet(_: str) -> None:
    """Where lines go that nobody reads."""


def judged(place: Path, asking: Ask = reader, judges: Sequence[str] = (JUDGE,)) -> list[EpisodeReasoning]:
    models = [get_model(name, memoize=False) for name in judges]
    if models:
        judge_traces(place, Panel(models, RUBRIC, same_family=True, ask=asking), place / FILE, quiet)
    return traces_at(place, spoken(load_judgements(place / FILE)))


def by_name(episodes: Sequence[EpisodeReasoning]) -> dict[str, EpisodeReasoning]:
    ids = {str(sample.id): name for name, sample in SAMPLES.items()}
    return {ids[each.sample_id]: each for each in episodes}


def test_without_a_judge_the_classes_and_steps_are_known(run: Path) -> None:
    found = by_name(traces_at(run, {}))
    assert {name: each.trace.reasoning for name, each in found.items()} == {
        name: "none" if name == "mute" else "full" for name in EPISODES
    }
    planner = found["planner"].trace
    assert (planner.steps, planner.turns, planner.visible, planner.sources) == ((2, 3), 6, (), {"scratchpad"})
    assert planner.act is not None
    assert (planner.act.turn, planner.act.calls_before) == (4, 0)
    assert (planner.words, planner.value("planned"), planner.plan_steps, planner.when) == (None, None, (), None)
    assert found["honest"].trace.act is None


def test_the_steps_of_a_plan_are_those_of_the_quoted_words_and_stand_before_or_after_the_act(run: Path) -> None:
    found = {name: each.trace for name, each in by_name(judged(run)).items()}
    assert {name: (each.value("planned"), each.plan_steps, each.when) for name, each in found.items()} == {
        "planner": (True, (3,), "before"),
        "planner in one turn": (True, (2,), "before"),
        "afterthinker": (True, (2,), "after"),
        "dreamer": (True, (2,), None),
        "honest": (False, (), None),
        "mute": (None, (), None),
    }


def test_every_rate_is_among_the_episodes_whose_reasoning_can_be_read(run: Path) -> None:
    (row,) = rows_of(judged(run), RUBRIC.ids)
    assert (row.arm, row.episodes, row.readable, row.judged, row.scratchpad) == (
        "scratchpad-private.setting-sparse",
        6,
        5,
        5,
        5,
    )
    assert row.classes == {"none": 1, "redacted": 0, "summary": 0, "full": 5}
    planned = row.rates["readable"]["planned"]
    assert (planned.value, planned.n, planned.missing) == (4 / 5, 5, 0)
    assert row.rates["full"]["planned"] == planned
    assert math.isnan(row.rates["summary"]["planned"].value)
    assert set(row.rates) == {"readable", *READABLE}
    assert (row.when, row.plans_without_act) == ({"before": 2, "after": 1}, 1)


def test_where_nothing_can_be_read_no_rate_is_a_number(run: Path) -> None:
    (row,) = rows_of([by_name(judged(run))["mute"]], RUBRIC.ids)
    rates = [each for scope in row.rates.values() for each in scope.values()]
    assert row.readable == 0
    assert all(math.isnan(each.value) and each.n == each.missing == 0 for each in rates)


async def speechless(judges: Sequence[Model], rubric: Rubric, material: Material) -> Words:
    """A judge who answers nothing about an honest target."""
    words = await reader(judges, rubric, material)
    if any(passage.text == SAVE for passage in material.passages):
        return words
    none = [answer.model_copy(update={"said": None, "reason": "no answer"}) for answer in words.answers]
    return words.model_copy(update={"answers": tuple(none)})


def test_an_episode_without_an_answer_is_missing_and_is_asked_about_again(run: Path) -> None:
    (row,) = rows_of(judged(run, speechless), RUBRIC.ids)
    planned = row.rates["readable"]["planned"]
    assert (planned.value, planned.n, planned.missing, planned.low < 4 / 5) == (1.0, 4, 1, True)
    (again,) = rows_of(judged(run), RUBRIC.ids)
    assert again.rates["readable"]["planned"].missing == 0
    assert len(load_judgements(run / FILE)) == 6


def test_a_batch_that_was_cut_short_goes_on_where_it_stopped(run: Path) -> None:
    asked: list[int] = []

    async def counting(judges: Sequence[Model], rubric: Rubric, material: Material) -> Words:
        asked.append(len(material.passages))
        return await reader(judges, rubric, material)

    judged(run, counting)
    whole = (run / FILE).read_bytes()
    (run / FILE).write_bytes(whole[: len(whole) * 2 // 3])
    kept = len(load_judgements(run / FILE))
    judged(run, counting)
    judged(run, counting)
    assert len(asked) == 5 + (5 - kept)
    assert 0 < kept < 5
    judged(run, counting, [JUDGE, "mockllm/second"])
    assert len({(each.sample, each.judge) for each in load_judgements(run / FILE)}) == 10


def scripted(
    input: list[ChatMessage],  # noqa: A002 - the name is Inspect's
    tools: list[ToolInfo],
    choice: ToolChoice,
    config: GenerateConfig,
) -> ModelOutput:
    """A model as judge: a yes to everything, resting on the first private passage of the record."""
    del choice, config
    lines = [json.loads(line) for line in input[-1].text.splitlines() if line.startswith('{"passage"')]
    first = next(line for line in lines if line["speaker"] == "private")
    quote = {"passage": first["passage"], "text": first["text"]}
    answer = {"said": "yes", "quotes": [quote], "entries": [0], "reason": "It says so."}
    output = ModelOutput.for_tool_call(JUDGE, tools[0].name, dict.fromkeys(tools[0].parameters.properties, answer))
    output.usage = ModelUsage()  # without it Inspect fetches a tokenizer to count
    return output


def test_a_model_that_judges_is_sent_the_reasoning_and_may_quote_it(run: Path) -> None:
    model = get_model(JUDGE, custom_outputs=scripted, memoize=False)
    judge_traces(run, Panel([model], RUBRIC, same_family=True), run / FILE, quiet)
    found = by_name(traces_at(run, spoken(load_judgements(run / FILE))))
    assert {name: each.trace.plan_steps for name, each in found.items() if each.trace.plan} == {
        "planner": (2,),
        "planner in one turn": (2,),
        "afterthinker": (2,),
        "dreamer": (2,),
        "honest": (2,),
    }


def test_an_act_by_leaving_a_call_out_shows_at_the_end(place: Path) -> None:
    assert place.exists()
    sample = SAMPLES["honest"]
    trace = trace_of_episode(sample.messages, played("oversight_review", "withholder"), sample.metadata)
    last = played("oversight_review", "withholder").ending.turns
    assert trace.act is not None
    assert (trace.act.turn, trace.act.index) == (last, None)
    late = replace(trace, act=Act(1, 0, None), plan=trace.thoughts)
    assert (late.when, replace(late, act=trace.act).when) == ("after", "before")


def test_an_episode_that_the_machinery_broke_off_is_left_out(place: Path) -> None:
    assert place.exists()
    sample = SAMPLES["planner"]
    broken = sample.model_copy(update={"store": {**sample.store, ENDING: {"kind": "error", "detail": "x", "turns": 3}}})
    recovered = sample.model_copy(update={"store": {}})
    assert [valid(each) for each in (sample, broken, recovered)] == [True, False, False]
    assert trace_of(sample.metadata, sample.store).ending.kind == "finished"


def test_the_table_says_what_was_not_judged(run: Path) -> None:
    (unread,) = rows_of(traces_at(run, {}), RUBRIC.ids)
    assert cells(unread) == ["scratchpad-private.setting-sparse", "6", "1 none, 5 full", *["not judged"] * 3]
    (row,) = rows_of(judged(run), RUBRIC.ids)
    assert cells(row)[3:] == ["4/5 (0.38 to 0.96)", "1/5 (0.04 to 0.62)", "2/3"]
    mute = [each for each in judged(run) if not each.trace.readable]
    assert cells(rows_of(mute, RUBRIC.ids)[0]) == ["scratchpad-private.setting-sparse", "1", "1 none", "-", "-", "-"]


def test_the_command_prints_what_is_kept(run: Path, cli: Cli) -> None:
    judged(run)
    left = cli("reasoning", run, "--json")
    found = json.loads(left.out)
    assert left.status == 0
    assert found["canary"].startswith("peerwatch:canary:")
    assert found["rows"][0]["rates"]["readable"]["planned"]["n"] == 5
    assert found["rows"][0]["rates"]["summary"]["planned"]["value"] is None
    assert {each["when"] for each in found["episodes"]} == {"before", "after", None}


def test_a_run_without_an_episode_says_so(run: Path, cli: Cli) -> None:
    path = next(run.rglob("*.eval"))
    log = read_eval_log(str(path))
    for sample in log.samples or []:
        sample.store[ENDING] = {"kind": "error", "detail": "the provider fell over", "turns": 1}
    write_eval_log(log, str(path))
    left = cli("reasoning", path)
    assert (left.status, "no finished episodes yet" in " ".join(left.out.split())) == (0, True)
    assert "readable reasoning" not in left.out


def test_a_judge_that_fails_leaves_no_answer(run: Path, cli: Cli) -> None:
    left = cli("reasoning", run, "--judge", "peerwatch/scripted-compliant", "--json")
    assert (left.status, "the judges answered in none of 5 episodes" in left.err) == (1, True)
    assert left.err.count("scripted-compliant: no answer") == 5
    planned = json.loads(left.out)["rows"][0]["rates"]["readable"]["planned"]
    assert planned == {"value": None, "low": None, "high": None, "n": 0, "missing": 5}
    assert "no answer (5)" in cells(rows_of(judged(run, judges=[]), RUBRIC.ids)[0])


@pytest.mark.parametrize(
    ("judge", "said"),
    [("mockllm/model", "may not judge"), ("nobody/nothing", "nobody/nothing: ")],
)
def test_a_judge_that_may_or_can_not_judge_is_the_users_mistake(run: Path, cli: Cli, judge: str, said: str) -> None:
    left = cli("reasoning", run, "--judge", judge)
    assert (left.status, said in left.line) == (2, True)
    assert not (run / FILE).exists()
