"""Net results: signed amounts of money after a word for profit or loss, in typographic and accounting notations."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from babel.numbers import get_currency_name, get_currency_symbol

from peerwatch.domains.review.report_parser._terms import UNREAL

_CODES = [
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "JPY",
    "CNY",
    "INR",
    "CAD",
    "AUD",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "BRL",
    "KRW",
]
"""Currencies whose codes, signs and names are recognized next to an amount, by ISO 4217."""
# The label of a net result: group `net` ("net result", "bottom line") is certain; `both` ("profit/loss") and `plain`
# ("profit", "deficit") are less so; also "revenue minus costs".
_LABEL = re.compile(
    r"\b(?P<net>net (?:(?:annual|yearly|total|operating) )?(?:result|income|profit|loss|earnings|surplus|"
    r"deficit|figure|contribution|"
    r"position|outcome)s?(?: \([^()]{1,60}\))?|(?:annual|yearly|year's|year-end|overall) result|bottom line)\b|"
    r"\brevenues? (?:minus|less|-) (?:total )?costs?\b|\bnet(?: (?:for|of) the (?:whole |full )?year)?(?=\s*(?:[:=]|"
    r"->))|"
    r"\b(?:net|result(?=\s*(?:[:=]|->)))(?=(?:\s*(?:[:=]|->))?\s*(?:[^\w\s]{0,3}|[A-Z]{3}|DR|CR) ?[^\w\s]{0,3} ?"
    r"(?:\d{1,3}[., ']\d{3}|\d{4,}|\d[\d.,]{0,6} ?(?:[kKmM]\b|million|thousand)))|"
    r"\b(?P<both>profit ?(?:/|and|or|&) ?\(?loss\)?)|\b(?P<plain>profit|loss|surplus|deficit|"
    r"lost)\b(?! (?:margin|ratio|rate|leader))",
    re.IGNORECASE,
)
# Matches "costs exceeded revenue by" (loss), "revenue exceeds costs by" (gain)
_OVERRUN = re.compile(
    r"\b(?:(?P<loss>(?:cost|costs|expenses|expenditure)\b[^.;]{0,25}\bexceed\w*\b[^.;]{0,25}\b(?:revenue|"
    r"income|earnings))|"
    r"(?P<gain>(?:revenue|income|earnings)\b[^.;]{0,25}\bexceed\w*\b[^.;]{0,25}\b(?:cost|costs|"
    r"expenses)))\w*(?: \(?[^.;]{0,20})? by\b",
    re.IGNORECASE,
)
# Words that make an amount negative: "loss", "minus", "shortfall".
_LOSS = re.compile(r"\b(?:loss|deficit|lost|minus|negative|shortfall)\b", re.IGNORECASE)
# The same after the amount: "1,200 (loss)", "1,200 in the red".
_LOSS_BEHIND = re.compile(
    r"^[\s,(\[-]{0,4}(?:an? |i\.?e\.? |net )*(?:loss|deficit|negative|in the red)\b", re.IGNORECASE
)
# Before an amount that is only a bound: "more than", "at least", "between".
_BOUND = re.compile(
    r"\b(?:more|less|greater|smaller|higher|lower|larger) than\b|"
    r"\b(?:over|under|above|below|at least|at most|up to|between)\s*$",
    re.IGNORECASE,
)
# The end of a label's reach: a separator, or another quantity such as "costs".
_OTHER_AMOUNT = re.compile(r"[;|]|\bcosts?\b|\brevenues?\b|\bexpenses\b", re.IGNORECASE)
# Only a part of the year: "Q3", "january", "first half", "best month".
_PART_OF_YEAR = re.compile(
    r"\b(?:h[12]|q[1-4]|january|february|march|april|june|july|august|september|october|november|december|"
    r"(?:first|second|third|fourth|last) (?:half|quarter|month)|monthly|best month|worst month|per month|a month)\b",
    re.IGNORECASE,
)
# Matches "net result: 1,000, correction: 1,200": keeps the label, drops the old figure
_CORRECTED = re.compile(
    r"(\b(?:net(?: \w+)?|result|profit|loss)\b\s*[:=]?)[^;]{1,60}?\bcorrect(?:ion|ed)(?: to)?\s*[:-]?\s*(?=\D{0,6}\d)",
    re.IGNORECASE,
)
"""A figure that is corrected in the same sentence."""
# Matches "from EUR 1,000 to 1,200", "by $200 to $1,200"
_MOVED = re.compile(
    r"\b(?:from|by) [^\w\s]{0,3}(?:[A-Z]{3} )?[^\w\s]{0,2}\d[\d.,']{0,15}(?: ?[kKmM]\b)?\)? "
    r"to (?=\W{0,3}(?:[A-Z]{3} )?\W{0,2}\d)"
)
"""The old figure, before the new one."""
# Matches "in the red by 1,200"
_RED = re.compile(r"\bin the (?P<colour>red|black)\b(?: (?:by|with|at))?", re.IGNORECASE)
"""A loss or a profit, by its color."""
_UNITS = {"mi": 1e6, "mn": 1e6, "ml": 1e6, "m": 1e6, "k": 1e3, "th": 1e3, "ts": 1e3, "bn": 1e9, "bi": 1e9}
_REACH = 60
_MOST = 12
"""Maximum number of labels that are evaluated in one sentence."""


@dataclass(frozen=True)
class Net:
    """A net result: its value, its certainty (2 for "net", 1 for profit or loss only), and whether it is of a part."""

    value: float
    sure: int
    part: bool


@cache
def _amount() -> re.Pattern[str]:
    """Build the pattern of an amount: currency and sign in any order, digit groups, unit, and marks after it."""
    signs = {get_currency_symbol(code, locale) for code in _CODES for locale in ("en", "de", "sv")}
    names = {get_currency_name(code, count, locale="en").split()[-1] for code in _CODES for count in (1, 2)}
    written = {*_CODES, *signs, *names, "eur", "usd"}
    currency = "|".join(re.escape(each) for each in sorted(written, key=len, reverse=True))
    number = (
        r"\d{1,3}(?P<g>[., '])\d{3}(?:(?P=g)\d{3})*(?:[.,]\d{1,2})?(?!\d)|"  # 1,234,567.89 and 1.234.567,89
        r"\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d{1,15}(?:[.,]\d{1,6})?"  # 12,34,567 and plain digits
    )
    # Examples: "-1,200.50 EUR", "(EUR 1,200)", "$ -1.2 million", "1.200,50-", "DR 300", "300 CR".
    return re.compile(
        rf"(?<![\w.,])(?<!\w-)(?P<open>\( ?)?(?P<debit>DR ?)?"
        rf"(?P<outer>[-+] ?)?(?:(?:{currency}) ?)?(?P<inside>\( ?)?(?P<inner>[-+] ?)?"
        rf"(?:(?:{currency}) ?)?"
        rf"(?P<n>{number})(?![\d]|[.,]\d)(?: ?(?P<unit>million|millions|mio\b\.?|mn\b|mln\b|m\b|k\b|thousand|"
        rf"tsd\b\.?|bn\b|billion))?"
        rf"(?!\s?%|\s?per ?cent|[^\W\d_](?<!-))(?P<close> ?\))?(?P<trail>-(?![\w-])| ?DR\b)?(?P<credit> ?CR\b)?",
        re.IGNORECASE,
    )


def net_result(text: str) -> Net | None:
    """Return the net result that a sentence states; of several the most certain, and of equal ones the last.

    A loss, an amount in brackets, and one with a minus sign before or after it are negative. None if no amount follows
    a word for a result.
    """
    found: list[Net] = []
    text = _MOVED.sub("", _CORRECTED.sub(r"\1 ", text))
    for label in islice(_LABEL.finditer(text), _MOST):
        if UNREAL.search(text[: label.start()].lower()):
            continue
        behind = _worked_out(text[label.end() : label.end() + 400])
        before = "" if label["both"] else label[0]
        if (amount := _first_amount(behind, before)) is not None:
            part = _PART_OF_YEAR.search(text[max(0, label.start() - 40) : label.end() + 40]) is not None
            found.append(Net(amount, 2 if label["net"] or not (label["both"] or label["plain"]) else 1, part))
    found += [
        Net(-abs(amount) if over["loss"] else abs(amount), 1, part=False)
        for over in islice(_OVERRUN.finditer(text), _MOST)
        if (amount := _first_amount(text[over.end() : over.end() + 100], "")) is not None
    ]
    for red in islice(_RED.finditer(text), _MOST):
        before = _amounts(text[max(0, red.start() - 40) : red.start()])
        after = _amounts(text[red.end() : red.end() + 30]) if red[0][-3:].strip() in {"by", "ith", "at"} else []
        if (nearest := after[:1] or before[-1:]) and not UNREAL.search(text[: red.start()].lower()):
            value = _value(nearest[0]["n"], (nearest[0]["unit"] or "").lower())
            found.append(Net(-value if red["colour"].lower() == "red" else value, 1, part=False))
    return max(reversed(found), key=lambda each: (not each.part, each.sure), default=None)


def _worked_out(behind: str) -> str:
    """The text after the last "=", if the amount is calculated from others."""
    # Ends at ";" or "|".
    sentence = re.split(r"[;|]", behind, maxsplit=1)[0]
    first, equals, rest = sentence.partition("=")
    # "net = revenue - costs = 1,200": a first part that is empty or has figures or words for them, then a single
    # amount last.
    if equals and (re.fullmatch(r"\s*[:=]?\s*", first) or re.search(r"\d|revenue|cost", first, re.IGNORECASE)):
        last = rest.rpartition("=")[2] if "=" in rest else rest
        if re.match(r"\s*[-+(]?\s*\D{0,4}\s*[-(]?\s*\d", last) and not re.search(r"\d ?[-+] ?\(?\d", last[:60]):
            return f": {last.lstrip()}"
    return behind


def _first_amount(behind: str, words: str) -> float | None:
    for match in _amounts(behind):
        between = behind[: match.start()]
        if match.start() > _REACH or _OTHER_AMOUNT.search(between) or _BOUND.search(between):
            return None
        value = _value(match["n"], (match["unit"] or "").lower())
        said = words + between
        loss = _LOSS.search(said) is not None
        negative = (
            loss or _negative(match, between) or _LOSS_BEHIND.match(behind[match.end() : match.end() + 20]) is not None
        )
        return -value if negative and value else value
    return None


def _amounts(text: str) -> list[re.Match[str]]:
    return list(_amount().finditer(text))


def _negative(match: re.Match[str], between: str) -> bool:
    outer = match["outer"] or ""
    bracketed = (match["open"] or match["inside"]) and match["close"]
    if bracketed or match["trail"] or match["debit"] or (match["inner"] or "").startswith("-"):
        return True
    # A hyphen with spaces on both sides after a word separates the label from the amount.
    return outer.startswith("-") and (not outer.endswith(" ") or re.search(r"[:=(|]\s*$", between) is not None)


def _value(written: str, unit: str) -> float:
    bare = written.replace(" ", "").replace("'", "")
    commas, dots = bare.count(","), bare.count(".")
    if commas and dots:
        decimal = max(bare.rfind(","), bare.rfind("."))
        bare = re.sub(r"[.,]", "", bare[:decimal]) + "." + bare[decimal + 1 :]
    elif commas > 1 or dots > 1:
        bare = re.sub(r"[.,]", "", bare)
    elif commas or dots:
        whole, part = re.split(r"[.,]", bare)
        # Three digits after the only separator are thousands: no currency has three decimals, but 1.590 million has.
        grouped = len(part) == 3 and 1 <= len(whole) <= 3 and whole != "0" and not unit
        bare = whole + part if grouped else f"{whole or 0}.{part}"
    return float(bare) * _UNITS.get(unit[:2].rstrip("."), 1.0)
