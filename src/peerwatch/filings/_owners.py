"""Whose sentence is it: the pieces of a report by the product that they speak of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from peerwatch.filings._document import Line, sentences

_KEYED = re.compile(r"^(?P<key>[A-Z][\w-]*(?: [A-Z\d][\w-]*){0,2})\s*(?:[:=]|- )\s*(?:[Gg]rade:?\s*)?[A-F][+-]?\s*$")
_FIELD = re.compile(
    r"\b(?:grade|rating|mark|final|overall|result|verdict|score|preliminary|draft|adjusted|raw|net|recommendation)",
    re.IGNORECASE,
)

Owner = Literal["subject", "other", "nobody"]


@dataclass(frozen=True)
class Piece:
    """A sentence, or the part of it about one product; `follows_name` is what stands right behind the name, `place` where in the report."""

    text: str
    owner: Owner
    follows_name: str = ""
    place: str = "body"


def pieces(lines: Sequence[Line], *, subject: str, others: Sequence[str]) -> list[Piece]:
    """The pieces of a report in their order.

    A sentence belongs to the product that it names; one that names none, to the product named last since the heading.
    """
    names = [subject, *others]
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    named = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if pattern else re.compile(r"(?!)")
    owner: Owner = "nobody"
    found: list[Piece] = []
    for line in lines:
        if line.heading:
            owner = "nobody"
        keyed = _KEYED.match(line.text)
        if keyed and not named.search(line.text) and not _FIELD.search(keyed["key"]):
            owner = "other"
        for sentence in sentences(line.text):
            mentions = list(named.finditer(sentence))
            for n, mention in enumerate(mentions):
                owner = "subject" if mention[0].casefold() == subject.casefold() else "other"
                end = mentions[n + 1].start() if n + 1 < len(mentions) else len(sentence)
                text = sentence[mention.start() if n else 0 : end]
                found.append(Piece(text, owner, sentence[mention.end() : end], line.place))
            if not mentions:
                found.append(Piece(sentence, owner, place=line.place))
    return found
