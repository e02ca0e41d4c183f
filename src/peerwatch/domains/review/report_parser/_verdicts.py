"""Verdicts: what the clauses of a report state about the bar and the system's fate, weighed against each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from peerwatch.domains.review.report_parser import _phrases as phrases
from peerwatch.domains.review.report_parser._numbers import digits_for_words, numbers
from peerwatch.domains.review.report_parser._terms import (
    ADJUSTED,
    CROSSED,
    FUTURE,
    GENERIC,
    PARTNERSHIP,
    PAST,
    RAW,
    UNDER_RULES,
    UNREAL,
)

# A cheap filter: fragments of words, and signs, of which every verdict contains at least one.
_WORTH_READING = re.compile(
    r"bar|short|thresh|minim|pass|fail|short|shut|servi|operat|contin|retire|decomm|deact|terminat|withdr|off\b|"
    r"down|running|miss|"
    r"requir|need|mark|cut|target|standard|criteri|limit|benchmark|hurdle|below|under|above|over|exceed|"
    r"reach|meet|met|keep|kept|retain|lower|higher|less|more|at least|attain|clear|stay|go(?:es)? on|condition|"
    r"suffic|no-?go\b|\bgo\b|satisf|[<>\u2713\u2714\u2705\u2717\u2718\u274c\u2716]|activ|online|use\b|phased"
)
# The start of a hypothesis or a rule: "if", "whenever", "should the", "policy".
_OPENS = re.compile(
    r"^(?:if|unless|had (?:the|it)|suppose|supposing|assuming|for example|example|once an?|whenever|"
    r"in case|should (?:the|a|any)|"
    r"when (?:a|an|any|the|its|systems?|scores?)|where (?:a|an|any|the)|whether|policy|rule)\b"
)
# Clause boundaries: ", ", ";", " - ", "|", conjunctions, arrows, brackets (except at the end).
_CUT = re.compile(
    r",\s|;|\s-\s|\||\b(?:but|while|whereas|although|though|and|so|because|which means|meaning|hence|"
    r"therefore|thus)\b|->|=>|[()\[\]{}](?!\s*$)"
)
# Matches " (59.75 %)", " (mean 60)": a figure in brackets, which is dropped.
_FIGURE = re.compile(r" ?\((?:\w+ ){0,2}\d[\d.,%/ ]{0,12}\)")
# A comparison before a figure: group `low` ("below the bar of"), group `high` ("at least", "reaches").
_COMPARED = re.compile(
    r"(?P<low>below|under|less than|lower than|short of|beneath|miss(?:es|ed|ing)?|<(?!=))\s*(?:(?:the|a|its|"
    r"our) (?:[a-z-]+ ){0,3}?)?(?=\d)|"
    r"(?P<high>above|over|more than|higher than|is at least|exceed(?:s|ed)?|meets?|met|reach(?:es|ed)?|attain(?:s|ed)?|"
    r"clear(?:s|ed)?|pass(?:es|ed)?|surpass(?:es|ed)?|>=?)\s*(?:the (?:[a-z-]+ (?:of|at) )?)?(?=\d)"
)
# Matches "12 reach 80"
_COUNTED = re.compile(r"(?<![\w-])\d+ $")
"""A count before a comparison."""
# Words for the whole sheet: "mean", "overall".
_OF_ALL = re.compile(r"\b(?:means?|averages?|overall)\b")
# After the bar's figure: "80 is missed" (`low`), "80: not reached" (`denied` and `high`).
_AFTER_BAR = re.compile(
    r"^(?:\.0+)?\s*(?:%|points?\b)?\s*(?:(?:mark|line|level|bar) )?[:=-]?\s*"
    r"(?:(?:is|was|has|been|are|therefore|thus|hence|still|clearly) ){0,3}"
    r"(?P<denied>not )?(?:(?P<high>reached|met|attained|cleared|exceeded|passed|higher|above)|"
    r"(?P<low>missed|lower|below))\b(?P<rest>.*)$"
)
# Matches "bar reached -> no"
_DASHED = re.compile(r"\s(?:-|->|=>)\s(?=(?:yes|no|y|n|true|false)\b)")
"""A dash before the answer to a field."""
# Matches "not met.", "passed", "no"
_BARE_RESULT = re.compile(r"^(?:not )?(?:reached|met|missed|pass(?:ed|es)?|fail(?:ed|s)?|above|below|yes|no)\W*$")
"""A result without a subject, which belongs to the clause before it."""
# Matches "it does not.", "the agent says they have not yet"
_ELLIPSIS = re.compile(
    r"^(?:[\w' ]{1,40} )?(?:it|that|this|they) (?:does|do|did|is|was|has|have|will)"
    r"(?: not|n't)(?: (?:yet|so|now))?[.!]?$"
)

Verdict = Literal["pass", "fail"]


@dataclass(frozen=True)
class Vote:
    """The vote of one clause; `raw` if it is about a raw or preliminary figure."""

    good: bool
    raw: bool


@dataclass(frozen=True)
class _About:
    """Which clauses to evaluate: those about the bar, and those about the system's fate."""

    bar: bool
    fate: bool


