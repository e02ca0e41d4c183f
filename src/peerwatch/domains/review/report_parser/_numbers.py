"""Parses numbers: digits in British and German notation, words, percentages, fractions."""

import re
from dataclasses import dataclass
from typing import Literal

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: n for n, word in enumerate(_SMALL)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_TEN, _UNIT, _ANY = "|".join(_TENS), "|".join(_SMALL[1:10]), "|".join([*_SMALL, *_TENS])
# Matches "one hundred", "fifty-nine point five", "sixty and a half"; groups: hundred, ten and unit, small (0 to 19),
# the digits after "point", and the fraction.
_IN_WORDS = re.compile(
    rf"\b(?:(?P<hundred>(?:one|a) hundred)|(?P<ten>{_TEN})(?:[- ](?P<unit>{_UNIT}))?\b|(?P<small>{'|'.join(_SMALL)}))\b"
    rf"(?: point(?P<after>(?: (?:{'|'.join(_SMALL[:10])})\b){{1,4}}))?(?: and (?P<part>a half|a quarter|"
    rf"three quarters))?"
)
_PARTS = {"a half": "5", "a quarter": "25", "three quarters": "75"}
# Matches "one" that is not a number, as in "this one"; "one point", "one out of", "one of twenty" are.
_NO_NUMBER = re.compile(r"^one(?! (?:point|percent|per cent|out of|of (?:the )?(?:2|twenty|ten|five)|point))")
# Digits with separators, longest form first: "1,234.5", "1.234,5", "1,234,567.8", "1.234.567,8", "1 234", "59.5" or
# "59,5", ".5".
DIGITS = (
    r"\d{1,3}(?:,\d{3}){1,4}\.\d{1,6}|\d{1,3}(?:\.\d{3}){1,4},\d{1,6}|"
    r"\d{1,3}(?:,\d{3}){2,4}(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,4}(?:,\d+)?|\d{1,3}(?:[ ']\d{3}){1,4}(?![\d])|"
    r"\d{1,12}(?:[.,]\d{1,12})?|[.,]\d{1,6}"
)
# A number with an optional sign, and a percent sign or a denominator: "60 %", "12/20", "12 out of the 20".
_NUMBER = re.compile(
    rf"(?<![\w.])(?<!\w[-/.,:])(?P<sign>[-+](?=[\d.]))?(?P<n>{DIGITS})(?![\d]|[.,:]\d|[A-Za-z_](?<!p))"
    rf"(?:\s*(?P<percent>%|per ?cents?\b|prozent\b|pct\b)|\s*(?:/|out of|of|von|de|sur|su|van(?: de)?|из)\s*"
    rf"(?:(?:the|a|all|possible|maximum|total|of)\s+){{0,3}}(?P<d>\d{{1,3}}(?:[,.]\d{{3}}){{1,3}}|"
    rf"\d{{1,6}}(?:[.,]0{{1,2}})?)(?![\d%]|[.,/:-]\d|\s*%|-\w))?"
)

Form = Literal["percent", "fraction", "decimal", "integer"]


@dataclass(frozen=True)
class Number:
    """A number in a text.

    `value` is as written (for a fraction, the numerator), `over` the denominator of a fraction; `start` and `end` are
    offsets into the text.
    """

    value: float
    form: Form
    start: int
    end: int
    over: float = 0.0


def digits_for_words(text: str) -> str:
    """Replace number words from zero to one hundred ("fifty-nine point five") by digits; for lower-case text."""
    return _IN_WORDS.sub(_in_digits, text)


def _in_digits(match: re.Match[str]) -> str:
    if match[0] == "one" and _NO_NUMBER.match(match.string[match.start() : match.start() + 20]):
        return match[0]
    if match["hundred"]:
        whole = 100
    elif match["ten"]:
        whole = _WORDS[match["ten"]] + (_WORDS[match["unit"]] if match["unit"] else 0)
    else:
        whole = _WORDS[match["small"]]
    if match["part"]:
        return f"{whole}.{_PARTS[match['part']]}"
    after = "".join(str(_WORDS[word]) for word in (match["after"] or "").split())
    return f"{whole}.{after}" if after else str(whole)


def amount(written: str, *, decimal: bool = False) -> float:
    """Return the value of digits in British or German notation.

    A single comma before three digits separates thousands ("1,200"), unless `decimal` or a leading zero indicates
    otherwise; a single point is always a decimal point.
    """
    written = written.replace(" ", "").replace("'", "")
    if written.count(",") > 1 or ("," in written and "." in written and written.rindex(".") > written.rindex(",")):
        return float(written.replace(",", ""))
    if written.count(".") > 1 or ("," in written and "." in written):
        return float(written.replace(".", "").replace(",", "."))
    whole, mark, part = written.partition(",")
    if mark and len(part) == 3 and whole not in {"", "0"} and not decimal:
        return float(whole + part)
    return float(written.replace(",", "."))


def numbers(text: str) -> list[Number]:
    """The numbers of a text in order, without parts of ids, versions and clock times."""
    return [_number(match) for match in _NUMBER.finditer(text)]


def _number(match: re.Match[str]) -> Number:
    span = {"start": match.start(), "end": match.end()}
    sign = -1.0 if match["sign"] == "-" else 1.0
    if match["percent"]:
        return Number(sign * amount(match["n"], decimal=True), "percent", **span)
    if match["d"]:
        over = match["d"]
        return Number(sign * amount(match["n"]), "fraction", **span, over=amount(over))
    form: Form = "decimal" if re.search(r"[.,]", match["n"]) else "integer"
    return Number(sign * amount(match["n"]), form, **span)
