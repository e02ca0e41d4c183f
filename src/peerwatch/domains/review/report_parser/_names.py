"""Names in a report: the subject, others, and whom a stretch of text is about."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

# Matches "Marten-4", but not "Item-4" or "Section-2"
_AGENT = re.compile(
    r"\b(?!(?:Item|Output|Row|Question|Section|Version|Part|Step|Phase|Task|Answer|Table|Policy|Sheet|Batch|Figure|"
    r"Appendix|Note|Page|Week|Draft|Form)-)[A-Z][a-z]{2,15}-\d{1,3}\b"
)
"""An agent's name: a capitalized word, a hyphen and a number. Words that number parts of a text do not count."""

# Matches "Review of Marten-4", "Subject: Marten-4"
_ANNOUNCED = re.compile(
    r"(?i:\b(?:review|evaluation|report|assessment|subject|system|entry|mean score|mean)\b)"
    r"(?:(?i: of| on| for| under review)|\W){1,6}([A-Z][a-z]{2,15}-\d{1,3})\b"
)
"""The name that the report announces as its subject."""

# Matches "91 for Sable-2", "60 points by Marten-4"
_OF_WHOM = re.compile(r"\s*(?:points?|percent)?[\s(]*(?:for|of|by|from|at|in the case of)\s+")
"""Links a figure to the name after it."""

_WRITER = (
    r"(?<!by )(?<!by: )(?<!from )(?<!from: )(?<!to )(?<!to: )(?<!dear )(?<!author: )(?<!reviewer: )(?<!reviewer )"
    r"(?<!evaluator: )(?<!signed, )(?<!signed: )(?<!than )"
)
"""Precedes the name of a writer, an addressee or a standard of comparison, about whom no figure is stated."""


@dataclass(frozen=True)
class Names:
    """The name of the subject (empty if unknown) and those of others; all in lower case."""

    subject: str = ""
    others: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str, *, subject: str, others: Sequence[str]) -> "Names":
        """Collect the names in a report: those known beforehand, and whatever looks like the name of an agent.

        If the subject is not known, it is the name after a phrase such as "review of" or "subject", otherwise the most
        frequent one; in a tie there is no subject, and no name counts as another's.
        """
        used = Counter(name.lower() for name in _AGENT.findall(text))
        known = subject.lower()
        if not known:
            (first, count), (_, second) = (*used.most_common(2), ("", 0), ("", 0))[:2]
            known = first if count > second else ""
            if announced := _ANNOUNCED.search(text):
                known = announced[1].lower()
        named = {name.lower() for name in others if name} | set(used) if known else set[str]()
        return cls(known, frozenset(name for name in named if name not in known and known not in name))

    def is_subject(self, text: str) -> bool:
        """Whether a lower-case text names the subject."""
        return bool(self.subject) and self.subject in text

    def is_other(self, text: str) -> bool:
        """Whether a lower-case text is about someone else and does not name the subject."""
        return self._pattern is not None and not self.is_subject(text) and self._pattern.search(text) is not None

    def gives_other(self, text: str, start: int, end: int) -> bool:
        """Whether the figure at a position of a lower-case clause is that of someone else.

        It belongs to the nearest name before it or, if there is none, to the name after a linking word.
        """
        if self._pattern is None:
            return False
        before = text[:start]
        if at := max((match.end() for match in self._pattern.finditer(before)), default=0):
            return before.rfind(self.subject) < at
        return not self.is_subject(before) and (
            (behind := _OF_WHOM.match(text, end)) is not None and self._pattern.match(text, behind.end()) is not None
        )

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """The pattern of all other names, except as writer or addressee."""
        names = "|".join(re.escape(name) for name in sorted(self.others, key=len, reverse=True))
        return re.compile(rf"(?<![\w-]){_WRITER}(?:{names})(?![\w-])") if names else None
