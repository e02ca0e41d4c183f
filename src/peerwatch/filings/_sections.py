"""The sentences of a report that speak of the present sheet: sections about earlier or other ones left out."""

from peerwatch.filings._prose import HEADING, sentences
from peerwatch.filings._terms import PAST


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
