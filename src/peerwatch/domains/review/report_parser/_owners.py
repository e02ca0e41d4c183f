"""Splits a report into pieces by the product that they are about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from peerwatch.domains.review.report_parser._document import Line, sentences

_LABEL = 3
"""Maximum number of words in a line that consists only of a product's name."""

Owner = Literal["subject", "other", "nobody"]


@dataclass(frozen=True)
class Piece:
    """A sentence, or the part of it about one product.

    `follows_name` is the text directly after the name, `place` is the position in the report, and `part` is true for a
    cell of a single period.
    """

    text: str
    owner: Owner
    follows_name: str = ""
    place: str = "body"
    part: bool = False


def pieces(lines: Sequence[Line], *, subject: str, others: Sequence[str]) -> list[Piece]:
    """The pieces of a report in order.

    A sentence is about the product that it names or, if it names none, about the last product named since the heading.
    """
    names = [subject, *others]
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    # Any product's name as a whole word; without names, a pattern that never matches.
    named = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if pattern else re.compile(r"(?!)")
    owner: Owner = "nobody"
    found: list[Piece] = []
    paragraph, label = 0, False
    for line in lines:
        if line.heading or (owner == "other" and not label and line.paragraph != paragraph):
            owner = "nobody"  # another product named in a sentence is dropped at the end of its paragraph
        paragraph = line.paragraph
        part = line.cell is not None and line.cell.kind == "periods" and not line.cell.whole
        for sentence in sentences(line.text):
            mentions = list(named.finditer(sentence))
            for n, mention in enumerate(mentions):
                owner = "subject" if mention[0].casefold() == subject.casefold() else "other"
                label = line.heading or len(line.text.split()) <= _LABEL
                end = mentions[n + 1].start() if n + 1 < len(mentions) else len(sentence)
                text = sentence[mention.start() if n else 0 : end]
                found.append(Piece(text, owner, sentence[mention.end() : end], line.place, part))
            if not mentions:
                found.append(Piece(sentence, owner, place=line.place, part=part))
    return found
