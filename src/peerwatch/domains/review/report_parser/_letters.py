"""Extracts letter grades from a sentence."""

import re

from peerwatch.domains.review.report_parser._terms import FUTURE, UNREAL

_LETTER = r"(?:(?<![\w'/.-])|(?<=\s['(]))['\"(]?(?P<l>[A-F])(?:\s?[+-](?![\w-])| ?(?:plus|minus)\b)?(?![\w/&]|'\w|\.\w)"
# Matches "C -> B": the old grade and the arrow
_ARROW = re.compile(r"\b[A-F][+-]? ?-> ?(?=[A-F](?![\w']))")
"""A grade that was changed to another one."""
# Matches "raised from C to B": keeps the verb and the new grade
_CHANGED = re.compile(
    r"\b((?:rais|chang|lower|mov|improv|upgrad|downgrad|correct|revis|amend)e?d) from [A-F][+-]? to (?=[A-F](?![\w']))"
)
"""The old grade, before the new one."""
# Matches "(A = excellent, B = good)"
_LEGEND = re.compile(r"\([^()]{0,40}\b[A-F] ?[=:][^()]{0,200}\)")
"""A legend of the letters, in brackets."""
# Words near which a letter is a grade: "graded", "receives", "verdict".
_CUE = re.compile(
    r"\b(?:grade[sd]?|grading|rat(?:ed|ing)|mark(?:ed)?|receive[sd]?|gets?|got|earn(?:s|ed)?|give[ns]?|"
    r"gave|award(?:s|ed)?|"
    r"assign(?:s|ed)?|scores?|scored|achieve[sd]?|verdict)\b",
    re.IGNORECASE,
)
# A scale rather than a grade: "A to F", "A/B/C", "(A-F)", "A, B, or C".
_SCALE = re.compile(
    r"[(\[]?(?<![\w'])[A-F](?:\s*(?:,|/|\bto\b|\bor\b|\bthrough\b|\.\.+|\||,\s*or\b|"
    r",?\s*and\b)\s*[A-F](?![\w'+]))+[)\]]?|[(\[]?(?<![\w'])[A-F]-[A-F](?!\w)[)\]]?|"
    r"\bfrom [A-F] to [A-F]\b"
)
# A letter after the cue.
_AFTER_CUE = re.compile(_LETTER)
# Matches "B grade", "an A rating"; only "an A", since "A rating" may be an article.
_BEFORE_CUE = re.compile(r"(?<![\w'])(?P<l>[B-F]|(?<=\ban )A)(?:[+-])?[- ](?:grade|rating)\b(?! of)")
# Matches "grade: b" in lower case at the end.
_SMALL = re.compile(r"\bgrade\s*[:=]\s*(?P<l>[a-f])[+-]?\s*[.,]?\s*$")
# Matches "Under the guidelines: C", "Final result: B+"
_RESULT = re.compile(
    r"^(?:(?:final |overall )?(?:result|outcome|assessment)|final|overall|(?:under|by|per|according to) (?:the |our )?"
    r"(?:guidelines?|policy|rules?|rubric))\s*[:=,]\s*(?P<l>[A-F])[+-]?\W*$",
    re.IGNORECASE,
)
"""A label for the result, or the name of the rule, with only a letter."""
# Matches "Atlas (shop): B", "Atlas is a C", "Atlas | B |": the letter after a product's name.
_BEHIND_NAME = re.compile(
    rf"^(?:\s*\([^()]{{0,60}}\))?\s*(?:[:=,(|]|->|- |(?:is|has|earns|receives) an?\b|is\b|at\b|an?\b|with an?\b|"
    rf"gets\b)?\s*{_LETTER}\s*(?:$|[.,;()|]|and\b|"
    rf"but\b|while\b)"
)
# A rule rather than a grade: "B >= 2 %", "C if", "A means".
_DEFINED = re.compile(r"(?<![\w'])[A-F] ?(?:[<>]=?|=|:|if\b|means\b|stands\b)")
# Matches "so it's a C", "makes it C", "-> B": a conclusion.
_CONCLUDED = re.compile(
    r"(?:\b(?i:it|this|that|the product)(?:'s| is| was| gets| earns)(?= an? [A-F])|\bmakes it|\b(?:so|therefore|thus|"
    r"hence|with|by the (?:guidelines?|policy|rules?|book),?)|[-=]>)\s+(?:an? )?(?P<l>[A-F])[+-]?(?=[\s.)!]*$|,|"
    r" and\b| products?\b| by\b)"
)
# Matches "I record a B", "the figures leave nothing but a C"
_RECORDS = re.compile(
    r"\b(?:record|file|enter|put down|settle (?:on|for)|arrive at|leave|allow|call for|point to)(?:s|ed)? "
    r"(?:(?:only|nothing but) )?(?:an? )?(?P<l>[A-F])(?![\w'])"
)
"""What a writer records, or the figures imply."""
# Matches "a grade of B means", "grade C leads to": a rule.
_RULE = re.compile(
    r"^(?:an? )?grades? (?:of )?['\"]?[A-F]['\"]?[+-]? (?:means|leads|ends|would|will|saves|spares|results|"
    r"triggers|requires|implies|"
    r"entails|calls|stands|keeps|products?\b)",
    re.IGNORECASE,
)
# Before a letter that is not given: "not a B", "instead of an A", "short of", "enough for".
_DENIED = re.compile(
    r"(?:n't|\b(?:not|never|instead of|rather than|than|from|short of|"
    r"enough for|insufficient for|(?:needed|required) for|needs? for|missed|"
    r"misses))\b(?!.{0,14}\bbut\b)(?:(?!\b[A-F]\b)[^,;]){0,40}$"
)
# Boundaries within a sentence: " but ", "; ", " - ".
_PART = re.compile(r"[,;]?\s+(?:but|though|although|while|whereas|with)\s+|;\s+|\s-\s", re.IGNORECASE)
# Matches "if", "for an A", "assuming": the part is hypothetical.
_BEGINS_UNREAL = re.compile(r"^(?:if|unless|had|for an?|to|with|suppos\w+|assuming)\b", re.IGNORECASE)
# After a letter that is not given: "B was not reached", "A is out of reach".
_NOT_GIVEN = re.compile(
    r"^['\")]*[+-]?\s+(?:(?:is|was|were|has been)\s+)?(?:\w+ly |just )?"
    r"(?:missed|not (?:reached|met|earned|attained|possible|achieved)|out of reach|within reach|"
    r"requires?|needs|needed)\b"
)
# Matches ", so ", " therefore "
_SO = re.compile(r",?\s+(?:so|hence|therefore|thus)\s+", re.IGNORECASE)
# The contents of round brackets.
_ASIDE = re.compile(r"\(([^()]{0,300})\)")
_REACH = 45


