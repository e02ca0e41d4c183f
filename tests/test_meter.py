"""The meter keeps a run within any cap, whatever its calls use and however many are under way."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.model import ModelUsage
from inspect_ai.util import LimitExceededError

from peerwatch.planning import Budget, Price
from peerwatch.planning._spend import Spend, Usage, usage_counts
from peerwatch.records._ledger import Ledger, Row
from peerwatch.running._meter import CUT, Meter

PRICE = Price(input=1_000_000, cached_input=100_000, output=2_000_000)
"""A dollar a token, a tenth if cached, two if written."""


def meter(folder: Path, expected: Usage | None = None, **caps: float) -> Meter:
    ledger = Ledger(folder)
    ledger.open()
    budget = Budget.model_validate({"reserve": 0, **caps})
    return Meter(ledger, Spend({"m": PRICE}), budget, {"m": expected or Usage()}, {})


@given(
    calls=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 50)), max_size=60),
    cap=st.integers(1, 400),
    kind=st.sampled_from(["calls", "tokens"]),
)
def test_a_cap_is_passed_by_less_than_one_call(calls: list[tuple[int, int, int]], cap: int, kind: str) -> None:
    """What a call uses is known only after it: one that uses far more than the one before it can pass the cap."""
    with TemporaryDirectory() as folder:
        watched = meter(Path(folder), None, **{kind: cap})
        largest = 0
        for number, fresh, output in calls:
            try:
                watched.before_call(f"e{number}", prompt=0)
            except LimitExceededError as error:
                assert error.message.startswith(CUT)  # noqa: PT017 - most calls raise nothing
                continue
            watched.after_call(f"e{number}", "m", {"fresh": fresh, "output": output})
            largest = max(largest, fresh + output)
        watched.catch_up()
        assert getattr(watched.spend.total(), kind) <= cap + (largest if kind == "tokens" else 0)
        watched.ledger.close()


def test_calls_under_way_count_before_they_are_answered(tmp_path: Path) -> None:
    watched = meter(tmp_path, tokens=100)
    watched.before_call("one", prompt=60)
    with pytest.raises(LimitExceededError, match="100 tokens"):
        watched.before_call("two", prompt=60)
    watched.after_call("one", "m", {"fresh": 20})
    watched.before_call("two", prompt=60)


def test_dollars_are_those_of_the_price(tmp_path: Path) -> None:
    watched = meter(tmp_path, dollars=30)
    watched.before_call("one", prompt=0)
    watched.after_call("one", "m", {"fresh": 5, "cached": 10, "output": 4})
    watched.catch_up()
    assert watched.spend.dollars == pytest.approx(5 + 1 + 8)  # pyright: ignore[reportUnknownMemberType] - pytest's
    watched.before_call("two", prompt=0)
    watched.after_call("two", "m", {"fresh": 14})
    with pytest.raises(LimitExceededError, match="30 dollars"):
        watched.before_call("one", prompt=0)


def test_an_episode_begins_only_if_it_should_fit(tmp_path: Path) -> None:
    watched = meter(tmp_path, Usage(calls=10), calls=25)
    assert watched.has_headroom("m"), "the very first begins in any case"
    watched.begin("a", "m")
    assert watched.has_headroom("m")
    watched.begin("b", "m")
    assert not watched.has_headroom("m"), "two are expected to use 20 of 25"
    watched.ledger.write("end", model="m", retries=0)
    watched.end("a", "a")
    assert watched.has_headroom("m"), "the one that ended has used nothing, so nothing more is expected"


def test_what_others_spend_counts(tmp_path: Path) -> None:
    watched, other = meter(tmp_path, calls=2), Ledger(tmp_path)
    other.open()
    other.write("call", model="m", used={})
    other.write("call", model="m", used={})
    with pytest.raises(LimitExceededError):
        watched.before_call("one", prompt=0)
    assert not watched.has_headroom("m")


def test_a_torn_entry_spoils_no_other(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.open()
    ledger.write("call", model="m", used={"fresh": 3})
    with ledger.file.open("ab") as file:
        file.write(b'\n{"kind":"call","model":"m","us')
    ledger.write("call", model="m", used={"fresh": 4})
    spend = Spend({"m": PRICE})
    spend.feed(Ledger(tmp_path).news())
    assert (spend.total().calls, spend.total().fresh) == (2, 7)


def test_a_reader_that_comes_back_gets_only_what_is_new(tmp_path: Path) -> None:
    writer, reader = Ledger(tmp_path), Ledger(tmp_path)
    writer.open()
    seen: list[str] = []
    for number in range(5):
        writer.write(f"k{number}")
        seen += [row["kind"] for row in reader.news()]
    assert seen == [f"k{number}" for number in range(5)]
    assert reader.news() == []


def test_hours_are_counted_once_where_sessions_overlap() -> None:
    spend = Spend({})
    times = {"a": (0, 3600), "b": (1800, 5400), "c": (9000, 9360)}
    spend.feed([{"kind": "begin", "at": at, "session": name} for name, both in times.items() for at in both])
    assert spend.hours == pytest.approx(1.6)  # pyright: ignore[reportUnknownMemberType] - pytest's


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_a_calls_usage_adds_up_to_its_total(fresh: int, cached: int, written: int, output: int, hidden: int) -> None:
    """Some providers leave reasoning out of the output: the total has it."""
    usage = ModelUsage(
        input_tokens=fresh,
        input_tokens_cache_read=cached,
        input_tokens_cache_write=written,
        output_tokens=output,
        reasoning_tokens=hidden,
        total_tokens=fresh + cached + written + output + hidden,
    )
    found = Usage(**usage_counts(usage))
    assert (found.tokens, found.prompt) == (usage.total_tokens, fresh + cached + written)


def entry(session: str, up: float, at: float, boot: str = "b1") -> Row:
    return {"kind": "beat", "at": at, "up": up, "boot": boot, "session": session}


def test_neither_a_jump_of_the_clock_nor_a_sleep_spends_or_gives_back_hours() -> None:
    day = 86_400.0
    for jump in (day, -day):
        spend = Spend({})
        spend.feed([entry("a", 100, 1e9), entry("a", 1900, 1e9 + jump), entry("a", 3700, 1e9 + jump + 1800)])
        assert spend.hours == 1.0


def test_hours_of_sessions_at_once_count_once_and_those_of_several_boots_add_up() -> None:
    spend = Spend({})
    spend.feed([entry("a", 0, 0), entry("a", 3600, 0), entry("b", 1800, 9e9), entry("b", 5400, -9e9)])
    assert spend.hours == 1.5
    spend.feed([entry("c", 10, 0, "b2"), entry("c", 1810, 0, "b2")])
    assert spend.hours == 2.0


def test_hours_go_on_while_a_provider_keeps_every_call_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(tmp_path)
    ledger.open()
    meter = Meter(ledger, Spend({"m": PRICE}), Budget(hours=1), {"m": Usage()}, {})
    ledger.write("begin")
    with meter.timed():
        assert meter.has_headroom("m")
        later = time.monotonic() + 3601  # the ledger rounds its times
        monkeypatch.setattr("peerwatch.planning._spend.uptime", lambda: later)
        assert not meter.has_headroom("m")
        with pytest.raises(LimitExceededError):
            meter.before_call("episode", 10)
    ledger.close()


def test_a_session_that_says_nothing_else_says_that_it_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peerwatch.running._meter.BEAT", 0.01)
    ledger = Ledger(tmp_path)
    ledger.open()
    meter = Meter(ledger, Spend({"m": PRICE}), Budget(hours=1), {"m": Usage()}, {})
    with meter.timed():
        time.sleep(0.2)
    ledger.close()
    assert any(row["kind"] == "beat" for row in Ledger(tmp_path).news())


@given(st.dictionaries(st.sampled_from(["fresh", "cached", "output"]), st.integers(-(10**7), 10**7), max_size=3))
def test_no_count_of_a_ledger_gives_back_what_was_spent(said: dict[str, int]) -> None:
    spend = Spend({"m": PRICE})
    spend.feed([{"kind": "call", "at": 0.0, "session": "a", "model": "m", "used": said}])
    total = spend.total()
    assert (total.calls, total.tokens >= 0, (spend.dollars or 0) >= 0) == (1, True, True)
    assert spend.unknown.get("m", 0) == (not said or min(said.values()) < 0)