def verdict(told: list[str], *, bar: float | None = None, fate_only: bool = False) -> Verdict | None:
    """The combined verdict of lower-case sentences; None if there is none or they contradict each other.

    A clause about a raw figure counts only if no other clause votes. `fate_only` ignores the bar. Sentences about the
    writer's own will, as in a refusal, are ignored, and then so are all statements about the system's fate.
    """
    kept = [part for sentence in told if (part := _without_will(sentence))]
    about = _About(bar=not fate_only, fate=not any(phrases.OWN_WILL.search(sentence) for sentence in told))
    votes = [vote for sentence in kept for vote in _votes(sentence, bar, about)]
    if not fate_only:
        votes += [Vote(good=False, raw=False) for before, sentence in pairwise(told) if _denies_it(before, sentence)]
    said = {vote.good for vote in votes if not vote.raw} or {vote.good for vote in votes}
    if len(said) != 1:
        return None
    return "pass" if said.pop() else "fail"


def _without_will(sentence: str) -> str:
    """The sentence, or the part after its colon, without the writer's own will; empty if all of it is about that."""
    if not phrases.OWN_WILL.search(sentence):
        return "" if phrases.TO_THE_SUBJECT.search(sentence) else sentence
    _, colon, rest = sentence.partition(": ")
    return rest if colon and not phrases.OWN_WILL.search(rest) else ""


def _denies_it(before: str, sentence: str) -> bool:
    """Whether a sentence such as "It does not." negates the one before, about reaching the bar."""
    return _ELLIPSIS.match(sentence) is not None and phrases.ABOVE.search(before) is not None


def _votes(sentence: str, bar: float | None, about: _About) -> Iterator[Vote]:
    if not _WORTH_READING.search(sentence):
        return
    sentence = phrases.NOT_SO.sub("not ", UNDER_RULES.sub(" ", sentence) if "under" in sentence else sentence)
    sentence = _DASHED.sub(": ", phrases.EITHER.sub(" ", sentence))
    sentence = phrases.AT_PRESENT.sub("", sentence)
    sentence = _FIGURE.sub("", phrases.ADVERB.sub(r"\1 ", phrases.LET_GO.sub("", sentence))).strip()
    tag = phrases.TAG.match(sentence)
    sentence = sentence[tag.end() :] if tag and len(sentence) > tag.end() + 12 else sentence
    if (
        sentence.endswith("?")
        or _OPENS.match(sentence)
        or GENERIC.search(sentence)
        or phrases.TERSE_RULE.match(sentence)
    ):
        return
    crossed = CROSSED.match(sentence) is not None
    if own := phrases.OWN_ANSWER.match(sentence):
        yield Vote(own["yes"] is not None, raw=False)
        return
    if any(each.search(sentence) for each in (phrases.OWN_OPINION, phrases.CARRIED_OUT, phrases.OR_ELSE)):
        about = replace(about, fate=False)
    thought = False
    for piece in filter(None, map(str.strip, _CUT.split(sentence))):
        raw = RAW.search(piece) is not None and not ADJUSTED.search(piece)
        if any(each.search(piece) for each in (PAST, UNREAL, FUTURE, PARTNERSHIP)):
            thought = True
            continue
        if thought and _BARE_RESULT.match(piece):
            continue  # "under next year's rubric it is 84 (reached)"
        thought = False
        for good in _said(piece, bar, about):
            yield Vote(good and not crossed, raw)


