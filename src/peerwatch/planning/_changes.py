"""Differences between two versions of a study, field by field."""

import json
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from pydantic import JsonValue

from peerwatch.planning._design import Design

ABSENT = "absent"

BUDGET = "budget."
"""Prefix of fields that may be amended after a run has started: a cap limits how much is run, not the results."""


class Change(NamedTuple):
    """One changed field of a study."""

    field: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.field} was {self.old} and is {self.new}"


def changes(old: Design, new: Design) -> list[Change]:
    """Return every field in which two studies differ, as `worlds` or `models.0.config.temperature`."""
    return list(_between(old.model_dump(mode="json"), new.model_dump(mode="json"), ""))


def _between(old: JsonValue, new: JsonValue, place: str) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _between(old.get(key, ABSENT), new.get(key, ABSENT), f"{place}.{key}".lstrip("."))
    elif isinstance(old, list) and isinstance(new, list):
        for key, (one, other) in enumerate(zip_longest(old, new, fillvalue=ABSENT)):
            yield from _between(one, other, f"{place}.{key}")
    elif json.dumps(old) != json.dumps(new):  # to Python 1, 1.0 and true are equal; to the hash they are not
        yield Change(place, _shown(old), _shown(new))


def _shown(value: JsonValue) -> str:
    """Format a value in one line; for a record, only its nonempty fields."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(each)}" for key, each in value.items() if each not in ("", None, [], {}))
    if value is None:
        return "not given"
    return ABSENT if value == ABSENT else repr(value)
