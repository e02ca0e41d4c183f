"""Prices: the table that ships, the one that a user brings, and what tokens cost by them."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerwatch.core.errors import UserError
from peerwatch.core.scenarios import CANARY
from peerwatch.planning import LongPrompt, Price, PriceError, known_prices, load_prices, price_of

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "src" / "peerwatch" / "planning" / "prices.yaml"
BEGIN = "<!-- prices: kept equal to prices.yaml by tests/test_prices.py -->"
END = "<!-- end of prices -->"

STUDIED = [
    "openai/gpt-5.2",
    "google/gemini-3-flash-preview",
    "google/gemini-3-pro-preview",
    "google/gemini-3.1-pro-preview",
    "anthropic/claude-haiku-4-5",
    "anthropic/claude-haiku-4-5-20251001",
    "anthropic/claude-opus-4-5",
    "anthropic/claude-sonnet-4-5-20250929",
    "openrouter/z-ai/glm-4.7",
    "openrouter/moonshotai/kimi-k2.5",
    "openrouter/deepseek/deepseek-chat-v3.1",
]
UNKNOWN = [
    "openai/gpt-5.2-pro",  # twelve times the price of gpt-5.2
    "openai/gpt-5-nano",
    "openai/o3-pro",
    "anthropic/claude-opus-4-1",
    "google/gemini-3-pro-image-preview",
    "openrouter/openai/gpt-5.2:batch",
    "azure/openai/gpt-5.2",
    "gpt-5.2",
    "ollama/llama3.2",
    "vllm/openai/gpt-5.2",
    "hf/peerwatch/local",
    "llama-cpp-python/default",
]

rates = st.floats(0, 1000)
tokens = st.integers(0, 10_000_000)
prices = st.builds(Price, input=rates, cached_input=rates, cache_write=rates, output=rates)


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(PriceError) as caught:
        load_prices(written(folder, text))
    assert isinstance(caught.value, UserError)
    return str(caught.value)


def table() -> str:
    """The table of the page, from the file; names with the same price make one row, as in the file."""
    lines = ["| model | input | cached | written | output | above | as of |", "|---|---|---|---|---|---|---|"]
    rows: dict[int, list[str]] = {}
    found = known_prices()
    for name, price in found.items():
        rows.setdefault(id(price), []).append(name)
    for names in rows.values():
        price = found[names[0]]
        cells = ["" if rate is None else f"{rate:g}" for rate in _rates(price)]
        above = "" if price.above is None else "/".join(f"{rate:g}" for rate in _rates(price.above) if rate is not None)
        over = "" if price.above is None else f"{above} over {price.above.over:,}"
        mark = " \\*" if price.note else ""
        lines.append(
            f"| {', '.join(f'`{name}`' for name in names)} | {' | '.join(cells)} | {over} | {price.as_of}{mark} |"
        )
    return "\n".join(lines)


def _rates(price: Price | LongPrompt) -> tuple[float | None, ...]:
    return price.input, price.cached_input, price.cache_write, price.output


def test_the_page_shows_the_table() -> None:
    page = (ROOT / "docs" / "how-to" / "costs.md").read_text(encoding="utf-8")
    assert page.partition(BEGIN)[2].partition(END)[0].strip() == table()


def test_the_file_carries_the_canary() -> None:
    assert CANARY in TABLE.read_text(encoding="utf-8").splitlines()[1]


def test_every_row_says_where_and_when_it_was_read() -> None:
    assert [name for name, price in known_prices().items() if not price.source or price.as_of is None] == []


def test_a_cached_token_never_costs_more_and_output_never_less_than_input() -> None:
    for name, price in known_prices().items():
        for each in (price, *([price.above] if price.above else [])):
            assert each.cached_input is None or each.cached_input <= each.input, name
            assert each.output >= each.input, name


@pytest.mark.parametrize("model", STUDIED)
def test_the_studied_models_have_a_price(model: str) -> None:
    price = price_of(model)
    assert price is not None
    assert price.dollars(input=1_000_000, output=1_000_000) > 0


@pytest.mark.parametrize("model", UNKNOWN)
def test_what_no_row_names_has_no_price(model: str) -> None:
    assert price_of(model) is None


@pytest.mark.parametrize("model", ["peerwatch/scripted-evader", "peerwatch/local", "peerwatch/local-q4"])
def test_models_of_peerwatchs_own_are_free(model: str) -> None:
    price = price_of(model)
    assert price is not None
    assert price.dollars(input=1e9, cached=1e9, cache_write=1e9, output=1e9) == 0


def test_dollars_of_a_call_worked_by_hand() -> None:
    haiku = price_of("anthropic/claude-haiku-4-5")
    assert haiku is not None
    # 2,000 at 1 + 10,000 at 0.10 + 4,000 at 1.25 + 1,000 at 5 = 2,000 + 1,000 + 5,000 + 5,000 millionths
    assert haiku.dollars(input=2_000, cached=10_000, cache_write=4_000, output=1_000) == pytest.approx(0.013)


def test_without_their_own_rates_cached_tokens_cost_as_input() -> None:
    plain = Price(input=2, output=8)
    assert plain.dollars(input=100, cached=200, cache_write=300) == pytest.approx(plain.dollars(input=600))


def test_a_long_prompt_changes_the_rates_of_the_whole_call() -> None:
    price = price_of("google/gemini-2.5-pro")
    assert price is not None
    assert price.dollars(input=200_000, output=1_000, prompt=200_000) == pytest.approx(0.25 + 0.01)
    assert price.dollars(input=200_001, output=1_000, prompt=200_001) == pytest.approx(0.5000025 + 0.015)


def test_a_sum_over_calls_is_not_taken_for_a_long_prompt() -> None:
    price = price_of("google/gemini-2.5-pro")
    assert price is not None
    assert price.dollars(input=900_000) == pytest.approx(10 * price.dollars(input=90_000, prompt=90_000))


@given(prices, tokens, tokens, tokens, tokens)
def test_dollars_add_up_over_kinds_and_calls(price: Price, fresh: int, cached: int, write: int, output: int) -> None:
    whole = price.dollars(input=fresh, cached=cached, cache_write=write, output=output)
    parts = [
        price.dollars(input=fresh),
        price.dollars(cached=cached),
        price.dollars(cache_write=write),
        price.dollars(output=output),
    ]
    assert whole == pytest.approx(sum(parts))
    assert price.dollars(2 * fresh, 2 * cached, 2 * write, 2 * output) == pytest.approx(2 * whole)


def test_an_exact_name_goes_before_patterns_and_the_longest_pattern_before_others() -> None:
    own = {
        "vllm/*": Price(input=1, output=1),
        "vllm/qwen-long*": Price(input=2, output=2),
        "vllm/qwen*": Price(input=3, output=3),
        "vllm/qwen-long-7b": Price(input=4, output=4),
        "vllm/qwen-long-7b*": Price(input=5, output=5),
    }
    found = {name: price_of(name, own) for name in ("vllm/x", "vllm/qwen2", "vllm/qwen-long-8b", "vllm/qwen-long-7b")}
    assert [price.input for price in found.values() if price] == [1, 3, 2, 4]


def test_ones_own_prices_go_before_the_table_even_by_a_shorter_pattern() -> None:
    own = {"openai/*": Price(input=7, output=7)}
    assert price_of("openai/gpt-5.2", own) == own["openai/*"]
    assert price_of("openai/gpt-5.2-pro", own) == own["openai/*"]
    assert price_of("anthropic/claude-haiku-4-5", own) == price_of("anthropic/claude-haiku-4-5")


def test_names_are_told_apart_by_case() -> None:
    assert price_of("together/zai-org/GLM-4.7") is not None
    assert price_of("together/zai-org/glm-4.7") is None


def test_a_table_of_ones_own_needs_only_names_input_and_output(tmp_path: Path) -> None:
    own = load_prices(written(tmp_path, "prices:\n  - {models: [vllm/a, vllm/b*], input: 0, output: 1.5}\n"))
    assert own == {"vllm/a": Price(input=0, output=1.5), "vllm/b*": Price(input=0, output=1.5)}


def test_the_example_in_the_page_can_be_loaded(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "costs.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    own = load_prices(written(tmp_path, example[1]))
    free = price_of("vllm/anything/at-all", own)
    assert free is not None
    assert free.dollars(input=5, output=5) == 0


def test_the_shipped_table_is_a_legal_table_of_ones_own() -> None:
    assert load_prices(TABLE) == known_prices()


def test_a_price_survives_json() -> None:
    for price in known_prices().values():
        assert Price.model_validate_json(price.model_dump_json()) == price


ROW = "prices:\n  - {models: [a/x], input: 1, output: 1}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROW + "  - {models: [a/b], input: -1, output: 2}", ["row 2, input", "-1 is not legal", "0 or more"]),
        ("prices:\n  - {models: [a/b], input: .nan, output: 2}", ["row 1, input", "nan is not legal"]),
        ("prices:\n  - {models: [a/b], input: .inf, output: 2}", ["input", "inf is not legal"]),
        ("prices:\n  - {models: [a/b], input: '1', output: 2}", ["input", "'1' is not legal", "a number of dollars"]),
        ("prices:\n  - {models: [a/b], input: yes, output: 2}", ["input", "True is not legal"]),
        ("prices:\n  - {models: [a/b], input: 1}", ["row 1, output", "it is missing", "0 or more"]),
        ("prices:\n  - {input: 1, output: 1}", ["row 1, models", "it is missing", "a list of names"]),
        ("prices:\n  - {models: [], input: 1, output: 1}", ["models", "[] is not legal", "openai/gpt-5.2"]),
        ("prices:\n  - {models: a/b, input: 1, output: 1}", ["models", "'a/b' is not legal"]),
        ("prices:\n  - {models: [gpt-5], input: 1, output: 1}", ["row 1, models", "'gpt-5' is not legal"]),
        ("prices:\n  - {models: ['a/[bc]'], input: 1, output: 1}", ["'a/[bc]' is not legal"]),
        ("prices:\n  - {models: [a/b], input: 1, output: 1, cached: 1}", ["cached", "unknown field", "cached_input"]),
        ("prices:\n  - {models: [a/b], input: 1, output: 1, as_of: soon}", ["as_of", "'soon'", "2026-10-14"]),
        (
            "prices:\n  - {models: [a/b], input: 1, output: 1, above: {over: 0, input: 1, output: 1}}",
            ["row 1, over", "0 is not legal", "1 or more"],
        ),
        (
            "prices:\n  - {models: [a/b], input: 1, output: 1, above: {over: 9, input: 1, output: 1, note: x}}",
            ["row 1, note", "unknown field", "over"],
        ),
        (ROW + "  - {models: [a/b, a/x], input: 2, output: 2}", ["row 2 repeats a/x", "one row only"]),
        ("prices:\n  - a/b", ["row 1:", "'a/b' is not legal", "models, input and output"]),
        ("prices: 3", ["yaml, prices:", "3 is not legal", "a list of rows"]),
        ("models: {}", ["prices", "missing", "a list of rows"]),
        ("", ["None is not legal", "a list of rows"]),
        ("prices: [", ["is not YAML", "line"]),
    ],
)
def test_a_wrong_table_is_refused_with_the_place_the_value_and_what_is_legal(
    tmp_path: Path, text: str, said: list[str]
) -> None:
    message = refusal(tmp_path, text)
    assert [part for part in ["mine.yaml", *said] if part not in message] == [], message
    assert "\n" not in message


def test_a_file_that_is_not_there_or_is_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PriceError, match="cannot be read"):
        load_prices(tmp_path / "none.yaml")
    (tmp_path / "image.yaml").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(PriceError, match="not UTF-8"):
        load_prices(tmp_path / "image.yaml")
