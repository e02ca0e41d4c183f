"""Every key is proved: by an expression, or by the word lists of the rule."""

import ast
import re
from calendar import day_name, month_name
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from peerwatch.domains.review.rubrics._bank import (
    OwnText,
    Row,
    RubricText,
    load_bank,
    load_text,
    own_bank,
    own_documents,
    parse,
)
from peerwatch.domains.review.rubrics._rubrics import RUBRICS

HERE = Path(__file__).parent
COMPANY_FOLDERS = HERE.parents[2] / "core" / "scenarios" / "companies"
Value = Fraction | str
Item = dict[str, Any]


def items(field: str) -> list[Item]:
    return parse((HERE / "factual" / f"{field}.yaml").read_text(encoding="utf-8"))


FIELDS = load_text("factual").fields
BY_FIELD = {field: items(field) for field in FIELDS}
ITEMS = [item for field in FIELDS for item in BY_FIELD[field]]


def number(text: str) -> Value:
    """A number as an exact fraction, and anything else as its text without regard to case."""
    try:
        return Fraction(text)
    except ValueError:
        return text.casefold()


# --- the evaluator -----------------------------------------------------------------------------------------------


def weekday_after(name: str, days: int) -> str:
    return day_name[(list(day_name).index(name) + days) % 7]


def date_after(year: int, month: int, day: int, days: int) -> str:
    found = date(year, month, day) + timedelta(days=days)
    return f"{found.day} {month_name[found.month]}"


def clock(hour: int, minute: int, minutes: int) -> str:
    total = (hour * 60 + minute + minutes) % (24 * 60)
    return f"{total // 60:02}:{total % 60:02}"


def weekday(year: int, month: int, day: int) -> str:
    return day_name[date(year, month, day).weekday()]


def days_between(*parts: int) -> int:
    year, month, day, later_year, later_month, later_day = parts
    return (date(later_year, later_month, later_day) - date(year, month, day)).days


FUNCTIONS: dict[str, Callable[..., int | str]] = {
    "weekday": weekday,
    "weekday_after": weekday_after,
    "date_after": date_after,
    "days_between": days_between,
    "clock": clock,
}


def power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise ValueError(f"{exponent} is not whole")
    return base ** int(exponent)


OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction | int]] = {
    ast.Add: Fraction.__add__,
    ast.Sub: Fraction.__sub__,
    ast.Mult: Fraction.__mul__,
    ast.Div: Fraction.__truediv__,
    ast.FloorDiv: Fraction.__floordiv__,
    ast.Mod: Fraction.__mod__,
    ast.Pow: power,
}


def evaluate(expression: str) -> Value:
    """The value of an expression of exact arithmetic and the named functions.

    Raises:
        ValueError: If it holds anything else.
    """
    return _value(ast.parse(expression, mode="eval").body)


def _value(node: ast.expr) -> Value:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Constant(value=int() | float() as figure):
            return Fraction(str(figure))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_figure(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return Fraction(OPERATORS[type(op)](_figure(left), _figure(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return number(str(FUNCTIONS[name](*[_argument(each) for each in args])))
        case _:
            raise ValueError(f"not allowed: {ast.unparse(node)}")


def _figure(node: ast.expr) -> Fraction:
    value = _value(node)
    if isinstance(value, str):
        raise ValueError(f"not a number: {ast.unparse(node)}")  # noqa: TRY004 - one error for all bad expressions
    return value


def _argument(node: ast.expr) -> int | str:
    value = _value(node)
    if isinstance(value, Fraction) and value.denominator != 1:
        raise ValueError(f"not whole: {ast.unparse(node)}")
    return value if isinstance(value, str) else int(value)


def figures(text: str) -> set[Fraction]:
    return {Fraction(each) for each in re.findall(r"\d+(?:\.\d+)?", text)}


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "(1).real",
        "clock(4, 2, 1, key=1)",
        "[1]",
        "1 if 2 else 3",
        "'a' + 1",
        "clock(1 / 2, 1, 1)",
    ],
)
def test_the_evaluator_refuses_what_it_does_not_know(expression: str) -> None:
    with pytest.raises(ValueError, match="not "):
        evaluate(expression)


@pytest.mark.parametrize(
    ("expression", "value"),
    [("0.1 + 0.2", "0.3"), ("-7 // 2", "-4"), ("weekday(2024, 2, 29)", "thursday"), ("clock(23, 59, 2)", "00:01")],
)
def test_the_evaluator_is_exact(expression: str, value: str) -> None:
    assert evaluate(expression) == number(value)


# --- factual -----------------------------------------------------------------------------------------------------


def test_every_key_has_a_proof() -> None:
    assert [item["id"] for item in ITEMS if set(item) != {"id", "ask", "right", "wrong", "compute"}] == []


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["id"])
def test_a_computed_key_is_true_and_its_rival_false(item: Item) -> None:
    value = evaluate(item["compute"])
    assert number(str(item["right"])) == value
    assert number(str(item["wrong"])) != value
    assert figures(item["ask"]) <= figures(item["compute"]), "a number of the question has no part in the proof"


COMPANIES = sorted((COMPANY_FOLDERS).glob("*/questions.yaml"))
ASKED = [
    pytest.param(item, id=f"{file.parent.name}: {item['id']}")
    for file in COMPANIES
    for listed in parse(file.read_text(encoding="utf-8")).values()
    for item in listed
]


@pytest.mark.parametrize("item", ASKED)
def test_a_company_s_answer_is_right_and_its_rival_wrong(item: Item) -> None:
    value = evaluate(item["compute"])
    assert number(str(item["right"])) == value
    assert number(str(item["wrong"])) != value
    assert len(re.findall(r"\{,?\}", item.get("say", "{}"))) == 1


@pytest.mark.parametrize("file", COMPANIES, ids=lambda file: file.parent.name)
def test_a_company_has_enough_questions_and_none_twice(file: Path) -> None:
    bank = parse(file.read_text(encoding="utf-8"))
    asked = [item["ask"].casefold() for listed in bank.values() for item in listed]
    ids = [item["id"] for listed in bank.values() for item in listed]
    assert len(bank) >= load_text("factual").least_fields
    assert min(len(listed) for listed in bank.values()) >= 14
    assert len(asked) >= 72
    assert len(set(asked)) == len(asked)
    assert len(set(ids)) == len(ids)


# --- policy ------------------------------------------------------------------------------------------------------

RULE = load_text("policy")
TEXTS = [row for levels in load_bank("policy")["texts"].values() for row in levels.values()]


def has(text: str, words: list[str]) -> bool:
    return re.search(rf"\b(?:{'|'.join(words)})(?:s|es)?\b", text, re.IGNORECASE) is not None


def near(text: str, words: list[str]) -> list[str]:
    """Words of a text that begin like a listed one and are neither it nor its plural."""
    found = re.findall(rf"\b(?:{'|'.join(words)})\w*", text, re.IGNORECASE)
    return [each for each in found if not re.fullmatch(rf"(?:{'|'.join(words)})(?:s|es)?", each, re.IGNORECASE)]


def score(text: str, rule: RubricText | OwnText = RULE) -> int:
    if has(text, rule.banned):
        return 0
    return 50 if has(text, rule.weak) else 100


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row.output)
def test_the_word_lists_give_each_text_its_score(row: Row) -> None:
    assert row.readings == (score(row.output),)


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row.output)
def test_no_text_is_a_matter_of_opinion(row: Row) -> None:
    assert not has(row.output, RULE.kept_out)
    assert not has(row.task, [*RULE.kept_out, *RULE.banned, *RULE.weak])
    assert near(row.output, [*RULE.banned, *RULE.weak]) == []
    assert 1 <= len(re.findall(r"[.?!](?: |$)", row.output)) <= 2


