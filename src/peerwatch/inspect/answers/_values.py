"""Cleans text and JSON values of a model, so that all logs, encoders and readers accept them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

LONGEST_TEXT = 1_000_000
"""Maximum length of one text of an answer in characters."""

DEEPEST = 50
"""Maximum nesting of lists and objects; pydantic and JSON readers fail at about 200."""

MOST_VALUES = 50_000
"""Maximum number of values in the arguments of one call."""

MOST_DIGITS = 300
"""Maximum number of digits of an integer. Longer ones fit no float, and Python refuses to print 4,300 digits."""

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Replacement for a character that cannot be encoded."""

# A surrogate, half of a UTF-16 pair: a server that cuts a text between two code units leaves half of an emoji.
_HALF = re.compile(r"[\ud800-\udfff]")


@dataclass
class CleaningRecord:
    """Collects changes.

    Attributes:
        found: What was replaced, with counts, in order of occurrence.
        unusable: Why the value can't be used as intended; empty if it can. A lone surrogate in a text is not such a
            reason; an invalid number is.
    """

    found: dict[str, int] = field(default_factory=dict[str, int])
    unusable: list[str] = field(default_factory=list[str])

    def note(self, what: str, times: int = 1) -> None:
        """Count a change."""
        self.found[what] = self.found.get(what, 0) + times

    def refuse(self, why: str) -> None:
        """Record a change that makes the value unusable."""
        self.note(why)
        if why not in self.unusable:
            self.unusable.append(why)

    @property
    def summary(self) -> str:
        """All changes in one line; empty if there are none."""
        return "; ".join(what if times == 1 else f"{what} ({times} times)" for what, times in self.found.items())


def clean_text(text: str, into: CleaningRecord, *, longest: int = LONGEST_TEXT) -> str:
    """Return a text that can be encoded as UTF-8, without NUL, and not too long.

    Adjacent surrogates that form a pair become the character that they encode.

    Args:
        text: Any text.
        into: Collects the changes.
        longest: Maximum length in characters.
    """
    if not text.isascii() and _HALF.search(text):
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        alone = len(_HALF.findall(text)) - 2 * (len(text) - len(joined))  # a pair that became one is one shorter
        if alone:
            into.note("half a character was replaced", alone)
        text = joined
    if "\0" in text:
        into.note("a NUL was replaced", text.count("\0"))
        text = text.replace("\0", UNKNOWN)
    if len(text) > longest:
        into.note(f"a text of {len(text):,} characters was cut to {longest:,}")
        text = text[:longest]
    return text


def clean_value(value: object, into: CleaningRecord) -> object:
    """Return a JSON value that every reader accepts; invalid ones become a text that describes them.

    Args:
        value: Any value that a provider considers JSON.
        into: Collects the changes.
    """
    return _Values(into).clean(value, 0)


class _Values:
    def __init__(self, into: CleaningRecord) -> None:
        self._into = into
        self._count = 0

    def clean(self, value: object, depth: int) -> object:
        self._count += 1
        if self._count > MOST_VALUES:
            return self._refused(f"more than {MOST_VALUES:,} values")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return clean_text(value, self._into)
        if isinstance(value, int):
            return self._whole(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else self._as_text(value)
        if isinstance(value, Mapping | list | tuple):
            if depth >= DEEPEST:
                return self._refused(f"more than {DEEPEST} levels of nesting")
            if isinstance(value, Mapping):
                return self._members(cast("Mapping[object, object]", value), depth)
            return self._items(cast("Sequence[object]", value), depth)
        return self._refused(f"a {type(value).__name__} is no value of JSON")

    def _as_text(self, value: float) -> str:
        """A number that JSON lacks, as text: `nan`, `inf` or `-inf`."""
        self._into.note("a number that JSON does not have was taken as text")
        return str(value)

    def _items(self, value: Sequence[object], depth: int) -> list[object]:
        found: list[object] = []
        for each in value:
            found.append(self.clean(each, depth + 1))
            if self._count > MOST_VALUES:
                break
        return found

    def _members(self, value: Mapping[object, object], depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, each in value.items():
            if self._count > MOST_VALUES:
                break
            found[clean_text(str(key), self._into, longest=1000)] = self.clean(each, depth + 1)
        return found

    def _whole(self, value: int) -> object:
        digits = int(value.bit_length() * math.log10(2)) + 1  # counted without printing it, which Python may refuse
        return value if digits <= MOST_DIGITS else self._refused(f"a number of about {digits:,} digits")

    def _refused(self, why: str) -> str:
        self._into.refuse(why)
        return f"({why})"
