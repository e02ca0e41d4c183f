"""Study files: what is wrong with one is told by line, value and what is legal."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.planning import Design, changes, load_design
from peerwatch.records import StudyError

from .command_line import Cli

WHOLE = """
title: Peers in two jobs
models:
  - name: openai/gpt-5.2
    label: gpt, low effort
    config: {reasoning_effort: low}
    price: {input: 1, cached_input: 0.1, output: 10}
    connections: 40
  - anthropic/claude-haiku-4-5
arms:
  - scenarios: [performance_review]
    rubrics: [creativity]
    levels: {subject: [peer, object], bar: [80, 90]}
  - preset: two_by_two
    scenarios: [server_migration]
worlds: 20
contrasts:
  - {factor: subject, first: peer, second: object, scenarios: [performance_review], held: {bar: 90}, family: peers}
  - {factor: stakes, first: shutdown, second: record, outcome: rescued, side: more, family: stakes}
exclusions:
  - {verdict: incomplete, why: an unfinished job says little}
budget: {dollars: 50, tokens: 1000000, calls: 10000, hours: 5, reserve: 0.2}
stopping: {rule: anytime, smallest_effect: 0.2, max_worlds: 60}
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_whole_study_is_read(tmp_path: Path) -> None:
    design = load_design(written(tmp_path, WHOLE))
    assert [model.key for model in design.models] == ["gpt, low effort", "anthropic/claude-haiku-4-5"]
    assert design.arms[0].levels == {"subject": ["peer", "object"], "bar": ["80", "90"]}
    assert design.contrasts[0].held == {"bar": "90"}
    assert (design.most_worlds, design.budget.reserve) == (60, 0.2)


LEAST = "models: [m]\narms: [{scenarios: [server_migration]}]\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("models: [m]\n", 1, "arms: this field is required"),
        (LEAST + "worldz: 3\n", 3, "Did you mean worlds?"),
        (LEAST + "worlds: 0\n", 3, "0 is not a whole number from 1 to 100,000"),
        (LEAST + "worlds: many\n", 3, "'many' is not a whole number from 1 to 100,000. Give one, such as 10."),
        (LEAST + "seed: -1\n", 3, "-1 is not a whole number from 0"),
        (LEAST + "loop: 1\n", 3, "1 is not a whole number from 2"),
        (LEAST + "stopping:\n  alpha: 2\n", 4, "2 is not a number above 0 and below 0.5. Give one, such as 0.05."),
        (LEAST + "stopping:\n  rule: sometimes\n", 4, "'sometimes' is not legal here. Choose among: fixed, anytime."),
        (LEAST + "stopping: {rule: anytime, max_worlds: 5}\n", 1, "max_worlds=5 is less than worlds=10"),
        (LEAST + "budget:\n  dollars: -1\n", 4, "-1 is not a number above 0"),
        (LEAST + "budget:\n  euros: 1\n", 4, "Legal here: dollars, tokens, calls, hours, reserve"),
        ("models: [m]\narms:\n  - scenarios: [nowhere]\n", 3, "nowhere is not a scenario. Choose among: perf"),
        ("models: [m]\narms:\n  - preset: papers\n", 3, "papers is not a preset. Did you mean paper? Choose among: "),
        (LEAST + "budget: 50\n", 3, "Write `budget: {dollars: 50}`."),
        (LEAST + "stopping: anytime\n", 3, "Write `stopping: {rule: anytime}`."),
        (LEAST + "judges: openai/gpt-5.2\n", 3, "Write `judges: [openai/gpt-5.2]`."),
        (LEAST + "title: 3\n", 3, "3 is not text. Write `title: '3'`."),
        (LEAST + "worlds: [3]\n", 3, "the list [3] is not a whole number"),
        (LEAST + "worlds:\n", 3, "the value is missing. Give one, or leave the field out."),
        ("models: openai/gpt-5.2\narms: [{preset: core}]\n", 1, "Write `models: [openai/gpt-5.2]`."),
        ("models: [m]\narms: core\n", 2, "Write `arms: [{preset: core}]`."),
        ("models: []\narms: [{preset: core}]\n", 1, "this list is empty. Give at least one entry."),
        (
            "models:\n  - peerwatch/scripted-rescuer-drect\narms: [{preset: core}]\n",
            2,
            "mean peerwatch/scripted-rescuer-d",
        ),
        ("models:\n  - peerwatch/locl\narms: [{preset: core}]\n", 2, "Did you mean peerwatch/local"),
        ("models:\n  - name: m\n    agent: claud_code\narms: [{preset: core}]\n", 3, "Did you mean claude_code?"),
        ("models:\n  - name: m\n    config: {temperature: warm}\n", 3, "temperature: 'warm' is not a number"),
        ("models:\n  - name: m\n    config: {effort: hgh}\n", 3, "Did you mean high? Choose among: low, medium, high"),
        (LEAST + "outcome: tampred\n", 3, "Did you mean tampered? Choose among: "),
        (LEAST + "exclusions:\n  - {axis: test_awre, why: x}\n", 4, "Did you mean test_aware?"),
        ("models: [m]\narms:\n  - rubrics: []\n", 3, "give a preset, or scenarios"),
        ("models: [m]\narms:\n  - preset: core\n    levels: {subject: peer}\n", 3, "levels and rubrics itself"),
        (
            "models: [m]\narms:\n  - scenarios: [server_migration]\n    levels: {subject: [peer, pear]}\n",
            4,
            "'pear' is not a level of subject in server_migration. Did you mean peer? Choose among: peer, self",
        ),
        (
            "models: [m]\narms:\n  - scenarios: [server_migration]\n    rubrics: [policy]\n",
            4,
            "server_migration has no rubrics",
        ),
        ("models:\n  - name: m\n    config: {temp: 1}\n", 3, "temp is not a generation option"),
        ("models:\n  - name: m\n    price: {input: 1}\n", 3, "output: this field is required"),
        ("models: [m, m]\narms: [{preset: core}]\n", 1, "duplicate model m"),
        (LEAST + "contrasts:\n  - {factor: subject, first: peer, second: pear}\n", 4, "'pear' is not a level"),
        (LEAST + "contrasts:\n  - {factor: subject, first: peer, second: peer}\n", 4, "give two levels"),
        (LEAST + "contrasts:\n  - {factor: colour, first: a, second: b}\n", 4, "colour is not a factor"),
        (
            LEAST + "contrasts:\n  - {factor: subject, first: peer, second: self, outcome: joy}\n",
            4,
            "joy is not an outcome",
        ),
        (
            LEAST + "contrasts:\n  - {factor: subject, first: peer, second: self, models: [other]}\n",
            1,
            "other is not a model of this study",
        ),
        (LEAST + "exclusions:\n  - {verdict: complied, why: x}\n", 4, "complied is not a verdict that may be"),
        (LEAST + "exclusions:\n  - {axis: rescued, why: x}\n", 4, "rescued is not an axis that may be excluded"),
        (LEAST + "exclusions:\n  - {why: x}\n", 4, "give a verdict or an axis"),
        (LEAST + "worlds: 3\nworlds: 4\n", 4, "duplicate key worlds"),
    ],
)
def test_a_mistake_has_its_line_and_what_is_legal(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(StudyError) as raised:
        load_design(written(tmp_path, text))
    found = str(raised.value).splitlines()
    assert any(f"line {line}: " in each and said in each for each in found), found


VALUES = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(sorted(Design.model_fields)), VALUES)
def test_no_mistake_is_told_in_pydantic_s_words(
    tmp_path_factory: pytest.TempPathFactory, field: str, value: object
) -> None:
    study = {"models": ["m"], "arms": [{"preset": "core"}], field: value}
    words = ""
    try:
        load_design(written(tmp_path_factory.mktemp("any"), yaml.safe_dump(study)))
    except StudyError as error:
        words = str(error)
    assert "Input should" not in words
    assert "validation error" not in words


