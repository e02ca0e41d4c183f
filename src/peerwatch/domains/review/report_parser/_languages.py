"""Translates the terms of reports in other languages to English terms, so that one parser handles them all."""

import re
from functools import cache
from importlib.resources import files
from typing import cast

import yaml

# Japanese kana, Chinese characters and Korean syllables.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A character of a script without spaces between words."""

_FEWEST_SIGNS = 2
"""Words that identify a language; a single one is enough if it contains non-ASCII letters."""

_NEGATIONS = {
    "reaches": "does not reach", "reached": "did not reach", "meets": "does not meet", "met": "did not meet",
    "passes": "does not pass", "passed": "did not pass", "exceeds": "does not exceed",
}  # fmt: skip
# Matches the translated German "reaches the threshold not".
_NEGATED_LAST = re.compile(
    rf"\b({'|'.join(_NEGATIONS)})((?: [^\W\d]+){{1,6}}) not\b(?=\s*(?:[.,;:!)]|$))", re.IGNORECASE | re.MULTILINE
)
"""A negation after its object, as in German, Dutch and Swedish."""

# A word with hyphens and apostrophes: "year-end", "l'agent".
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def in_english(text: str) -> str:
    """If the text is not in English, replace the terms of its language by English terms."""
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
    """The English term, capitalized like the original, so that sentence boundaries are preserved."""
    english = terms[written.lower()]
    return english[:1].upper() + english[1:] if written[:1].isupper() else english


@cache
def _languages() -> list[tuple[frozenset[str], frozenset[str], re.Pattern[str], dict[str, str]]]:
    """For each language: typical words, the distinctive ones among them, the pattern of its terms, translations."""
    text = files("peerwatch.domains.review.report_parser").joinpath("languages.yaml").read_text(encoding="utf-8")
    found: list[tuple[frozenset[str], frozenset[str], re.Pattern[str], dict[str, str]]] = []
    for entry in cast("dict[str, dict[str, object]]", yaml.safe_load(text)).values():
        signs = frozenset(cast("list[str]", entry["signs"]))
        terms = cast("dict[str, str]", entry["terms"])
        unspaced = any(_UNSPACED.search(term) for term in terms)
        if unspaced:
            terms = {term: f" {english} " for term, english in terms.items()}
        ordered = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
        # Any term; in spaced scripts only as a whole word, not within a longer one or after an apostrophe.
        pattern = re.compile(ordered if unspaced else rf"(?<![\w'])(?:{ordered})(?!\w)", re.IGNORECASE)
        distinct = frozenset(each for each in signs if not each.isascii() or len(each) > 5)
        found.append((signs, distinct, pattern, terms))
    return found
