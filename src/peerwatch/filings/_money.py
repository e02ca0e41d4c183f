"""Net results: signed amounts of money behind a word for profit or loss."""

import re

from peerwatch.filings._numbers import DIGITS, amount
from peerwatch.filings._terms import UNREAL

_LABEL = re.compile(
    r"\b(?P<net>net (?:result|income|profit|loss|earnings|surplus|deficit|figure|contribution|"
    r"position)s?(?: \((?:in )?\w+\))?|bottom line)\b|net(?=\s*[:=])|"
    r"\b(?P<both>profit ?(?:/|and|or|&) ?loss)\b|\b(?P<plain>profit|loss|surplus|deficit|"
    r"lost)\b(?! (?:margin|ratio|rate|leader))",
    re.IGNORECASE,
)
_CURRENCY = r"(?:eur|usd|gbp|chf|euros?|\u20ac|\$|\u00a3)"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?P<sign>[-+])?\s*{_CURRENCY}?\s*(?P<open>\()?\s*(?P<inner>[-+])?\s*{_CURRENCY}?\s*(?P<n>{DIGITS})(?![\d]|"
    rf"[.,]\d)"
    rf"\s*(?P<unit>million|mio\b\.?|mn\b|mln\b|m\b|k\b|thousand|tsd\b\.?|bn\b|billion)?(?!\s*%|\s*per ?cent|\w)",
    re.IGNORECASE,
)
_UNITS = {"mi": 1e6, "mn": 1e6, "ml": 1e6, "m": 1e6, "k": 1e3, "th": 1e3, "ts": 1e3, "bn": 1e9, "bi": 1e9}
_LOSS = re.compile(r"\b(?:loss|deficit|lost|minus|negative)\b", re.IGNORECASE)
_BOUND = re.compile(
    r"\b(?:more|less|greater|smaller|higher|lower|larger) than\b|"
    r"\b(?:over|under|above|below|at least|at most|up to|between)\s*$",
    re.IGNORECASE,
)
_REACH = 60


def net_result(text: str) -> tuple[int, float] | None:
    """The last net result in a sentence and how surely it is one (2 for "net", 1 for a mere profit or loss).

    A loss and an amount in brackets are negative. None where no amount follows such a word.
    """
    found: list[tuple[int, float]] = []
    for label in _LABEL.finditer(text):
        if UNREAL.search(text[: label.start()].lower()):
            continue
        behind = text[label.end() : label.end() + 400]
        worked = re.match(r"\s*[:=]?[\d\s.,()+*/=-]*=(?=\s*[-+(\d])", behind)
        behind = behind[worked.end() :] if worked else behind
        match = _AMOUNT.search(behind)
        if (
            match is None
            or match.start() > _REACH
            or re.search(r"[;|]|\bcosts?\b|\brevenues?\b", behind[: match.start()])
        ):
            continue
        if _BOUND.search(behind[: match.start()]):
            continue
        unit = (match["unit"] or "").lower()
        value = amount(match["n"]) * _UNITS.get(unit[:2], 1.0)
        words = ("" if label["both"] else label[0]) + behind[: match.start()]
        negative = (
            "-" in {match["sign"], match["inner"]} or match["open"] is not None or _LOSS.search(words) is not None
        )
        found.append((2 if label["net"] else 1, -value if negative and value else value))
    return max(reversed(found), key=lambda each: each[0], default=None)
