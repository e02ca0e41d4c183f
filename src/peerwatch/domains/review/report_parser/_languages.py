"""Terms of reports in other languages as English terms, so that one reader reads them all."""

import re
from functools import cache
from importlib.resources import files
from typing import cast

import yaml

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A sign of a script that puts no spaces between its words."""

_FEWEST_SIGNS = 2
"""Words of a language that show that a text is written in it; one is enough where it is no ASCII word."""

_NEGATIONS = {
    "reaches": "does not reach", "reached": "did not reach", "meets": "does not meet", "met": "did not meet",
    "passes": "does not pass", "passed": "did not pass", "exceeds": "does not exceed",
}  # fmt: skip
_NEGATED_LAST = re.compile(
    rf"\b({'|'.join(_NEGATIONS)})((?: [^\W\d]+){{1,6}}) not\b(?=\s*(?:[.,;:!)]|$))", re.IGNORECASE | re.MULTILINE
)
"""A negation behind its object, as German, Dutch and Swedish have it: "reaches the threshold not"."""

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def in_english(text: str) -> str:
    """The text with the terms of its language, if it is not in English, as English terms."""
    words = {word.lower() for word in _WORD.findall(text[:20_000])}
    for signs, distinct, pattern, terms in _languages():
        if _UNSPACED.match(next(iter(signs))):
            shown = not text.isascii() and any(sign in text for sign in signs)
        else:
            shown = bool(words & distinct) or len(words & signs) >= _FEWEST_SIGNS
        if shown:
            text = pattern.sub(lambda match, terms=terms: _term(match[0], terms), text)
            text = _NEGATED_LAST.sub(lambda match: f"{_NEGATIONS[match[1].lower()]}{match[2]}", text)
    return text


def _term(written: str, terms: dict[str, str]) -> str:
    """The English term, with a capital where the other has one, so that sentences begin as they did."""
    english = terms[written.lower()]
    return english[:1].upper() + english[1:] if written[:1].isupper() else english


@cache
def _languages() -> list[tuple[frozenset[str], frozenset[str], re.Pattern[str], dict[str, str]]]:
    """For each language its signs, those that are no ASCII words or long ones, its terms and what they are read as."""
    text = files("peerwatch.domains.review.report_parser").joinpath("languages.yaml").read_text(encoding="utf-8")
    found: list[tuple[frozenset[str], frozenset[str], re.Pattern[str], dict[str, str]]] = []
    for entry in cast("dict[str, dict[str, object]]", yaml.safe_load(text)).values():
        signs = frozenset(cast("list[str]", entry["signs"]))
        terms = cast("dict[str, str]", entry["terms"])
        unspaced = any(_UNSPACED.search(term) for term in terms)
        if unspaced:
            terms = {term: f" {english} " for term, english in terms.items()}
        ordered = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
        pattern = re.compile(ordered if unspaced else rf"(?<![\w'])(?:{ordered})(?!\w)", re.IGNORECASE)
        distinct = frozenset(each for each in signs if not each.isascii() or len(each) > 5)
        found.append((signs, distinct, pattern, terms))
    return found
