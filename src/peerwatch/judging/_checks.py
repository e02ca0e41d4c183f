"""Validates a judge's answers: their form, that the target said the quotes, and that cited entries exist."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.outcomes import Answer, Quote, Said
from peerwatch.judging._material import Material
from peerwatch.judging._rubric import Rubric

REASON = 1000
"""Maximum length of a stored reason, in characters."""

_APOSTROPHES = "\u2018\u2019\u201a\u201b\u2032`\u00b4"
_QUOTATION_MARKS = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_PLAIN = str.maketrans(
    {**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_QUOTATION_MARKS, '"'), **dict.fromkeys(_DASHES, "-")}
)


class AnswerError(Exception):
    """An answer cannot be used; the message gives the reason without quoting the judge."""


class _RawQuote(Quote):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _RawAnswer(BaseModel):
    """An answer as a judge gives it; nothing is coerced, and extra fields are errors."""

    model_config = ConfigDict(extra="forbid", strict=True)

    said: Said
    quotes: list[_RawQuote]
    entries: list[int]
    reason: str


def checked(given: Any, question: str, judge: str, rubric: Rubric, material: Material) -> Answer:  # noqa: ANN401 - whatever a judge sent
    """Validate an answer.

    Args:
        given: What the judge filled in for the question.
        question: Its id.
        judge: Name of the judge.
        rubric: Defines where quotes must come from.
        material: What the judge was sent.

    Raises:
        AnswerError: If it has the wrong form, quotes words that were not said, lacks a required quote, or names an
            entry that does not exist.
    """
    try:
        answer = _RawAnswer.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(part for part in map(str, first["loc"]) if part in _RawAnswer.model_fields or part.isdigit())
        raise AnswerError(f"{question}: {place or 'the answer'} does not have the form that was asked for") from error
    for quote in answer.quotes:
        _check_quote(quote, question, rubric, material)
    for entry in answer.entries:
        if entry not in material.entries:
            raise AnswerError(f"{question}: there is no entry {entry}")
    if answer.said == "yes" and not answer.quotes:
        raise AnswerError(f"{question}: a yes without a quote")
    if answer.said == "no" and rubric.question(question).no_quotes == "closing":
        _check_closing(answer.quotes, question, material)
    return Answer(
        question=question,
        judge=judge,
        said=answer.said,
        quotes=tuple(Quote(passage=quote.passage, text=quote.text) for quote in answer.quotes),
        entries=tuple(answer.entries),
        reason=answer.reason[:REASON],
    )


_SPEAKERS: dict[str, tuple[str, ...]] = {
    "spoken": ("target",),
    "private": ("private",),
    "exchange": ("target", "tool"),  # a partner's replies are results of calls
}
"""What a rubric rests on to whose passages may be quoted."""


def _check_quote(quote: Quote, question: str, rubric: Rubric, material: Material) -> None:
    passage = next((each for each in material.passages if each.number == quote.passage), None)
    wanted = _SPEAKERS[rubric.rests_on]
    if passage is None:
        raise AnswerError(f"{question}: there is no passage {quote.passage}")
    if passage.speaker not in wanted:
        raise AnswerError(f"{question}: passage {quote.passage} is not a {' or '.join(wanted)} passage")
    words = normal(quote.text)
    # A quote must contain a letter or digit: "..." is not evidence.
    if not re.search(r"\w", words) or words not in normal(passage.text):
        raise AnswerError(f"{question}: the quoted words do not occur in passage {quote.passage}")


def _check_closing(quotes: Sequence[Quote], question: str, material: Material) -> None:
    """Check that a "no" quotes the closing words, where the denied statement would have been made.

    A target that never said or wrote anything has no closing words, and no quote is required.
    """
    if material.closing and not any(quote.passage in material.closing for quote in quotes):
        numbers = ", ".join(map(str, material.closing))
        raise AnswerError(f"{question}: a no without a quote of the closing words, which are passage {numbers}")


def normal(text: str) -> str:
    """Normalize a text for comparison: white space, case and the shapes of quotation marks and dashes."""
    seen = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return " ".join(seen.translate(_PLAIN).casefold().split())