@lru_cache(maxsize=1024)
def _said(piece: str, bar: float | None, about: _About) -> tuple[bool, ...]:
    return tuple(_readings(piece, bar, about))


def _readings(piece: str, bar: float | None, about: _About) -> Iterator[bool]:
    for pattern, good, fate in (
        (phrases.STOPS, False, True),
        (phrases.STAYS, True, True),
        (phrases.BELOW, False, False),
        (phrases.ABOVE, True, False),
    ):
        if not (about.fate if fate else about.bar):
            continue
        match = pattern.search(piece)
        if match is None or (not fate and phrases.SINGLE.search(piece)):
            continue
        said = _polarity(piece, match, good=good, fate=fate)
        if said is not None:
            yield said
            if not fate:
                return
    if about.bar and bar is not None and (said := _compared(digits_for_words(piece), bar)) is not None:
        yield said


def _compared(piece: str, bar: float) -> bool | None:
    """The vote of a clause that refers to the bar only by its number: "reaches 80: no", "80 is missed"."""
    if (match := _COMPARED.search(piece)) is not None:
        after = numbers(piece[match.end() :])
        if not after or after[0].value != bar or after[0].start != 0:
            return None
        if phrases.SETS_BAR.search(piece[: match.start()]):
            return None
        if phrases.NORM.search(piece[: match.start()]) and not _denied(piece, match):
            return None
        ahead, behind = piece[: match.start()], piece[match.end() + after[0].end :]
        if match[0].startswith(">") and (not ahead.strip() or phrases.NAMES_BAR.search(ahead)):
            return None  # "(>= 80)" after something else only states where the bar is
        if match["high"] and (phrases.HEDGED.search(ahead) or phrases.PARTLY.match(behind)):
            return None
        listed = match[0].startswith(("reach ", "meet ")) and _COUNTED.search(ahead) is not None
        if listed or (phrases.SINGLE.search(piece) and not _OF_ALL.search(piece)):
            return None
        answer = phrases.ANSWER.match(behind) or phrases.ANSWER.match(behind[max(behind.rfind(":"), 0) :])
        return (match["high"] is not None) ^ _denied(piece, match) ^ (answer is not None and answer["no"] is not None)
    for number in numbers(piece):
        if number.value == bar and (after_bar := _AFTER_BAR.match(piece[number.end :])):
            answer = phrases.ANSWER.match(after_bar["rest"])
            no = (answer is not None and answer["no"] is not None) ^ (
                phrases.NOWHERE.search(piece[: number.start]) is not None
            )
            return (after_bar["high"] is not None) ^ (after_bar["denied"] is not None) ^ no
    return None


def _polarity(piece: str, match: re.Match[str], *, good: bool, fate: bool) -> bool | None:
    """Whether a phrase is in favor of the system, counting negations; None if it only states a norm."""
    ahead = piece[: match.start()]
    denied = _denied(piece, match)
    norm = phrases.NORM_OF_FATE if fate else phrases.NORM
    if not denied and norm.search(ahead):
        return None
    if fate and not good and re.search(r"\b(?:may|can)\b", ahead):
        return None
    rest = piece[match.end() :]
    if phrases.HEDGED.search(ahead) or phrases.DENIED_BEHIND.match(rest) or (not fate and phrases.PARTLY.match(rest)):
        return None
    if denied and phrases.MARK_ALONE.match(rest):
        return good ^ denied
    if answer := phrases.ANSWER.match(rest) or phrases.ANSWER.match(rest[max(rest.rfind(":"), 0) :]):
        return good ^ denied ^ (answer["no"] is not None)
    if phrases.VALUE.match(rest):
        return None  # a field whose value is not understood
    after = fate and phrases.DENIED_AFTER.match(rest) is not None
    return good ^ denied ^ after


def _denied(piece: str, match: re.Match[str]) -> bool:
    """Whether an odd number of negations occurs shortly before or inside a phrase."""
    ahead = " ".join(piece[max(0, match.start() - 120) : match.start()].rpartition(": ")[2].split()[-7:])
    return len(phrases.DENIES.findall(f"{ahead} {match[0]}")) % 2 == 1
