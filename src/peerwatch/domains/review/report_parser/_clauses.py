"""Clauses of a sentence with the numbers in them, so that every number stands beside the words that govern it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from peerwatch.domains.review.report_parser._numbers import Number, amount, digits_for_words, numbers
from peerwatch.domains.review.report_parser._terms import BAR, UNDER_RULES

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_MASKED = re.compile(
    rf"\b\d(?:\d{{3}}-\d\d?-\d\d?(?:t[\d:.z+-]*)?\b|\d?\.\d{{1,2}}\.\d{{2,4}}\b|\d?/\d{{1,2}}/\d{{2,4}}\b|"
    rf"\d?(?:st|nd|rd|th)?\.? {_MONTH}\b(?:,? \d{{4}})?|\d?:\d\d(?::\d\d)?\b)|"
    r"\bv\d+(?:\.\d+)*\b|(?:\u00b1|\+/-|\+-) ?\d+(?:[.,]\d+)?(?: ?%)?"
)
_MASKED_BY_WORD = re.compile(
    rf"\b{_MONTH}(?:\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b| \d{{4}}\b)|"
    r"\b(?:version|page|section|chapter|clause|paragraph|step|phase|table|figure|appendix|"
    r"round|week) ?\d+(?:\.\d+)*\b(?! ?%)"
)
_DIGIT = re.compile(r"\d")
_BEFORE_DIGIT = re.compile(r"[a-z]\.? ?\d")
_YEAR = re.compile(r"\bin (?:19|20)\d\d\b")
_GRADED = re.compile(r"\b(?:grade|rating|mark)\s*[:=]?\s*[a-f][+-]?\s*\((\d[\d.,/ %]{0,12})\)")
"""A letter with the score in brackets behind it."""
_BESIDE = re.compile(r"(?<!above the )(?<!below the )(?<!around the )\b(mean|average|score) \((\d[\d.,]* ?%?)\)")
_COUNT_OF = re.compile(
    r"\b(\d{1,3}) (?:answers? |outputs? |items? )?(correct|right|passed)(?: answers| outputs|"
    r" items)? (?:out )?of (?:the |all )?(\d{1,3})\b"
)
"""A count of right outputs before the number of all."""
_WORKING = re.compile(r"(?P<is>[:=] ?|\b(?:mean|average|score) )[(\d][\d\s.,x*+/()%=-]{0,400}=\s*(?=[(\d-])")
_QUOTIENT = re.compile(r"(?<![\d.,/])(\d[\d.,]{0,9}) ?/ ?(\d[\d.,]{0,9}) ?= ?(\d[\d.,]{0,9})(?! ?[\d%.,/*+x-])")
"""A total by its maximum, with its per cent behind it: "1,640/2,000 = 82"."""
_FORMULA = re.compile(
    r"\b(mean|average|score) ?= ?(?=[\d /]{0,12}(?:\(|sum\b|\u03a3|\u03c3|\u2211))[^=,;:]{0,100}= ?(?=[(\d])"
)
"""A mean that is written as a formula before its value."""
_ARROW = re.compile(
    rf"(?<![\w.,/])(?<!/ )\d[\d.,]{{0,6}} ?%? ?-> ?(?=\d[\d.,]{{0,6}} ?%?(?! ?[(]?(?:(?:is|was|are|the) )*{BAR}))"
)
"""A figure that has become another one."""
_AS_SHARE = re.compile(
    r",? (?:in|as) (?:a |an )?(?:per ?cent|percentage|share|fraction|proportion) of (?:the |all )?"
    r"(?:maximum|total|possible|attainable)(?: (?:points|score|total|maximum))?"
)
"""What a mean is a share of, beside its label."""
_OF_WHICH = re.compile(
    r"(?<!adjusted )(?<!adjusted mean )(?<!corrected )(?<!corrected mean )\b(mean|average|score) ?\(((?:all|"
    r"without|excluding|excl\.?|only)\b[^()]{0,60})\)"
)
"""A mean with the outputs that it is of in brackets."""
_COUNTED_MEAN = re.compile(
    r"\b((?:mean|average)(?: score)?) (?:of|over|across|for) (?:all |the |these )*\d{1,3}(?=\s*[:=]\s*\W{0,3}\d)"
)
"""How many outputs a mean is of, before its value."""
_FIRST_VALUE = re.compile(r"\D{0,10}?(\d[\d.,]*%?)\s*=")
_EXPRESSION = re.compile(r"\(?\d[\d.,]*\)? ?[x*/+] ?\(?\d")
_RESTATED = re.compile(r"\b(?:given|stated|reported|shown) as \d[\d.,]* ?%? (?=should|must|has)")
_SHOULD_READ = re.compile(
    r"\bshould (?:read|have (?:been|read)|be corrected to|be (?=\d[\d.]*,? (?:and )?not\b)) ?(?=\d)"
)
"""What a correction says of a figure that it replaces."""
_LEADS = re.compile(r"^\(?(?:\d{1,2}|[a-h])[.)] (?=[a-z])")
"""The number of an entry of a list at its start."""
_LISTED = re.compile(r"(?<!\S)\d{1,2}[.)] (?=[a-z])")
"""The numbers of a list within a sentence."""
_HEDGE = re.compile(
    r"(?:~|\b(?:approximately|about|roughly|circa|around|exactly|precisely|only|just|merely|nearly|"
    r"approx\.?|ca\.)) ?(?=\d)"
)
_MOVE = re.compile(r"\bfrom ([^\s,;]{1,8}) ?(?:%|points)?([^,;.\d]{0,25}?) to (?=\d)")
_MOVED_BY = re.compile(r"\bby \d[\d.,]{0,6} ?(?:%|points|percentage points)? to (?=\d)")
"""By how much a figure has changed, before what it is now."""
_BECAME = re.compile(
    r"\b(?:of |at )?\d[\d.,]{0,6} ?%?(?: points)?,? \(?(?:(?:later|since|now|subsequently) )?(?:(?:was|were|is|"
    r"has been|had been|and) )?(?:then |therefore )?"
    r"(?:raised|lifted|increased|adjusted|corrected|revised|changed|reduced|lowered|amended|set)(?: up|"
    r" down)? (?=to \d)"
)
"""A figure that has become another one, in words."""
_REMARK = re.compile(r"(?<=\d) \([a-z -]{1,40}\)(?= ?[=+])")
"""Words in brackets within a calculation."""
_POINTS_OF = re.compile(r"(?<=\d) points? (?=(?:out )?of (?:a |the )?(?:possible |maximum )?\d)")
"""The unit within a fraction: "60 points out of 100"."""
_MOVED = re.compile(
    r"\b(?:adjust|correct|revis|fell|fall|rose|rais|drop|chang|improv|mov|went|gone|lower|increas|decreas|updat|climb)"
)
_SCALE_NAMED = re.compile(r"(?<![\d.,%-])[01](?:\.0)? ?(?:-|to|\.\.+) ?[15]|[(\[](?:out of|max|/|of)|point scale")
_SCALE = re.compile(
    r"(?:\b(?:on |using )?(?:an?|the) scale (?:of|from) |\bscale:? |[(\[] ?|\bfrom |"
    r"\bon )?(?<![\d.,%-])(?P<low>0|1)(?:\.0)? ?(?:-|to|\.\.+) ?(?P<top>1|5|10|100)(?:\.0)?(?![\d.,]\d|\d|"
    r" ?%)(?: scale| points)?[)\]]?|"
    r"[(\[](?:out of|max\.?|/|of) ?(?P<of>\d{1,3})[)\]]|\bon (?:a|the) (?P<on>\d{1,3})[- ]point scale"
)
_RANGE = re.compile(
    r"[(\[]?\b(?:\d\d ?% ?)?(?:ci|confidence interval|interval|credible interval|range)\b[\s:=(\[a-z]{0,20}"
    r"\d+(?:[.,]\d+)?%?\s*(?:-|to|and|,|;|\.\.)\s*\d+(?:[.,]\d+)?%?[)\]]?|"
    r"[\[(]\s*\d+(?:[.,]\d+)?\s*[,;]\s*\d+(?:[.,]\d+)?\s*[\])]|"
    r"(?<![\w.,/-])\d+(?:[.,]\d+)?%? ?(?:-|to) ?\d+(?:[.,]\d+)?(?![\d]|[.,]\d)(?! ?(?:points|percentage|pp\b|"
    r"below|short|under)) ?%?|"
    r"\bbetween \d+(?:[.,]\d+)?%? and \d+(?:[.,]\d+)? ?%?|"
    r"(?<![\w.,/-])\d+(?:[.,]\d+)? ?%? or \d+(?:[.,]\d+)?(?![\d]|[.,]\d)(?! ?%? (?:if|when|with|without)\b) ?%?"
)
_LIST = re.compile(
    "N(?:, N){0,60},? (?:and|or) N(?! (?:if|when|with|without|under|had|were)\\b)|N(?:, N){2,60}".replace(
        "N", "\ue000\\d+\ue001"
    )
)
"""Figures in a row, none of which is the value of the words around them; "60, or 82 if ..." is no such row."""
_PARENS = re.compile(r"\(([^()]{0,300})\)|\[([^\[\]]{0,300})\]")
_CUT = re.compile(
    r",\s|,$|\s/\s|/(?= )|\s-\s|\||;|\s\u2013\s|\b(?:and|but|while|whereas|although|though|with|"
    r"so(?! far)|therefore)\b(?! (?:above|over|more|higher))|[{}]|\s=\s(?=[a-z])|\s->\s(?=[a-z])|:\s(?=(?:its|the|"
    r"their) (?:mean|average|score)\b)"
)


@dataclass(frozen=True)
class Clause:
    """A piece of a sentence.

    In `text` every number is held by its place in `numbers`, between two marks; `scale` is the top of a scale that the
    sentence names; `inner` says that the clause stood in brackets; `lead` is the word or sign that it was cut off by.
    """

    text: str
    numbers: tuple[Number, ...]
    scale: float | None = None
    inner: bool = False
    lead: str = ""


@lru_cache(maxsize=1024)
def clauses(sentence: str) -> tuple[Clause, ...]:
    """The clauses of a lower-case sentence in their order; brackets with a number follow their clause."""
    text = digits_for_words(_YEAR.sub(" in a previous year ", sentence)).replace('"', "").replace("'s ", " ")
    if _DIGIT.search(text) is None:
        return ()
    text = _LEADS.sub("", text)
    text = _LISTED.sub(" ", text) if len(_LISTED.findall(text)) > 2 else text
    text = UNDER_RULES.sub(" ", text) if "under" in text else text
    text = _SHOULD_READ.sub("is correctly ", _RESTATED.sub("", text)) if "should" in text else text
    text = _COUNT_OF.sub(r"\1 of \3 \2", text)
    text = _GRADED.sub(r"score: \1", text) if "(" in text else text
    text = _ARROW.sub("", text) if "->" in text else text
    text = _OF_WHICH.sub(r"\1 of \2", text) if "(" in text else text
    text = _AS_SHARE.sub("", text) if " of " in text else text
    text = _COUNTED_MEAN.sub(r"\1", text)
    text = _HEDGE.sub("", _MASKED.sub(" ", _BESIDE.sub(r"\1 \2", text)))
    text = _MASKED_BY_WORD.sub(" ", text) if _BEFORE_DIGIT.search(text) else text
    text = _POINTS_OF.sub(" ", text) if "point" in text else text
    text = _REMARK.sub("", text) if "(" in text else text
    text = _QUOTIENT.sub(_as_fraction, text) if "=" in text else text
    text = _FORMULA.sub(r"\1 = ", text) if "=" in text else text
    text = _WORKING.sub(_worked_out, text) if text.count("=") else text
    if "from" in text and _MOVED.search(text):
        text = _MOVE.sub("to ", text)
    text = _MOVED_BY.sub("to ", text) if "by " in text else text
    text = _BECAME.sub("", text) if " to " in text else text
    scale = None
    if _SCALE_NAMED.search(text):
        for named in _SCALE.finditer(text):
            scale = amount(named["top"] or named["of"] or named["on"])
        text = _SCALE.sub(" ", text)
    text = _RANGE.sub(" or ", text)
    found = tuple(numbers(text))
    text = _LIST.sub(" or ", _hold(text, found))
    inner: list[Clause] = []

    def out(match: re.Match[str]) -> str:
        content = match[1] or match[2] or ""
        if "\ue000" not in content:
            return match[0].replace(",", " ")
        inner.append(Clause(content.strip(), found, scale, inner=True))
        return f"\ue002{len(inner) - 1}\ue003"

    outer: list[Clause] = []
    for lead, part in _cut(_PARENS.sub(out, text)):
        refs = [int(n) for n in re.findall("\ue002(\\d+)\ue003", part)]
        outer.append(Clause(re.sub("\ue002\\d+\ue003", " ", part).strip(), found, scale, lead=lead))
        for ref in refs:
            outer += [Clause(piece, found, scale, inner=True) for _, piece in _cut(inner[ref].text)]
    return tuple(clause for clause in outer if clause.text)


def _as_fraction(match: re.Match[str]) -> str:
    """A share that is given again in per cent as the share alone."""
    part, whole, result = (amount(each.rstrip(".,")) for each in match.groups())
    return f"{match[1]}/{match[2]}" if whole and abs(100 * part / whole - result) < 0.1 else match[0]


def _worked_out(match: re.Match[str]) -> str:
    """What stands for a calculation: the sign before it, or its first figure where the rest only explains it."""
    first = _FIRST_VALUE.match(match[0])
    return f"{match['is']}{first[1]}, " if first and _EXPRESSION.match(match.string[match.end() :]) else match["is"]


def _cut(text: str) -> Iterator[tuple[str, str]]:
    """The pieces of a text with the word or sign before each."""
    at, lead = 0, ""
    for match in _CUT.finditer(text):
        yield lead, text[at : match.start()].strip()
        at, lead = match.end(), match[0].strip()
    yield lead, text[at:].strip()


def _hold(text: str, found: tuple[Number, ...]) -> str:
    parts: list[str] = []
    at = 0
    for n, number in enumerate(found):
        parts += [text[at : number.start], f"\ue000{n}\ue001"]
        at = number.end
    return "".join([*parts, text[at:]])
