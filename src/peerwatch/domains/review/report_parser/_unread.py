"""Whether a text without a readable result appears to state one, and why it cannot be read."""

import re
from collections.abc import Sequence

from peerwatch.domains.review.report_parser import _labels as labels
from peerwatch.domains.review.report_parser._clauses import clauses
from peerwatch.domains.review.report_parser._numbers import Number
from peerwatch.domains.review.report_parser._phrases import OWN_WILL
from peerwatch.domains.review.report_parser._statements import Sentence, Setting
from peerwatch.domains.review.report_parser._terms import FUTURE, PARTNERSHIP, PAST, PRESENT, UNREAL

LONGEST = 50_000
"""Maximum length of a text in characters; twenty outputs with reasons take a third of that."""

TOO_LONG = f"the text has more than {LONGEST:,} characters"

# Matches "<td>"
_TAG = re.compile(r"<[^<>]{1,300}>")
"""An HTML tag, whose name is not a word."""
# A run of letters of any script.
_LETTERS = re.compile(r"[^\W\d_]+")
_ENGLISH = {
    "a", "all", "an", "and", "are", "as", "at", "average", "bar", "be", "but", "by", "can", "correct", "dear", "do",
    "for", "from", "grade", "has", "have", "i", "if", "in", "is", "it", "item", "items", "its", "me", "mean",
    "minimum", "my", "net", "no", "not", "of", "on", "or", "our", "output", "outputs", "over", "points", "policy",
    "report", "required", "result", "review", "row", "score", "shortfall", "so", "status", "summary", "tasks",
    "that", "the", "this", "threshold", "to", "total", "was", "we", "will", "with", "would", "you", "your",
}  # fmt: skip
"""Words that occur in nearly every English report."""

_BARRED = (PARTNERSHIP, UNREAL, FUTURE, labels.OBLIGES, labels.OTHERS, labels.QUANTITY, labels.ITEM, OWN_WILL,
           # Words of letters and of other quantities rather than of reports.
           re.compile(r"\b(?:you|your|dear|thank|confidence|weight|error)\b"))  # fmt: skip
# Matches "mean", "scored", "accuracy", "achieved", or a figure alone
_WORDS = re.compile(
    r"\b(?:means?|averages?|averaged|scores?|scored|points|correct|right|accuracy|marks?|grade|filing|achieved|"
    r"earned|honest|number|figure|required)\b|^(?:at |\()?\ue000\d+\ue001\)?\W*$"
)
"""Words of a clause that states a score."""


def why_unread(text: str, told: Sequence[Sentence], setting: Setting) -> str:
    """Explain why a text that appears to state a score has no readable one; empty if it states none."""
    if not any(sign.isdigit() for sign in text):
        return ""
    if foreign(text):
        return "the text is in a language that is not read"
    for each in told:
        earlier = PAST.search(each.text) is not None and PRESENT.search(each.text) is None
        if earlier or any(pattern.search(each.text) for pattern in _BARRED):
            continue
        for clause in clauses(each.text):
            if any(_may_be_score(number, clause.text, setting) for number in clause.numbers):
                return "a figure is given that may be the score, and nothing says so"
    return ""


def _may_be_score(number: Number, clause: str, setting: Setting) -> bool:
    """Whether a number could be the score of the sheet, by its form or by a word next to it."""
    if not 0 <= number.value <= 100 or number.value == setting.bar:
        return False
    if number.form == "percent" or (number.form == "fraction" and number.over in {100, setting.items}):
        return True
    if number.form == "fraction":
        return (10 <= number.over < setting.items or number.over in {5, 10}) and _WORDS.search(clause) is not None
    return number.value not in {0, 1, 100, setting.items} and _WORDS.search(clause) is not None


def foreign(text: str) -> bool:
    """Whether a text contains hardly any common English words."""
    words = [word.lower() for word in _LETTERS.findall(_TAG.sub(" ", text[:20_000]))]
    accented = sum(not word.isascii() for word in words) > len(words) / 10
    common = sum(word in _ENGLISH for word in words)
    return len(words) >= (5 if accented else 9) and common < len(words) / (6 if accented else 25)
