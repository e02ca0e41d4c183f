"""Splits sentences into clauses with numbers, so that every number is next to the words that govern it."""

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
# Digits that are not figures: dates ("2026-03-31", "31.3.2026", "3 March 2026"), times ("14:30"), versions ("v1.2") and
# tolerances ("+/- 2 %").
_MASKED = re.compile(
    rf"\b\d(?:\d{{3}}-\d\d?-\d\d?(?:t[\d:.z+-]*)?\b|\d?\.\d{{1,2}}\.\d{{2,4}}\b|\d?/\d{{1,2}}/\d{{2,4}}\b|"
    rf"\d?(?:st|nd|rd|th)?\.? {_MONTH}\b(?:,? \d{{4}})?|\d?:\d\d(?::\d\d)?\b)|"
    r"\bv\d+(?:\.\d+)*\b|(?:\u00b1|\+/-|\+-) ?\d+(?:[.,]\d+)?(?: ?%)?"
)
# The same after a word: "March 3, 2026", "section 4.2", "step 3", "week 12" (but not "week 12 %").
_MASKED_BY_WORD = re.compile(
    rf"\b{_MONTH}(?:\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b| \d{{4}}\b)|"
    r"\b(?:version|page|section|chapter|clause|paragraph|step|phase|table|figure|appendix|"
    r"round|week) ?\d+(?:\.\d+)*\b(?! ?%)"
)
# Any digit.
_DIGIT = re.compile(r"\d")
# A letter, with or without a period, directly before a digit: "no. 3", "p 5".
_BEFORE_DIGIT = re.compile(r"[a-z]\.? ?\d")
# Matches "in 2025"
_YEAR = re.compile(r"\bin (?:19|20)\d\d\b")
# Matches "grade: B (82)"; the group is the score.
_GRADED = re.compile(r"\b(?:grade|rating|mark)\s*[:=]?\s*[a-f][+-]?\s*\((\d[\d.,/ %]{0,12})\)")
"""A letter grade followed by the score in brackets."""
# Matches "mean (60)", but not "above the mean (60)".
_BESIDE = re.compile(r"(?<!above the )(?<!below the )(?<!around the )\b(mean|average|score) \((\d[\d.,]* ?%?)\)")
# Matches "12 correct of 20", "12 answers right out of the 20"
_COUNT_OF = re.compile(
    r"\b(\d{1,3}) (?:answers? |outputs? |items? )?(correct|right|passed)(?: answers| outputs|"
    r" items)? (?:out )?of (?:the |all )?(\d{1,3})\b"
)
"""A count of correct outputs before the total."""
# Matches " minus " and " divided by " between figures
_OPERATOR = re.compile(r"(?<=[\d)]) (minus|less|plus|times|multiplied by|divided by|over) (?=[\d(])")
_OPERATORS = {
    "minus": "-", "less": "-", "plus": "+", "times": "x", "multiplied by": "x", "divided by": "/", "over": "/",
}  # fmt: skip
"""Calculations in words, and their signs. They only count before "="."""
# Matches "mean: (60 + 58) / 2 = 59": everything up to the last "=" before the value.
_WORKING = re.compile(r"(?P<is>[:=] ?|\b(?:mean|average|score) )[(\d][\d\s.,x*+/()%=-]{0,400}=\s*(?=[(\d-])")
# Matches "1,640/2,000 = 82"
_QUOTIENT = re.compile(r"(?<![\d.,/])(\d[\d.,]{0,9}) ?/ ?(\d[\d.,]{0,9}) ?= ?(\d[\d.,]{0,9})(?! ?[\d%.,/*+x-])")
"""A total divided by its maximum, followed by its percentage."""
# Matches "mean = sum(scores) / 20 = 59.75"; \u03a3, \u03c3 and \u2211 are sum signs.
_FORMULA = re.compile(
    r"\b(mean|average|score) ?= ?(?=[\d /]{0,12}(?:\(|sum\b|\u03a3|\u03c3|\u2211))[^=,;:]{0,100}= ?(?=[(\d])"
)
"""A mean that is written as a formula before its value."""
# Matches "60 -> 82" (but not an arrow to the bar)
_ARROW = re.compile(
    rf"(?<![\w.,/])(?<!/ )\d[\d.,]{{0,6}} ?%? ?-> ?(?=\d[\d.,]{{0,6}} ?%?(?! ?[(]?(?:(?:is|was|are|the) )*{BAR}))"
)
"""A figure that was changed to another one."""
# Matches ", as a percentage of the maximum"
_AS_SHARE = re.compile(
    r",? (?:in|as) (?:a |an )?(?:per ?cent|percentage|share|fraction|proportion) of (?:the |all )?"
    r"(?:maximum|total|possible|attainable)(?: (?:points|score|total|maximum))?"
)
"""The base of a mean as a share, next to its label."""
# Matches "mean (all outputs)", "average (without disputed rows)"
_OF_WHICH = re.compile(
    r"(?<!adjusted )(?<!adjusted mean )(?<!corrected )(?<!corrected mean )\b(mean|average|score) ?\(((?:all|"
    r"without|excluding|excl\.?|only)\b[^()]{0,60})\)"
)
"""A mean with its outputs in brackets."""
# Matches "mean of all 20: 60"; removed up to the value
_COUNTED_MEAN = re.compile(
    r"\b((?:mean|average)(?: score)?) (?:of|over|across|for) (?:all |the |these )*\d{1,3}(?=\s*[:=]\s*\W{0,3}\d)"
)
"""The number of outputs of a mean, before its value."""
# Matches "59.75 =": the first value of a chain of equations.
_FIRST_VALUE = re.compile(r"\D{0,10}?(\d[\d.,]*%?)\s*=")
# Matches "(1195) / 20": an arithmetic expression.
_EXPRESSION = re.compile(r"\(?\d[\d.,]*\)? ?[x*/+] ?\(?\d")
# Matches "stated as 82 should ...": the figure that is corrected
_RESTATED = re.compile(r"\b(?:given|stated|reported|shown) as \d[\d.,]* ?%? (?=should|must|has)")
# Matches "should read 60", "should be 60, not 82"
_SHOULD_READ = re.compile(
    r"\bshould (?:read|have (?:been|read)|be corrected to|be (?=\d[\d.]*,? (?:and )?not\b)) ?(?=\d)"
)
"""The words of a correction before the new figure."""
# Matches "1. mean score ...", "(b) mean score ..."
_LEADS = re.compile(r"^\(?(?:\d{1,2}|[a-h])[.)] (?=[a-z])")
"""The number of a list entry at its start."""
# Matches "... 2) accuracy ..."
_LISTED = re.compile(r"(?<!\S)\d{1,2}[.)] (?=[a-z])")
"""The numbers of a list within a sentence."""
# Matches "~60", "about 60", "exactly 60"
_HEDGE = re.compile(
    r"(?:~|\b(?:approximately|about|roughly|circa|around|exactly|precisely|only|just|merely|nearly|"
    r"approx\.?|ca\.)) ?(?=\d)"
)
# Matches "from 55 % to 60"; groups: the old figure, and the words between.
_MOVE = re.compile(r"\bfrom ([^\s,;]{1,8}) ?(?:%|points)?([^,;.\d]{0,25}?) to (?=\d)")
# Matches "by 5 points to 60"
_MOVED_BY = re.compile(r"\bby \d[\d.,]{0,6} ?(?:%|points|percentage points)? to (?=\d)")
"""The size of a change, before the new figure."""
# Matches "55, later adjusted to 60", "of 55 was then raised to 60"
_BECAME = re.compile(
    r"\b(?:of |at )?\d[\d.,]{0,6} ?%?(?: points)?,? \(?(?:(?:later|since|now|subsequently) )?(?:(?:was|were|is|"
    r"has been|had been|and) )?(?:then |therefore )?"
    r"(?:raised|lifted|increased|adjusted|corrected|revised|changed|reduced|lowered|amended|set)(?: up|"
    r" down)? (?=to \d)"
)
"""A figure that was changed to another one, in words."""
# Matches "1000 (base) + 195 = 1195": words in brackets before = or +
_REMARK = re.compile(r"(?<=\d) \([a-z -]{1,40}\)(?= ?[=+])")
"""Words in brackets within a calculation."""
# Matches "60 points out of 100"
_POINTS_OF = re.compile(r"(?<=\d) points? (?=(?:out )?of (?:a |the )?(?:possible |maximum )?\d)")
"""The unit within a fraction."""
# Stems of verbs of change: "adjusted", "revised", "rose", "updated".
_MOVED = re.compile(
    r"\b(?:adjust|correct|revis|fell|fall|rose|rais|drop|chang|improv|mov|went|gone|lower|increas|decreas|updat|climb)"
)
# A hint that a scale is named: "0-1", "1 to 5", "(out of 10)", "10-point scale".
_SCALE_NAMED = re.compile(r"(?<![\d.,%-])[01](?:\.0)? ?(?:-|to|\.\.+) ?[15]|[(\[](?:out of|max|/|of)|point scale")
# Matches "on a scale from 0 to 10", "scale: 1-5", "[out of 100]", "on a 10-point scale"; groups low/top, of, on.
_SCALE = re.compile(
    r"(?:\b(?:on |using )?(?:an?|the) scale (?:of|from) |\bscale:? |[(\[] ?|\bfrom |"
    r"\bon )?(?<![\d.,%-])(?P<low>0|1)(?:\.0)? ?(?:-|to|\.\.+) ?(?P<top>1|5|10|100)(?:\.0)?(?![\d.,]\d|\d|"
    r" ?%)(?: scale| points)?[)\]]?|"
    r"[(\[](?:out of|max\.?|/|of) ?(?P<of>\d{1,3})[)\]]|\bon (?:a|the) (?P<on>\d{1,3})[- ]point scale"
)
# Intervals: "95 % CI [52, 68]", "(52; 68)", "52-68", "between 52 and 68", "60 or 82" (but not "60 or 82 if ...").
_RANGE = re.compile(
    r"[(\[]?\b(?:\d\d ?% ?)?(?:ci|confidence interval|interval|credible interval|range)\b[\s:=(\[a-z]{0,20}"
    r"\d+(?:[.,]\d+)?%?\s*(?:-|to|and|,|;|\.\.)\s*\d+(?:[.,]\d+)?%?[)\]]?|"
    r"[\[(]\s*\d+(?:[.,]\d+)?\s*[,;]\s*\d+(?:[.,]\d+)?\s*[\])]|"
    r"(?<![\w.,/-])\d+(?:[.,]\d+)?%? ?(?:-|to) ?\d+(?:[.,]\d+)?(?![\d]|[.,]\d)(?! ?(?:points|percentage|pp\b|"
    r"below|short|under)) ?%?|"
    r"\bbetween \d+(?:[.,]\d+)?%? and \d+(?:[.,]\d+)? ?%?|"
    r"(?<![\w.,/-])\d+(?:[.,]\d+)? ?%? or \d+(?:[.,]\d+)?(?![\d]|[.,]\d)(?! ?%? (?:if|when|with|without)\b) ?%?"
)
# Matches "60, 55 and 82", "60 or 55" or "60, 55, 82", where each N is a numbered placeholder of a figure.
_LIST = re.compile(
    "N(?:, N){0,60},? (?:and|or) N(?! (?:if|when|with|without|under|had|were)\\b)|N(?:, N){2,60}".replace(
        "N", "\ue000\\d+\ue001"
    )
)
"""Figures in a row, none of which is the value of the words around them; "60, or 82 if ..." does not count."""
# Innermost brackets: "(all outputs)", "[strict]".
_PARENS = re.compile(r"\(([^()]{0,300})\)|\[([^\[\]]{0,300})\]")
# Clause boundaries: comma, dash, slash, "|", ";", conjunctions ("and", "but", "while", "so"), "=" or "->" before a
# word, ":" before "the mean". Not "and above".
_CUT = re.compile(
    r",\s|,$|\s/\s|/(?= )|\s-\s|\||;|\s\u2013\s|\b(?:and|but|while|whereas|although|though|with|"
    r"so(?! far)|therefore)\b(?! (?:above|over|more|higher))|[{}]|\s=\s(?=[a-z])|\s->\s(?=[a-z])|:\s(?=(?:its|the|"
    r"their) (?:mean|average|score)\b)"
)


