"""Cleaning text and JSON values of a model, so that every log, encoder and reader takes them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

LONGEST_TEXT = 1_000_000
"""Characters of one text of an answer that are kept."""

DEEPEST = 50
"""Levels of nested lists and objects; pydantic and JSON readers give up at about 200."""

MOST_VALUES = 50_000
"""Values in the arguments of one call."""

MOST_DIGITS = 300
"""Digits of a whole number. What is longer fits no floating-point number, and Python refuses to print 4,300."""

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""What stands in the place of a character that no encoder takes."""

# Half of a UTF-16 pair: a server that cuts a text between two code units leaves one half of an emoji.
_HALF = re.compile(r"[\ud800-\udfff]")


@dataclass
class CleaningRecord:
    """Collects what was changed.

    Attributes:
        found: What was replaced and how often, in the order in which it was met.
        unusable: Why the value can't be used as it was meant; empty if it can. Half a character in a text is no such
            reason; a number that is none is.
    """

    found: dict[str, int] = field(default_factory=dict[str, int])
    unusable: list[str] = field(default_factory=list[str])

    def note(self, what: str, times: int = 1) -> None:
        """Count a change."""
        self.found[what] = self.found.get(what, 0) + times

    def refuse(self, why: str) -> None:
        """Count a change after which the value can't be used."""
        self.note(why)
        if why not in self.unusable:
            self.unusable.append(why)

    @property
    def summary(self) -> str:
        """All of it in one line; empty if nothing was changed."""
        return "; ".join(what if times == 1 else f"{what} ({times} times)" for what, times in self.found.items())


def clean_text(text: str, into: CleaningRecord, *, longest: int = LONGEST_TEXT) -> str:
    """A text that UTF-8 can encode, without NUL, and not too long.

    Two halves that belong together become the character that they make.

    Args:
        text: Any text.
        into: Where changes are counted.
        longest: Characters that are kept.
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
    """A JSON value that every reader takes; what is none becomes a text that says what stood there.

    Args:
        value: Anything that a provider takes for JSON.
        into: Where changes are counted.
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
        """A number that JSON does not have, as the text that a target would write: `nan`, `inf` or `-inf`."""
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