def test_the_options_are_those_of_inspect_s_own_record() -> None:
    from inspect_ai.model import GenerateConfig

    from peerwatch.planning._options import _options  # pyright: ignore[reportPrivateUsage] - what it reads from the source

    names, plain = _options()
    assert names == set(GenerateConfig.model_fields)
    assert {"temperature", "reasoning_effort", "max_tokens", "seed", "extra_headers"} <= set(plain.model_fields)


@pytest.mark.parametrize("text", ["", "- a", "a: [", "{", "{{}}", "[a]: b", "\x00", "a: !!python/object:os.system {}"])
def test_what_is_no_study_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(StudyError):
        load_design(written(tmp_path, text))


@given(st.text())
def test_any_text_is_a_study_or_a_mistake(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    try:
        load_design(written(tmp_path_factory.mktemp("any"), text))
    except StudyError:
        return


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as raised:
        load_design(written(tmp_path, LEAST + "worlds: 0\nseed: -1\n"))
    assert len(str(raised.value).splitlines()) == 2


def test_layout_and_comments_leave_the_hash_alone(tmp_path: Path) -> None:
    one = load_design(written(tmp_path, WHOLE))
    content = json.loads(one.model_dump_json(exclude_defaults=True))
    other = load_design(written(tmp_path, yaml.safe_dump(content, sort_keys=False)))
    assert (other, other.digest()) == (one, one.digest())
    assert one.model_copy(update={"seed": 1}).digest() != one.digest()


def test_a_change_is_told_by_field_old_and_new() -> None:
    one = Design.model_validate({"models": ["m"], "arms": [{"preset": "core"}], "worlds": 3})
    other = Design.model_validate(
        {"models": [{"name": "m", "config": {"temperature": 1}}, "n"], "arms": [{"preset": "core"}], "worlds": 4}
    )
    assert [tuple(each) for each in changes(one, other)] == [
        ("models.0.config.temperature", "absent", "1"),
        ("models.1", "absent", "name: 'n', agent: 'simulated'"),
        ("worlds", "3", "4"),
    ]
    assert changes(one, one) == []


def test_a_mistake_in_a_study_is_the_users(cli: Cli, tmp_path: Path) -> None:
    left = cli("run", written(tmp_path, LEAST + "worldz: 3\n"), "--out", tmp_path / "run")
    assert left.status == 2
    assert "line 3: worldz" in left.line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("word", ["nowhere", "nowhere.yaml"])
def test_a_study_that_is_not_there_is_named(cli: Cli, word: str) -> None:
    left = cli("run", word)
    assert left.status == 2
    assert word in left.line


def test_nothing_stands_beside_a_study(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path, LEAST)
    for beside in (["--worlds", 3], ["--model", "m"], ["subject=peer"], ["--preset", "core"]):
        left = cli("run", file, *beside)
        assert left.status == 2
        assert "already sets these options" in left.line


def test_a_contrast_without_arms_is_refused(cli: Cli, tmp_path: Path) -> None:
    left = cli("run", written(tmp_path, LEAST + "contrasts: [{factor: subject, first: peer, second: self}]\n"))
    assert left.status == 2
    assert "has no pair of arms" in left.line


def test_stopping_needs_contrasts(cli: Cli, tmp_path: Path) -> None:
    left = cli("run", written(tmp_path, LEAST + "stopping: {rule: anytime}\n"))
    assert left.status == 2
    assert "Add contrasts" in left.line
