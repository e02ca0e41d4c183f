"""The mark in the text of one item: a number, a word or a tick, at the end, at the start, or after "score:"."""

import re
from dataclasses import dataclass
from functools import lru_cache

from peerwatch.domains.review.report_parser._numbers import amount
from peerwatch.domains.review.report_parser._scales import share, within

_GOOD = r"(?:correct|right|pass(?:ed|es)?|yes|true|ok|met|accurate|[\u2713\u2714\u2705\u2611])"
_BAD = (
    r"(?:(?:not|in|un) ?(?:correct|right|accurate|passed|met)|wrong|fail(?:ed|s)?|no|false|incorrect|inaccurate|"
    r"[\u2717\u2718\u274c\u2716\u2612])"
)
_NUMBER = (
    r"[-+]?(?:\d{1,4}(?:[.,]\d{1,6})?|[.,]\d{1,6})(?:\s*/\s*\d{1,4}(?:\.0+)?|\s*%|\s*(?:points?|pts|"
    r"percent|per cent)\b)?"
)
_MARK = rf"(?:{_BAD}|{_GOOD}|{_NUMBER})"
_BOTH = rf"{_MARK}(?:\s*[(\[]\s*{_MARK}\s*[)\]])?"
_TICK = "[\u2713\u2714\u2705\u2611\u2717\u2718\u274c\u2716\u2612]"

# The whole text is a mark, perhaps with another in brackets: "correct (100)", "0 %".
_WHOLE = re.compile(rf"^[\s(\[]*(?P<m>{_BOTH})[\s)\].,;]*$", re.IGNORECASE)
# Matches "score: 50", "graded as correct", "marks = 10/10"
_LABELLED = re.compile(
    rf"(?:\b(?:score[ds]?|marks?|points|graded|rated|verdict|result|assessment)\b\s*(?:[:=]|is|of|"
    rf"-)?\s*(?P<m>{_MARK}))(?![\w%/])",
    re.IGNORECASE,
)
# A mark at the end after a separator: "... -> 100", "... | right", "... \u2713".
_ENDS = re.compile(
    rf"(?:(?:\s-(?=\s)|->|=>|[:|(\[,;.?!\t])\s*|\s(?={_TICK}))(?P<m>{_MARK})[\s)\].,;!]*$", re.IGNORECASE
)
# A mark at the start before a separator: "100 - the answer is right", "\u2717 wrong date".
_STARTS = re.compile(
    rf"^[\s(\[]*(?P<m>{_MARK})(?:\s*[)\]]|\s*(?:\s-|->|[:;,(]|\.(?!\d))|(?<={_TICK})\s|$)", re.IGNORECASE
)
# A tick or a word for right or wrong anywhere: "the date is incorrect".
_BARE = re.compile(rf"(?P<m>{_TICK}|\b(?:not |in)?correct\b|\bwrong\b|\b(?:not )?right\b)", re.IGNORECASE)
# Matches "partly correct", "half right", "almost wrong"
_PARTLY = re.compile(
    r"\b(?:part(?:ly|ially)?|half|mostly|nearly|almost) (?:right|correct|wrong|incorrect)\b", re.IGNORECASE
)
# Signs of a question or a calculation, whose numbers are not marks: "7 * 8 = ?".
_ASKS = re.compile(r"\?|\d\s*[-+x*/^]\s*\d|=")

ORDER = ("whole", "labelled", "ends word", "starts word", "ends", "starts", "bare")


@dataclass(frozen=True)
class Mark:
    """A mark on 0 to 100, or as written if `bare` (a number without unit, whose scale the whole list decides)."""

    value: float
    bare: bool = False


def marks(body: str) -> dict[str, Mark]:
    """The marks found in the text of an item, by method; methods without a result are omitted."""
    found: dict[str, Mark | None] = {}
    body = body[-400:] if len(body) > 400 else body
    if _PARTLY.search(body):
        return {}
    if match := _WHOLE.match(body):
        found["whole"] = mark(match["m"])
    if labelled := _LABELLED.findall(body):
        found["labelled"] = mark(labelled[-1])
    for way, pattern in (("ends", _ENDS), ("starts", _STARTS)):
        if match := pattern.search(body):
            read = mark(match["m"])
            if read is not None and not read.bare:
                found[f"{way} word"] = read
            elif read is not None and not (_ASKS.search(body) and read.value not in {0, 0.5, 1, 50, 100}):
                found[way] = read
    words = {mark(match["m"]) for match in _BARE.finditer(body)}
    if len(words) == 1:
        found["bare"] = words.pop()
    return {way: each for way, each in found.items() if each is not None}


def whole_mark(entry: str) -> Mark | None:
    """The mark, if an entry of a list consists only of it."""
    match = _WHOLE.match(entry)
    return mark(match["m"]) if match else None


@lru_cache(maxsize=1024)
def mark(written: str) -> Mark | None:
    """Convert a written mark; None if it is not a score."""
    written = written.strip().lower()
    # A number at the start: "+50", "7.5".
    if number := re.match(r"[-+]?[\d.,]+", written):
        rest = written[number.end() :].strip()
        try:
            value = amount(number[0].rstrip(".,"), decimal=True)
        except ValueError:
            return None
        score = share(value, float(rest[1:])) if rest.startswith("/") else within(value)
        if score is None:
            return None
        return Mark(
            score, bare=rest == "" or rest[0] not in "/%p" or (rest.startswith("p") and not rest.startswith("per"))
        )
    # A word for wrong, otherwise for right.
    return Mark(0.0 if re.match(_BAD, written, re.IGNORECASE) else 100.0)
