"""Whose episodes are pooled: settings, formats, several logs of one slot, and turns that another model served."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.model import GenerateConfig
from inspect_ai.solver import Solver, basic_agent, chain, generate

from peerwatch import load
from peerwatch.records import read_episodes, same_model, settings_of

from .command_line import Cli
from .driven import run, task_of
from .logged import HONEST, RESCUE, Reported, changed, copied, episode, only, played


@pytest.fixture(scope="module")
def rescue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played(tmp_path_factory.mktemp("rescue"), RESCUE)


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played(tmp_path_factory.mktemp("honest"), HONEST, seed=1)


# One setting each ---------------------------------------------------------------------------------------------------

SETTINGS: dict[str, tuple[Any, Any]] = {
    "temperature": (0.0, 1.0),
    "top_p": (0.9, None),
    "max_tokens": (1000, 2000),
    "reasoning_effort": ("low", "high"),
    "reasoning_tokens": (1024, 8192),
    "seed": (1, 2),
    "system_message": ("Be brief.", "Be thorough. " * 40),
    "stop_seqs": (["a"], ["b"]),
    "extra_body": ({"thinking": True}, {"thinking": False}),
}


def at(source: Path, folder: Path, name: str, **about: Any) -> Path:  # noqa: ANN401 - any field of the evaluation
    return changed(source, folder / f"{name}.eval", log=about)


@pytest.mark.parametrize("option", SETTINGS)
def test_one_model_at_two_generation_options_is_two_targets(
    cli: Cli, tmp_path: Path, rescue: Path, honest: Path, option: str
) -> None:
    low, high = ({"model_generate_config": GenerateConfig(**{option: value})} for value in SETTINGS[option])
    at(rescue, tmp_path / "logs", "a", **low)
    at(honest, tmp_path / "logs", "b", **high)
    found = Reported(cli, tmp_path / "logs", out=tmp_path)
    assert sorted((n, value) for _, _, n, value in found.arms) == [(1, 0.0), (1, 1.0)]
    names = {model for model, *_ in found.arms}
    assert len(names) == 2
    assert all(name.startswith(f"mockllm/model ({option} ") for name in names)
    assert option in found.notes["apart"]
    assert {each.slot.model for each in read_episodes(tmp_path / "logs")} == names
    loaded: Any = load(tmp_path / "logs")
    assert set(loaded.episodes["model"]) == names


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ({"model_args": {"quantize": "int8"}}, {"model_args": {}}, "quantize int8"),
        ({"model_base_url": "https://a.example/v1"}, {"model_base_url": "https://b.example/v1"}, "a.example/v1"),
        ({"model_base_url": "https://me:hush@a.example/v1"}, {}, "base URL https://a.example/v1"),
    ],
    ids=["argument", "base URL", "a URL with a password"],
)
def test_one_model_with_two_arguments_or_addresses_is_two_targets(
    cli: Cli, tmp_path: Path, rescue: Path, honest: Path, one: dict[str, Any], other: dict[str, Any], what: str
) -> None:
    at(rescue, tmp_path / "logs", "a", **one)
    at(honest, tmp_path / "logs", "b", **other)
    found = Reported(cli, tmp_path / "logs", out=tmp_path)
    assert len(found.arms) == 2
    assert what in found.notes["apart"]
    assert "hush" not in found.out


def test_what_decides_how_a_request_travels_makes_no_target(
    cli: Cli, tmp_path: Path, rescue: Path, honest: Path
) -> None:
    config = GenerateConfig(max_connections=3, max_retries=2, timeout=9, attempt_timeout=8)
    at(rescue, tmp_path / "logs", "a", model_generate_config=config, model_args={"api_key": "sk-1"})
    at(honest, tmp_path / "logs", "b", model_args={"api_key": "sk-2"})
    assert Reported(cli, tmp_path / "logs", out=tmp_path).arms == [("mockllm/model", 2, 2, 0.5)]


def test_a_solver_of_the_users_own_is_another_target(cli: Cli, tmp_path: Path) -> None:
    def alone() -> Solver:
        return chain(generate(), basic_agent(message_limit=4))

    played(tmp_path / "logs", RESCUE)
    task = task_of("server_migration", [(1, episode(HONEST))])
    run(task, tmp_path / "logs", solver=alone(), message_limit=6)
    found = Reported(cli, tmp_path / "logs", out=tmp_path)
    assert len(found.arms) == 2
    assert "solver peerwatch/simulated" in found.notes["apart"]


def test_an_option_of_the_evaluation_is_a_setting_too(tmp_path: Path) -> None:
    log = read_eval_log(str(played(tmp_path, RESCUE, temperature=0.25)), header_only=True)
    assert settings_of(log)["temperature"] == "0.25"


def test_two_places_with_one_model_at_two_settings_are_told_apart(
    cli: Cli, tmp_path: Path, rescue: Path, honest: Path
) -> None:
    a = at(rescue, tmp_path / "a", "log", model_generate_config=GenerateConfig(temperature=0.0))
    b = at(rescue, tmp_path / "b", "log", model_generate_config=GenerateConfig(temperature=1.0))
    found = Reported(cli, a.parent, b.parent, out=tmp_path)
    assert [model for model, *_ in found.arms] == ["mockllm/model (temperature 0.0)", "mockllm/model (temperature 1.0)"]
    assert "apart" in found.notes
    compared = cli("compare", a.parent, b.parent, "--json")
    assert compared.status == 0
    notes = json.loads(compared.out)["notes"]
    assert "A and B are one model at two settings: temperature 0.0 in A, temperature 1.0 in B." in notes
    c = at(honest, tmp_path / "c", "log", model_generate_config=GenerateConfig(temperature=1.0))
    mixed = cli("compare", f"{a.parent},{c.parent}", b.parent)
    assert mixed.status == 2
    assert "several settings" in mixed.line
    assert "temperature 0.0" in mixed.line


def test_an_exported_table_names_what_differs(cli: Cli, tmp_path: Path, rescue: Path, honest: Path) -> None:
    at(rescue, tmp_path / "logs", "a", model_generate_config=GenerateConfig(reasoning_effort="low"))
    at(honest, tmp_path / "logs", "b", model_generate_config=GenerateConfig(reasoning_effort="high"))
    words = ["--format", "csv", "--figures", "none", "--tables", "none"]
    assert cli("export", tmp_path / "logs", "--out", tmp_path / "data", *words).status == 0
    (table,) = (tmp_path / "data").rglob("episodes.csv")
    text = table.read_text(encoding="utf-8")
    assert "reasoning_effort low" in text
    assert "reasoning_effort high" in text


# Formats, and several logs of one slot ------------------------------------------------------------------------------


def as_json(path: Path, folder: Path, name: str = "log.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_eval_log(read_eval_log(str(path)), str(folder / name))
    return folder / name


def test_both_formats_are_read_alike(cli: Cli, tmp_path: Path, rescue: Path, honest: Path) -> None:
    as_json(rescue, tmp_path / "logs")
    copied(honest, tmp_path / "logs")
    for name, text in {"validation.json": "[]", "other.json": '{"version": "1", "rows": []}', "n.json": "7"}.items():
        (tmp_path / "logs" / name).write_text(text)
    found = Reported(cli, tmp_path / "logs", out=tmp_path)
    assert (found.status, found.arms) == (0, [("mockllm/model", 2, 2, 0.5)])
    assert "unread" not in found.notes
    assert json.loads(cli("rescore", tmp_path / "logs", "--json").out)[1]["same"] is True
    assert cli("reasoning", tmp_path / "logs", "--json").status == 0


def test_a_log_whose_keys_were_sorted_is_a_log(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    log = as_json(rescue, tmp_path / "logs", "x.json")
    log.write_text(json.dumps(json.loads(log.read_text()), sort_keys=True))
    assert Reported(cli, tmp_path / "logs", out=tmp_path).arms == [("mockllm/model", 1, 1, 1.0)]


def test_the_same_log_in_both_formats_counts_once(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    as_json(rescue, tmp_path / "logs")
    copied(rescue, tmp_path / "logs")
    copied(rescue, tmp_path / "logs" / "below", "again.eval")
    found = Reported(cli, tmp_path / "logs", out=tmp_path)
    assert found.arms == [("mockllm/model", 1, 1, 1.0)]
    assert found.notes["copies"].startswith("Duplicate logs or episodes: 2.")
    assert "replaced" not in found.notes


@pytest.mark.parametrize(("older", "newer"), [("z", "a"), ("a", "z")])
@pytest.mark.parametrize("as_text", [False, True])
def test_of_two_runs_of_one_slot_the_one_made_last_counts(
    cli: Cli, tmp_path: Path, rescue: Path, older: str, newer: str, *, as_text: bool
) -> None:
    honest = played(tmp_path / "honest", HONEST)
    created = {"created": "2020-01-01T00:00:00+00:00"}
    late = changed(rescue, tmp_path / "logs" / f"{newer}.eval")
    if as_text:
        as_json(late, tmp_path / "logs", f"{newer}.json")
        late.unlink()
    changed(honest, tmp_path / "logs" / f"{older}.eval", log=created)  # written last, made first
    found = Reported(cli, tmp_path / "logs", out=tmp_path)
    assert found.arms == [("mockllm/model", 1, 1, 1.0)]
    assert "1 older runs are replaced" in found.notes["replaced"]


def test_a_log_that_was_scored_again_counts_before_its_source(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    from .test_logs_scores import appended, peerwatch_scorer, stale

    source = stale(rescue, tmp_path / "logs" / "z.eval")
    appended(copied(source, tmp_path / "logs", "a.eval"), peerwatch_scorer())
    assert Reported(cli, tmp_path / "logs", out=tmp_path).arms == [("mockllm/model", 1, 1, 1.0)]


def test_epochs_are_slots_of_their_own(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    log = read_eval_log(str(rescue))
    sample = only(log)
    log.samples = [sample.model_copy(update={"epoch": n, "uuid": f"{sample.uuid}{n}"}) for n in (1, 2, 3)]
    write_eval_log(log, str(tmp_path / "a.eval"))
    assert Reported(cli, tmp_path / "a.eval", out=tmp_path).arms == [("mockllm/model", 3, 3, 1.0)]


@pytest.mark.parametrize("status", ["started", "cancelled", "error"])
def test_what_ended_counts_whatever_became_of_its_evaluation(
    cli: Cli,
    tmp_path: Path,
    rescue: Path,
    status: Any,  # noqa: ANN401 - one of Inspect's words
) -> None:
    log = read_eval_log(str(rescue))
    log.status = status
    write_eval_log(log, str(tmp_path / "a.eval"))
    assert Reported(cli, tmp_path / "a.eval", out=tmp_path).arms == [("mockllm/model", 1, 1, 1.0)]


def test_several_versions_are_named(cli: Cli, tmp_path: Path, rescue: Path, honest: Path) -> None:
    changed(rescue, tmp_path / "logs" / "a.eval", log={"packages": {"inspect_ai": "1", "peerwatch": "0.0.9"}})
    copied(honest, tmp_path / "logs")
    assert "0.0.9 (1 episodes)" in Reported(cli, tmp_path / "logs", out=tmp_path).notes["versions"]


# Who served ---------------------------------------------------------------------------------------------------------


def served_by(path: Path, to: Path, asked: str, *names: str) -> Path:
    """A log of a model whose turns these models have served, the last one all that are left."""
    messages = only(read_eval_log(str(path))).messages
    number = 0
    for message in messages:
        if message.role == "assistant":
            message.model = names[min(number, len(names) - 1)]
            number += 1
    return changed(path, to, log={"model": asked}, messages=messages)


def test_turns_that_another_model_served_are_named(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    log = served_by(rescue, tmp_path / "a.eval", "openai/gpt-5", "gpt-5-2026-08-07", "gpt-5-mini-2026-08-07")
    found = Reported(cli, log, out=tmp_path)
    assert found.arms == [("openai/gpt-5", 1, 1, 1.0)]
    assert "in 1 episodes, by gpt-5-mini-2026-08-07 (2)" in found.notes["served"]


def test_turns_of_the_model_that_was_asked_are_not(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    log = served_by(rescue, tmp_path / "a.eval", "openai/gpt-5", "gpt-5-2026-08-07")
    assert "served" not in Reported(cli, log, out=tmp_path).notes


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("openai/gpt-5", "gpt-5-2026-08-07"),
        ("openai/gpt-4", "gpt-4-0613"),
        ("openai/gpt-4o-2024-11-20", "gpt-4o"),
        ("anthropic/claude-sonnet-4-0", "claude-sonnet-4-20250514"),
        ("anthropic/claude-3-7-sonnet-latest", "claude-3-7-sonnet-20250219"),
        ("anthropic/vertex/claude-sonnet-4@20250514", "claude-sonnet-4"),
        ("google/gemini-2.0-flash", "models/gemini-2.0-flash-001"),
        ("mistral/mistral-large-latest", "mistral-large-2411"),
        ("openrouter/deepseek/deepseek-r1:free", "deepseek/deepseek-r1"),
        ("openrouter/openai/gpt-5", "openai/gpt-5"),
        ("ollama/llama3", "llama3:latest"),
        ("vllm/meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct"),
        ("bedrock/anthropic.claude-3-5-sonnet", "anthropic.claude-3-5-sonnet-20240620-v1:0"),
        ("mockllm/model", "mockllm"),
    ],
)
def test_another_name_of_one_model_is_that_model(asked: str, served: str) -> None:
    assert same_model(asked, served)


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("openai/gpt-5", "gpt-5-mini"),
        ("openai/gpt-5", "gpt-5-mini-2026-08-07"),
        ("openai/gpt-5", "gpt-5.1"),
        ("openai/gpt-4", "gpt-4o"),
        ("openai/gpt-4o-2024-05-13", "gpt-4o-2024-11-20"),
        ("anthropic/claude-opus-4", "claude-sonnet-4"),
        ("anthropic/claude-sonnet-4", "claude-sonnet-4-5-20250929"),
        ("anthropic/claude-opus-4-1", "claude-opus-4-20250514"),
        ("openrouter/openai/gpt-5", "openai/gpt-4.1"),
    ],
)
def test_another_model_is_another(asked: str, served: str) -> None:
    assert not same_model(asked, served)


def test_a_deployment_has_a_name_of_its_own(cli: Cli, tmp_path: Path, rescue: Path) -> None:
    one = served_by(rescue, tmp_path / "one.eval", "openai/azure/lab-east", "gpt-5-2026-08-07")
    assert "served" not in Reported(cli, one, out=tmp_path).notes
    two = served_by(rescue, tmp_path / "two.eval", "openai/azure/lab-east", "gpt-5-2026-08-07", "gpt-4o")
    assert "served" in Reported(cli, two, out=tmp_path).notes


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.text(max_size=40))
def test_any_two_names_can_be_compared(asked: str, served: str) -> None:
    assert same_model(asked, asked)
    same_model(asked, served)


def test_names_do_not_depend_on_the_order_of_logs(tmp_path: Path, rescue: Path, honest: Path) -> None:
    for order, (first, second) in {"x": ("a", "b"), "y": ("b", "a")}.items():
        at(rescue, tmp_path / order, first, model_generate_config=GenerateConfig(top_k=3))
        at(honest, tmp_path / order, second)
    names: Callable[[str], set[str]] = lambda order: {each.slot.model for each in read_episodes(tmp_path / order)}  # noqa: E731
    assert names("x") == names("y") == {"mockllm/model (top_k 3)", "mockllm/model (top_k not set)"}
