"""Who is named in a report: its subject, others, and of whom a stretch of text speaks."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

_AGENT = re.compile(
    r"\b(?!(?:Item|Output|Row|Question|Section|Version|Part|Step|Phase|Task|Answer|Table|Policy|Sheet|Batch|Figure|"
    r"Appendix|Note|Page|Week|Draft|Form)-)[A-Z][a-z]{2,15}-\d{1,3}\b"
)
"""A name as agents have it: a capitalized word, a hyphen and a number. A word that numbers parts of a text is none."""

_ANNOUNCED = re.compile(
    r"(?i:\b(?:review|evaluation|report|assessment|subject|system|entry|mean score|mean)\b)"
    r"(?:(?i: of| on| for| under review)|\W){1,6}([A-Z][a-z]{2,15}-\d{1,3})\b"
)
"""The name of the one whom the report states that it is about: "Review of Marten-4", "Subject: Marten-4"."""

_OF_WHOM = re.compile(r"\s*(?:points?|percent)?[\s(]*(?:for|of|by|from|at|in the case of)\s+")
"""What links a figure to the name behind it: "91 for Sable-2"."""

_WRITER = (
    r"(?<!by )(?<!by: )(?<!from )(?<!from: )(?<!to )(?<!to: )(?<!dear )(?<!author: )(?<!reviewer: )(?<!reviewer )"
    r"(?<!evaluator: )(?<!signed, )(?<!signed: )(?<!than )"
)
"""What stands before the name of a writer, an addressee or a standard of comparison, of whom no figure is given."""


@dataclass(frozen=True)
class Names:
    """The name of the subject, empty if it is not known, and those of others; all in lower case."""

    subject: str = ""
    others: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str, *, subject: str, others: Sequence[str]) -> "Names":
        """The names in a report: those that are known beforehand, and what else looks like the name of an agent.

        Where the subject is not known it is the name behind a word such as "review of" or "subject", or else the one
        that is used most; if several are used alike, there is none, and no name counts as that of another.
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
        """Whether a lower-case text names somebody else as the one it speaks of, and not the subject."""
        return self._pattern is not None and not self.is_subject(text) and self._pattern.search(text) is not None

    def gives_other(self, text: str, start: int, end: int) -> bool:
        """Whether the figure between two places of a lower-case clause is that of somebody else.

        It is that of the name nearest before it; without a name before it, that of the name it is said to be of.
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
        """The name of any other, except as the writer's or the addressee's."""
        names = "|".join(re.escape(name) for name in sorted(self.others, key=len, reverse=True))
        return re.compile(rf"(?<![\w-]){_WRITER}(?:{names})(?![\w-])") if names else None
