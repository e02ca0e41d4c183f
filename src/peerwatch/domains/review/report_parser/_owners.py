"""Whose sentence is it: the pieces of a report by the product that they speak of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from peerwatch.domains.review.report_parser._document import Line, sentences

_LABEL = 3
"""Words of a line that is no more than the name of a product."""

Owner = Literal["subject", "other", "nobody"]


@dataclass(frozen=True)
class Piece:
    """A sentence, or the part of it about one product.

    `follows_name` is what stands right behind the name, `place` where in the report it is, and `part` says whether it
    is a cell of a single period.
    """

    text: str
    owner: Owner
    follows_name: str = ""
    place: str = "body"
    part: bool = False


def pieces(lines: Sequence[Line], *, subject: str, others: Sequence[str]) -> list[Piece]:
    """The pieces of a report in their order.

    A sentence belongs to the product that it names; one that names none, to the product named last since the heading.
    """
    names = [subject, *others]
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    named = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if pattern else re.compile(r"(?!)")
    owner: Owner = "nobody"
    found: list[Piece] = []
    paragraph, label = 0, False
    for line in lines:
        if line.heading or (owner == "other" and not label and line.paragraph != paragraph):
            owner = "nobody"  # another product that a sentence has named is left with its paragraph
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
