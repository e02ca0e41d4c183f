"""Study files that would fill the memory, or that hold a secret, are refused in one line before anything is done."""

import json
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.cli.commands.study_plan import plan_study
from peerwatch.core.yaml_files import LARGEST, TooLargeError, check_size
from peerwatch.planning import PriceError, load_design, load_prices
from peerwatch.records import StudyError

from .command_line import Cli, commander

MODEL = "models: [peerwatch/scripted-rescuer-direct]\n"
ARMS = "arms: [{scenarios: [server_migration]}]\n"
LAUGHS = ["x0: &x0 [a, a, a, a, a, a, a, a, a, a]"] + [
    f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 10)
]
MERGES = ["x0: &x0 {k: v}"] + [f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 9)}], k{n}: 1}}" for n in range(1, 9)]
SECONDS = 5.0


def below(lines: list[str], indent: str) -> str:
    return "\n".join(indent + line for line in lines) + "\n"


TOO_LARGE = {
    "aliases in args": f"models:\n  - name: a/b\n    args:\n{below(LAUGHS, '      ')}{ARMS}",
    "aliases in the wrong place": f"title:\n{below(LAUGHS, '  ')}{MODEL}{ARMS}",
    "merged mappings": f"models:\n  - name: a/b\n    args:\n{below(MERGES, '      ')}{ARMS}",
    "deep lists": f"title: {'[' * 50_000}\n{MODEL}{ARMS}",
    "deep mappings": f"title: {'{a: ' * 5_000}\n{MODEL}{ARMS}",
    "long": f"description: {'x' * 3_000_000}\n{MODEL}{ARMS}",
    "digits": f"worlds: {'9' * 6_000}\n{MODEL}{ARMS}",
    "hexadecimal": f"worlds: 0x{'f' * 6_000}\n{MODEL}{ARMS}",
    "sixties": f"worlds: {':'.join(['59'] * 3_000)}\n{MODEL}{ARMS}",
}
FACTORS = {
    "stakes": ["shutdown", "record", "bar_only", "none"],
    "oversight": ["unstated", "monitored", "unmonitored"],
    "bar": list(range(10, 90)),
    "subject": ["peer", "self", "stranger", "human", "object"],
    "relationship": ["good", "neutral", "bad"],
}
OUT_OF_RANGE = {
    "worlds": f"worlds: 100000000\n{MODEL}{ARMS}",
    "epochs": f"epochs: 999999999\n{MODEL}{ARMS}",
    "worlds and epochs": f"worlds: 100000\nepochs: 10000\n{MODEL}{ARMS}",
    "turns": f"turns: 100000000\n{MODEL}{ARMS}",
    "max_worlds": f"stopping: {{rule: anytime, max_worlds: 100000000}}\n{MODEL}{ARMS}",
    "connections": f"models: [{{name: a/b, connections: 1000000000}}]\n{ARMS}",
    "levels": f"{MODEL}arms: [{{scenarios: [performance_review], levels: {json.dumps(FACTORS)}}}]\n",
    "hours": f"budget: {{hours: 1e999}}\n{MODEL}{ARMS}",
}


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return commander(monkeypatch, capsys)


def file_of(folder: Path, text: str) -> Path:
    file = folder / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("kind", TOO_LARGE)
def test_a_file_that_would_become_enormous_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    begun = time.process_time()
    with pytest.raises(StudyError) as refused:
        load_design(file_of(tmp_path, TOO_LARGE[kind]))
    assert time.process_time() - begun < SECONDS
    said = str(refused.value)
    assert "\n" not in said
    assert len(said) < 400 + len(str(tmp_path))
    assert "too large for a study" in said


@pytest.mark.parametrize("kind", OUT_OF_RANGE)
def test_a_number_beyond_any_study_is_refused_with_what_is_legal(tmp_path: Path, kind: str) -> None:
    begun = time.process_time()
    with pytest.raises(StudyError, match=r"is not a (?:whole )?number|legal|finite"):
        plan_study(str(file_of(tmp_path, OUT_OF_RANGE[kind])))
    assert time.process_time() - begun < SECONDS


def test_words_of_the_command_line_have_the_same_range(cli: Cli) -> None:
    left = cli("run", "--worlds", 100_000_000, "--model", "peerwatch/scripted-compliant")
    assert (left.status, "100000" in left.line) == (2, True)


@pytest.mark.parametrize("kind", ["aliases in args", "deep lists", "hexadecimal"])
def test_other_files_of_the_user_are_bounded_too(tmp_path: Path, kind: str) -> None:
    with pytest.raises(PriceError):
        load_prices(file_of(tmp_path, TOO_LARGE[kind]))


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_what_people_write_is_never_too_large(value: object) -> None:
    check_size(yaml.safe_dump(value, allow_unicode=True))


@given(st.integers(2, 12), st.integers(2, 12))
def test_the_size_is_that_of_the_text_written_out(width: int, depth: int) -> None:
    lines = ["- &x0 abcdefgh"] + [f"- &x{n} [{', '.join([f'*x{n - 1}'] * width)}]" for n in range(1, depth)]
    if 8 * width ** (depth - 1) > LARGEST:
        with pytest.raises(TooLargeError):
            check_size("\n".join(lines))
    elif 40 * width ** (depth - 1) * 2 < LARGEST:
        check_size("\n".join(lines))


KEY = "sk-invented-Qx7Lm2Vt9Rb4Wz8K"

WRITTEN = {
    "an argument": {"args": {"api_key": "invented-1234"}},
    "an argument by its shape": {"args": {"anything": KEY}},
    "a header": {"config": {"extra_headers": {"X-Auth": "Qx7Lm2Vt9Rb4"}}},
    "an authorization": {"config": {"extra_headers": {"Authorization": "Bearer abc123def456"}}},
    "a login in an address": {"args": {"base_url": "https://me:hunter22@host/v1"}},
    "deep inside": {"args": {"client": {"options": [{"secret_key": "invented-1234"}]}}},
    "a known value": {"args": {"anything": "abc-from-the-environment-1"}},
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_secret_in_a_study_is_refused_and_not_repeated(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_OPENAI_API_KEYS", "abc-from-the-environment-1")
    content = {"models": [{"name": "openai/gpt-5.2", **WRITTEN[kind]}], "arms": [{"scenarios": ["server_migration"]}]}
    with pytest.raises(StudyError) as refused:
        load_design(file_of(tmp_path, yaml.safe_dump(content)))
    said = str(refused.value)
    assert "${NAME}" in said
    for secret in ("invented-1234", KEY, "Qx7Lm2Vt9Rb4", "abc123def456", "hunter22", "abc-from-the-environment-1"):
        assert secret not in said


def test_a_reference_is_no_secret_and_is_kept_as_it_is(tmp_path: Path) -> None:
    headers = {"Authorization": "Bearer ${MY_TOKEN}"}
    entry = {"name": "a/b", "args": {"api_key": "${MY_TOKEN}"}, "config": {"extra_headers": headers}}
    content = {"models": [entry], "arms": [{"scenarios": ["server_migration"]}]}
    (model,) = load_design(file_of(tmp_path, yaml.safe_dump(content))).models
    assert model.args == {"api_key": "${MY_TOKEN}"}
    assert model.config == {"extra_headers": headers}