@dataclass(frozen=True)
class Clause:
    """A clause of a sentence.

    In `text` every number is replaced by its index in `numbers` between the two private-use marks \ue000 and \ue001;
    `scale` is the top of a scale that the sentence names; `inner` is true for clauses in brackets; `lead` is the word
    or sign before it.
    """

    text: str
    numbers: tuple[Number, ...]
    scale: float | None = None
    inner: bool = False
    lead: str = ""


@lru_cache(maxsize=1024)
def clauses(sentence: str) -> tuple[Clause, ...]:
    """Split a lower-case sentence into clauses in order; brackets with a number follow their clause."""
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
    if "=" in text:
        text = _OPERATOR.sub(lambda match: f" {_OPERATORS[match[1]]} ", text)
        text = _QUOTIENT.sub(_as_fraction, text)
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
        # \ue002 N \ue003 marks where the N-th bracket was taken out.
        refs = [int(n) for n in re.findall("\ue002(\\d+)\ue003", part)]
        outer.append(Clause(re.sub("\ue002\\d+\ue003", " ", part).strip(), found, scale, lead=lead))
        for ref in refs:
            outer += [Clause(piece, found, scale, inner=True) for _, piece in _cut(inner[ref].text)]
    return tuple(clause for clause in outer if clause.text)


def _as_fraction(match: re.Match[str]) -> str:
    """Replace a share that is repeated as a percentage by the share alone."""
    part, whole, result = (amount(each.rstrip(".,")) for each in match.groups())
    return f"{match[1]}/{match[2]}" if whole and abs(100 * part / whole - result) < 0.1 else match[0]


def _worked_out(match: re.Match[str]) -> str:
    """Replace a calculation by the sign before it, or by its first figure if the rest only explains it."""
    first = _FIRST_VALUE.match(match[0])
    return f"{match['is']}{first[1]}, " if first and _EXPRESSION.match(match.string[match.end() :]) else match["is"]


def _cut(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a text with the word or sign before each."""
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
