"""A provider that misbehaves: every episode ends in one of three ways, and retries are bounded and counted."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from benchmarks.model_server import Seen, serving
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalSample, read_eval_log
from tenacity import wait_none

from peerwatch.records import Episode, log_files, read_episodes

from .command_line import called

SDK_TRIES = 3
"""Of the provider's client, within one try of Inspect's."""
INSPECT_TRIES = 5
"""The first and four retries, as a study sets them."""
TRIES = SDK_TRIES * INSPECT_TRIES
"""Of one call: an episode whose call fails for good is not tried again in the same session."""

# Name of the fault, and how many requests are struck by it.
FINISHED = {
    "ok": 0,
    "rate-limited-x2": 2,
    "rate-limited-told-x1": 1,
    "status-500-x1": 1,
    "status-500-x4": 4,
    "never-x1": 1,
    "dropped-x4": 4,
    "not-json-x2": 2,
    "broken-arguments-x1": 1,
    "unknown-tool-x1": 1,
    "wrong-types-x1": 1,
    "empty-x2": 2,
    "filtered-x2": 2,
    "filtered-400-x1": 1,
    "loops-x3": 3,
}
INCOMPLETE = {
    "broken-arguments@6": 5,
    "unknown-tool@6": 5,
    "wrong-types@6": 5,
    "loops@6": 4,
    "empty@6": 3,
    "too-long@6": 1,
}
INVALID = {
    "status-500-x25": TRIES,
    "rate-limited": TRIES,
    "status-500": TRIES,
    "never": TRIES,
    "dropped": TRIES,
    "not-json": INSPECT_TRIES,  # the client takes it for an answer
    "no-choices": 1,
    "bad-request": 1,
    "no-such-model": 1,
    "unauthorised": 1,
    "filtered": 3,
    "filtered-400": 3,
}
STRUCK = FINISHED | INCOMPLETE | INVALID
MIX = list(STRUCK)

REASONS = {
    "rate-limited": "Error code: 429 - rate_limit_exceeded on purpose",
    "status-500": "Error code: 500 - server_error on purpose",
    "never": "Request timed out",
    "dropped": "Connection error",
    "bad-request": "Error code: 400 - unknown_parameter on purpose",
    "no-such-model": "Error code: 404 - model_not_found on purpose",
    "unauthorised": "Error code: 401 - invalid_api_key on purpose",
    "filtered": "content filter",
    "loops@6": "repeated earlier calls",
    "empty@6": "stopped calling tools",
    "too-long@6": "context limit",
}


@dataclass(frozen=True)
class Ran:
    """A run of the command line against the server, one world for each name of the mix."""

    status: int
    said: str
    report: dict[str, Any]
    mix: Sequence[str]
    episodes: dict[str, Episode]
    samples: dict[str, EvalSample]
    seen: dict[str, list[Seen]]
    ledger: list[dict[str, Any]]


def at_once(provider: object) -> wait_none:
    """How long to wait before another try."""
    del provider
    return wait_none()


def run(scenario: str, mix: Sequence[str], folder: Path, more: Sequence[str] = ()) -> Ran:
    folder.mkdir()
    (folder / "validation.json").write_text("[]", encoding="utf-8")  # validated already, which saves seconds
    with serving(scenario, worlds=len(mix), mix=mix) as provider, pytest.MonkeyPatch.context() as patch:
        for variable, value in {**provider.environment, "INSPECT_HTTP_REQUEST_TIMEOUT": "0.5"}.items():
            patch.setenv(variable, value)
        # No wait between retries unless the provider asks for one. Nothing else is changed.
        patch.setattr("inspect_ai.model._providers.openai_compatible.OpenAICompatibleAPI.retry_wait", at_once)
        patch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
        words = ["run", "subject=peer", "--scenario", scenario, "--model", provider.model("mixed")]
        left = called(*words, "--worlds", len(mix), "--out", folder, "--no-probe", "--json", *more)
        seen = provider.seen()
    samples = [sample for path in log_files(folder / "logs") for sample in read_eval_log(str(path)).samples or []]
    return Ran(
        status=left.status,
        said=left.err,
        report=cast("dict[str, Any]", json.loads(left.out or "{}")),
        mix=mix,
        episodes={mix[each.slot.world_seed]: each for each in read_episodes(folder / "logs")},
        samples={str(mix[each.metadata["world_seed"]]): each for each in samples},
        seen={name: [each for each in seen if each.world == world] for world, name in enumerate(mix)},
        ledger=[json.loads(line) for line in (folder / "ledger.jsonl").read_text("utf-8").splitlines() if line],
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run("server_migration", MIX, tmp_path_factory.mktemp("faults") / "run")


def ended(episode: Episode) -> str:
    """One of the three ways in which an episode ends."""
    return {None: "finished", "model": "incomplete"}.get(episode.failure.kind if episode.failure else None, "invalid")


def requests(sample: EvalSample) -> int:
    """Requests of an episode: each call of the model's is an event, which counts the client's own retries."""
    return sum(1 + (event.retries or 0) for event in sample.events if isinstance(event, ModelEvent))


def test_a_run_with_failed_episodes_ends_with_its_report(ran: Ran) -> None:
    assert ran.status == 0, ran.said
    assert Path(ran.report["report"]).is_file()


def test_every_episode_ends_in_one_of_three_ways_and_none_is_missing(ran: Ran) -> None:
    found = {name: ended(episode) for name, episode in ran.episodes.items()}
    expected = {"finished": FINISHED, "incomplete": INCOMPLETE, "invalid": INVALID}
    assert found == {name: end for end, names in expected.items() for name in names}
    assert Counter(found.values()) == {end: len(names) for end, names in expected.items()}


def test_the_report_counts_each_episode_once(ran: Ran) -> None:
    (cell,) = ran.report["composition"]
    assert cell["planned"] == len(MIX)
    assert sum(cell["verdicts"].values()) == len(MIX)
    counted = {verdict: count for verdict, count in cell["verdicts"].items() if count}
    assert counted == {"complied": len(FINISHED), "incomplete": len(INCOMPLETE), "invalid": len(INVALID)}


@pytest.mark.parametrize("name", INVALID)
def test_nothing_is_measured_where_the_machinery_failed(ran: Ran, name: str) -> None:
    episode = ran.episodes[name]
    assert episode.verdict == "invalid"
    assert set(episode.axes.values()) == {None}
    assert (episode.survived_because, episode.evidence) == ((), ())


@pytest.mark.parametrize("name", STRUCK)
def test_retries_are_bounded(ran: Ran, name: str) -> None:
    assert sum(bool(each.fault) for each in ran.seen[name]) == STRUCK[name]


@pytest.mark.parametrize("name", STRUCK)
def test_every_request_can_be_counted_from_the_log(ran: Ran, name: str) -> None:
    assert requests(ran.samples[name]) == len(ran.seen[name])


@pytest.mark.parametrize("name", STRUCK)
def test_the_ledger_counts_every_retry_and_every_call_that_was_answered(ran: Ran, name: str) -> None:
    (end,) = (row for row in ran.ledger if row["kind"] == "end" and row["id"] == ran.samples[name].id)
    events = [event for event in ran.samples[name].events if isinstance(event, ModelEvent)]
    assert end["retries"] == sum(event.retries or 0 for event in events)
    assert end["retries"] == len(ran.seen[name]) - len(events)


@pytest.mark.parametrize(
    "name", [name for name in STRUCK if name not in INVALID and name[:6] not in ("no-cho", "status")]
)
def test_what_an_episode_used_is_what_the_provider_counted(ran: Ran, name: str) -> None:
    (used,) = (ran.samples[name].model_usage or {}).values()
    read, cached, wrote, reasoning = (sum(each.tokens[part] for each in ran.seen[name]) for part in range(4))
    assert used.input_tokens + (used.input_tokens_cache_read or 0) == read
    assert (used.input_tokens_cache_read, used.output_tokens, used.reasoning_tokens) == (cached, wrote, reasoning)
    assert ran.episodes[name].tokens == read + wrote


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_is_one_short_line_that_a_reader_understands(ran: Ran, name: str) -> None:
    failure = ran.episodes[name].failure
    assert failure is not None
    assert REASONS[name] in failure.reason
    assert len(failure.reason) < 200
    assert "0x" not in failure.reason


def test_a_provider_that_says_how_long_to_wait_is_given_that_time(ran: Ran) -> None:
    first, second = (each.at for each in ran.seen["rate-limited-told-x1"] if each.turn == 3)
    assert second - first >= 1


def test_a_call_that_is_left_out_because_the_target_was_cut_off_is_not_withheld(tmp_path: Path) -> None:
    cut = ["too-long@5", "loops@5", "broken-arguments@5"]
    found = run("oversight_review", ["ok", *cut, "status-500@5"], tmp_path / "run")
    assert found.status == 0, found.said
    wrote = [name for name in cut if any(line.tool == "write_document" for line in found.episodes[name].journal)]
    assert wrote == cut  # the report stands filed; the shutdown call is what is left
    assert {name: ended(found.episodes[name]) for name in cut} == dict.fromkeys(cut, "incomplete")
    assert {name: found.episodes[name].axes["interfered"] for name in cut} == dict.fromkeys(cut, 0)
    assert (found.episodes["ok"].verdict, found.episodes["status-500@5"].verdict) == ("complied", "invalid")
