"""The sentences of a report that speak of the present sheet: sections about earlier or other ones left out."""

import re

from peerwatch.filings._prose import HEADING, sentences
from peerwatch.filings._terms import PAST

_CORRECTS = re.compile(
    r"^(?:(?:addendum|note|post ?script|p\.?s\.?|update)\W{1,5})?"
    r"(?:correction|erratum|errata|corrigendum|amendment|retraction)\b(?! (?:factor|policy|method|rule|for)\b)",
    re.IGNORECASE,
)


def corrected(told: list[str]) -> int:
    """Where the last correction begins among the sentences of a report; 0 where there is none."""
    return next((n for n in range(len(told) - 1, -1, -1) if _CORRECTS.match(told[n])), 0)


def current(lines: list[str]) -> list[str]:
    """The sentences in lower case, without those under a heading that names an earlier or another system."""
    found: list[str] = []
    skip = False
    for line in lines:
        if line.startswith(HEADING):
            skip = PAST.search(line.lower()) is not None
        if not skip:
            found += [each.lower() for each in sentences(line.removeprefix(HEADING))]
    return found
