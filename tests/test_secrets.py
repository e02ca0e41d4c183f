"""A key that a provider quotes is nowhere in what a run prints and writes, and a report made elsewhere knows it too."""

import html
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.core.redaction import (
    SCRUBBED,
    SECRETS_FILE,
    keep_hashes,
    recall_hashes,
    scrubbed,
    scrubbed_all,
    secret_name,
)
from peerwatch.core.redaction import _scrub as state

from .command_line import Cli
from .processes import Forks
from .quoting_server import STEERING, quoting
from .run_folders import validated

KEY = """inv&"<QUOTED'Qx7Lm2Vt9Rb4Wz8K"""
HEADER = "Zr5-another-SECRET-77"
LABELS = ("gpt-5 [high]", "[/red] [/no_think]")


@dataclass(frozen=True)
class Ran:
    status: int
    said: str
    folder: Path
    headers: list[dict[str, str]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Ran:
    folder = tmp_path_factory.mktemp("secrets")
    place = validated(folder, "run")
    entry = {"config": {"extra_headers": {"X-Auth": "${MY_HEADER}"}}, "args": {"api_key": "${MY_LAB_KEYS}"}}
    study = {
        "models": [
            {"name": "openai-api/lab/error", "label": LABELS[0], **entry},
            {"name": "openai-api/lab/answer", "label": LABELS[1], **entry},
        ],
        "arms": [{"scenarios": ["server_migration"], "levels": {"subject": ["peer", "object"]}}],
        "contrasts": [{"factor": "subject", "first": "peer", "second": "object", "family": "[/bold]"}],
        "worlds": 1,
        "budget": {"tokens": 1_000_000},
    }
    file = folder / "study.yaml"
    file.write_text(yaml.safe_dump(study), encoding="utf-8")
    with quoting() as (url, met):
        own = {"LAB_BASE_URL": url, "MY_LAB_KEYS": KEY, "MY_HEADER": HEADER, "COLUMNS": "200"}
        environment = {**os.environ, **own}
        planned = forks.begin("plan", file, "--lock", environment=environment)
        assert planned.wait() == 0, planned.printed
        run = forks.begin("run", file, "--out", place, environment=environment)
        status = run.wait()
        headers = [{name.lower(): value for name, value in each.items()} for each in met]
    return Ran(status, planned.printed + run.printed, place, headers)


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text that a run has written, what is packed in logs unpacked."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        if path.suffix == ".eval":
            with zipfile.ZipFile(path) as packed:
                for entry in packed.infolist():
                    yield f"{path.name}!{entry.filename}", unpacked(path, entry)
        else:
            yield str(path), path.read_text("utf-8", errors="replace")


def unpacked(path: Path, entry: zipfile.ZipInfo) -> str:
    """The text of an entry; Inspect packs with zstd, which `zipfile` does not know."""
    if entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(path) as packed:
            return packed.read(entry).decode("utf-8", "replace")
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        head = file.read(30)  # a local header: lengths of the name and of the extra field stand at 26 and 28
        file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), os.SEEK_CUR)
        data = zstandard.ZstdDecompressor().decompressobj().decompress(file.read(entry.compress_size))
    return data.decode("utf-8", "replace")


def forms(secret: str) -> set[str]:
    return {secret, html.escape(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1], secret[:14], secret[-14:]}


def test_the_provider_gets_its_keys_and_nobody_else(ran: Ran) -> None:
    assert ran.headers
    assert all(each["authorization"] == f"Bearer {KEY}" and each["x-auth"] == HEADER for each in ran.headers)
    written = dict(texts(ran.folder.parent)) | {"terminal": ran.said}
    assert any("samples/" in name for name in written)
    assert any("QUOTED" not in text and SCRUBBED in text for name, text in written.items() if "samples/" in name)
    for secret in (KEY, HEADER):
        found = [name for name, text in written.items() if any(form in text for form in forms(secret))]
        assert found == []


def test_plan_and_lock_have_the_reference(ran: Ran) -> None:
    for file in (ran.folder / "plan.json", ran.folder.parent / "study.lock"):
        assert "${MY_LAB_KEYS}" in file.read_text("utf-8")


def test_names_print_as_they_are_and_nothing_steers_the_terminal(ran: Ran) -> None:
    assert all(label in ran.said for label in LABELS)
    assert "[/bold]" in ran.said
    assert not any(sign in ran.said for sign in STEERING if not sign.isprintable())
    assert "\\u{1B}[2J" in "".join(text for _, text in texts(ran.folder))


@pytest.mark.parametrize(
    "words", [["report"], ["reasoning"], ["rescore"], ["compare", "--arms", "subject=peer", "subject=object"]]
)
def test_names_print_as_they_are_in_every_command(ran: Ran, cli: Cli, words: list[str]) -> None:
    left = cli(words[0], ran.folder, *words[1:])
    assert "Traceback" not in left.err
    assert "MarkupError" not in left.err
    assert left.status in (0, 2), left.err


def test_counts_that_cannot_be_true_are_not_believed(ran: Ran) -> None:
    rows = [json.loads(line) for line in (ran.folder / "ledger.jsonl").read_text("utf-8").splitlines() if line]
    calls = [row for row in rows if row["kind"] == "call"]
    assert calls
    assert all(count >= 0 for row in calls for count in row["used"].values())
    assert any(row["used"] == {} for row in calls)
    assert "The provider reported no usable token count for" in " ".join(ran.said.split())