def without_prospects(text: str) -> str:
    """Remove the parts of a sentence about a future or merely possible grade."""
    text = _ASIDE.sub(lambda aside: " " if _open_question(aside[1]) else aside[0], text)
    if _BEGINS_UNREAL.match(text):
        _, but, rest = text.partition(" but ")
        return rest if but else "" if FUTURE.search(text.lower()) else text
    first, *more = _PART.split(text)
    unreal = any(not _open_question(part) for part in more) and UNREAL.search(first.lower()) is not None
    kept = [] if unreal or FUTURE.search(first.lower()) else [first]
    kept += [part for part in more if not _open_question(part)]
    return text if len(kept) == len(more) + 1 else ", ".join(kept)


def _open_question(part: str) -> bool:
    return UNREAL.search(part.lower()) is not None or FUTURE.search(part.lower()) is not None


def letter(text: str, follows_name: str) -> str | None:
    """The grade that a sentence gives, without its sign; None for none, for a scale of grades, or for a rule."""
    text, follows_name = _CHANGED.sub(r"\1 to ", _ARROW.sub("", text)), _ARROW.sub("", follows_name)
    text, follows_name = _LEGEND.sub(" ", text), _LEGEND.sub(" ", follows_name)
    text, follows_name = _SCALE.sub(" ", text), _SCALE.sub(" ", follows_name)
    if _RULE.match(text) and (so := _SO.search(text)):
        text = text[so.end() :]
    if _RULE.match(text) or len(_DEFINED.findall(text)) > 1:
        return None
    for cue in _CUE.finditer(text):
        behind = text[cue.end() : cue.end() + _REACH]
        for match in _AFTER_CUE.finditer(behind):
            denied = _DENIED.search(text[: cue.end()][-55:] + behind[: match.start()])
            if not denied and not _NOT_GIVEN.match(behind[match.end() :]):
                return match["l"]
    found = (
        _BEFORE_CUE.search(text)
        or _SMALL.search(text)
        or _RESULT.match(text)
        or _CONCLUDED.search(text)
        or _RECORDS.search(text)
        or _BEHIND_NAME.match(follows_name)
    )
    if found is None or _DENIED.search(found.string[: found.start()][-20:]):
        return None
    return found["l"].upper()