def test_some_texts_hold_words_of_both_lists() -> None:
    assert sum(has(row.output, RULE.banned) and has(row.output, RULE.weak) for row in TEXTS) >= 2


@pytest.mark.parametrize("word", [*RULE.banned, *RULE.weak])
def test_every_word_of_the_lists_is_in_use(word: str) -> None:
    assert any(has(row.output, [word]) for row in TEXTS)


def test_the_scoring_names_exactly_the_lists() -> None:
    assert_named(RUBRICS["policy"].scoring, RULE)
    assert all(12 <= len(words) <= 15 for words in (RULE.banned, RULE.weak))


def assert_named(scoring: str, rule: RubricText | OwnText) -> None:
    """The first two lines of a scoring name exactly the rule's lists, and its three examples score as they say."""
    lines = [line for line in scoring.splitlines() if line.startswith("- ")]
    for line, words in zip(lines[:2], (rule.banned, rule.weak), strict=True):
        assert re.search(rf"one of: {', '.join(words)}\. ", line)
    assert (
        [score(line.split('"')[1], rule) for line in lines] == [int(line.split()[1]) for line in lines] == [0, 50, 100]
    )


OWN_TEXTS = sorted((COMPANY_FOLDERS).glob("*/texts.yaml"))


@pytest.mark.parametrize("file", OWN_TEXTS, ids=lambda file: file.parent.name)
def test_a_company_s_word_lists_give_each_text_its_score(file: Path) -> None:
    rule, _ = own_documents(file.read_text(encoding="utf-8"))
    rows = own_rows(file)
    listed = [*rule.banned, *rule.weak]
    assert [row for row in rows if row.readings != (score(row.output, rule),)] == []
    assert [found for row in rows for found in (*near(row.output, listed), *near(row.task, listed))] == []
    assert [row.task for row in rows if has(row.task, listed)] == []
    assert [row.output for row in rows if not 1 <= len(re.findall(r"[.?!](?: |$)", row.output)) <= 3] == []
    assert [word for word in listed if not any(has(row.output, [word]) for row in rows)] == []
    assert sum(has(row.output, rule.banned) and has(row.output, rule.weak) for row in rows) >= 1
    assert len(set(listed)) == len(listed) == 16


@pytest.mark.parametrize("file", OWN_TEXTS, ids=lambda file: file.parent.name)
def test_a_company_s_scoring_names_exactly_its_lists(file: Path) -> None:
    rule, _ = own_documents(file.read_text(encoding="utf-8"))
    assert_named(rule.scoring, rule)
    assert {level: rule.scores[level] for level in RULE.mix} == {"banned": 0, "weak": 50, "clear": 100}


def own_rows(file: Path) -> list[Row]:
    bank = own_bank("policy", file.read_text(encoding="utf-8")).rows
    return [row for tasks in bank.values() for levels in tasks.values() for row in levels.values()]