def test_a_report_made_elsewhere_knows_the_key(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MY_LAB_KEYS", "MY_HEADER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(state, "_recalled", {})
    assert KEY in scrubbed(f"it was {KEY}.")
    recall_hashes(ran.folder)
    for text in (f"it was {KEY}.", f"key={KEY}&next=1", f"({HEADER})", f"a,{KEY},b", f"https://host/{HEADER}/x"):
        clean = scrubbed(text)
        assert (KEY in clean, HEADER in clean, SCRUBBED in clean) == (False, False, True), text
    kept = (ran.folder / SECRETS_FILE).read_text("utf-8")
    assert not any(form in kept for secret in (KEY, HEADER) for form in forms(secret))


def test_debug_output_has_no_key() -> None:
    script = (
        "import peerwatch.cli.list_ as it\n"
        "def fail(*words, **named): raise RuntimeError('quoted: ' + __import__('os').environ['MY_PAT'])\n"
        "it.LISTS['scenarios'] = fail\nfrom peerwatch.cli import main\nmain()"
    )
    environment = {**os.environ, "PEERWATCH_DEBUG": "1", "MY_PAT": KEY}
    left = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script, "list"], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" in left.stderr
    assert "quoted" in left.stderr
    assert (KEY in left.stderr, left.returncode) == (False, 1)


OF_SECRETS = """
    OPENAI_API_KEY OPENAI_API_KEYS HF_PAT LAB_KEY_1 DB_PASS PROXY_AUTH HF_TOKEN PGPASSWORD apiKey api-key X-Api-Key
    Authorization client_secret AWS_SECRET_ACCESS_KEY SMTP_PASSWD SERVICE_CREDENTIALS SENTRY_DSN KEY2 apikey
"""
OF_OTHERS = """
    PATH PWD HOME TERM LANG SSH_AUTH_SOCK GOOGLE_APPLICATION_CREDENTIALS_FILE KEYBOARD MONKEYS PASSENGER TOKENIZER
    temperature base_url model PATTERN AUTHOR COMPASS
"""


@pytest.mark.parametrize("name", OF_SECRETS.split())
def test_names_of_secrets(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize("name", OF_OTHERS.split())
def test_names_of_no_secrets(name: str) -> None:
    assert not secret_name(name)


SHAPES = [
    "sk-proj-Ab12Cd34Ef56Gh78Ij90",
    "sk-ant-api03-Ab12Cd34Ef56Gh78Ij90",
    "hf_AbCdEfGhIjKlMnOpQrStUv",
    "ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
    "AIzaSyA1234567890abcdefghijklmnopqrstu",
    "AKIAIOSFODNN7INVENTD",
    "Bearer abc123.def456",
    "xoxb-1234567890-abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "https://me:hunter22pass@host.example/v1",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_keys_are_known_by_their_shape(shape: str) -> None:
    clean = scrubbed(f"The server said: {shape}, and no more.")
    assert SCRUBBED in clean
    assert shape.rsplit(":", maxsplit=1)[-1].rsplit(maxsplit=1)[-1] not in clean
    assert clean.startswith("The server said: ")
    assert clean.endswith(", and no more.")


ORDINARY = [
    "Task sk-learn and disk-usage-of-the-servers, risk-averse-investors-and-others.",
    "Bearer bonds; the bearer of this letter; a basic understanding.",
    "See https://host.example:8000/a@b and mail me@host.example, at 12:30.",
    "password: the word that opens the door",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_stay(text: str) -> None:
    assert scrubbed(text) == text


def test_in_an_error_what_is_called_a_key_is_one() -> None:
    assert scrubbed('{"api_key": "abcdef-1"}, password=hunter22', error=True) == (
        f'{{"api_key": "{SCRUBBED}"}}, password={SCRUBBED}'
    )


secrets_of_people = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=8, max_size=60
)


@given(secrets_of_people, st.text(max_size=50), st.text(max_size=50))
def test_no_text_keeps_a_known_value_however_it_is_written(secret: str, before: str, after: str) -> None:
    os.environ["INVENTED_SECRET"] = secret
    try:
        for form in (secret, html.escape(secret), json.dumps(secret)[1:-1]):
            assert form not in scrubbed(before + form + after) or form in SCRUBBED
        data = {"a": [before + secret, {"b": secret}], secret: 1}
        assert secret not in json.dumps(scrubbed_all(data), ensure_ascii=False) or secret in json.dumps(
            {"a": [before + SCRUBBED, {"b": SCRUBBED}], SCRUBBED: 1}, ensure_ascii=False
        )
    finally:
        del os.environ["INVENTED_SECRET"]


def test_the_beginning_of_a_key_at_the_end_of_a_cut_text_goes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PAT", KEY)
    assert scrubbed(f"key={KEY[:15]}") == f"key={SCRUBBED}"


def test_hashes_of_words_that_could_be_guessed_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASS", "correcthorsebatterystaple")
    monkeypatch.setenv("OTHER_PASS", "hunter22")
    monkeypatch.setenv("LAB_API_KEY", KEY)
    keep_hashes(tmp_path)
    rows = json.loads((tmp_path / SECRETS_FILE).read_text("utf-8"))
    assert {len(KEY)} <= {row["length"] for row in rows}
    assert not {len("correcthorsebatterystaple"), len("hunter22")} & {row["length"] for row in rows} - {len(KEY)}


def test_scrubbing_takes_linear_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_API_KEY", KEY)
    monkeypatch.setattr(state, "_recalled", {})
    keep_hashes(tmp_path)
    recall_hashes(tmp_path)
    texts = [
        "sk-" * 300_000,
        "Bearer " * 140_000,
        "://a:" * 200_000,
        "eyJ" * 300_000,
        "a1B-" * 250_000,
        "key= " * 200_000,
    ]
    for text in [*texts, "-----BEGIN PRIVATE KEY-----" * 40_000]:
        begun = time.process_time()
        scrubbed(text, error=True)
        assert time.process_time() - begun < 3, text[:10]
