"""Read YAML with libyaml if PyYAML includes it: it is ten times faster, and every command reads several files."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn, cast

import yaml

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def from_yaml(text: str) -> Any:  # noqa: ANN401 - YAML can hold any type
    """Parse a YAML text into plain values, lists and mappings.

    Raises:
        yaml.YAMLError: If it is not valid YAML.
    """
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe loaders


def problem(error: yaml.YAMLError) -> str:
    """Return in one sentence what is wrong with a YAML text, with the line and the column, and what to do."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem is None or error.problem_mark is None:
        return " ".join(str(error).split())
    mark = error.problem_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}"
    return f"{where}: {' '.join(error.problem.split())}. Correct the text there, or just before it."


LONGEST, LARGEST, DEEPEST, LONGEST_NUMBER = 256 * 1024, 1_000_000, 50, 18
"""Limits of a file: characters, characters after expanding its aliases, nesting levels, digits of an integer."""


_WHOLE = re.compile(r"[-+]?(?:0x[0-9a-f_]+|[0-9_:]+|0b[01_]+)", re.IGNORECASE)
"""Matches what YAML reads as an integer, such as "-12", "1_000", "0x1f", "0b101" or, in base 60, "59:59"."""


class TooLargeError(yaml.YAMLError):
    """A YAML text would take far more time or memory than a hand-written file."""


def check_size(text: str) -> None:
    """Reject a small text that expands to an enormous value, before it is constructed.

    An alias represents everything that its anchor names: ten levels of ten aliases each turn half a kilobyte into a
    gigabyte. The sizes are computed from the parser's events, where an alias is a single event and nothing is copied.

    Raises:
        yaml.YAMLError: If it is not valid YAML or would be too large. The message names the line and the limit.
    """
    if len(text) > LONGEST:
        raise TooLargeError(f"it has {len(text):,} characters; at most {LONGEST:,} are allowed")
    named: dict[str, int] = {}
    above: list[tuple[str | None, int]] = [(None, 0)]
    for event in _events(text):
        if isinstance(event, yaml.CollectionStartEvent):
            above.append((event.anchor, 1))
            if len(above) > DEEPEST + 1:
                _refuse(event, f"it is nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            anchor, size = above.pop() if isinstance(event, yaml.CollectionEndEvent) else _sized(event, named)
            if anchor is not None:
                named[anchor] = size
            outer, total = above[-1]
            above[-1] = outer, total + size
            if total + size > LARGEST:
                _refuse(event, f"its aliases come to more than {LARGEST:,} characters when they are written out")


def _sized(event: yaml.NodeEvent, named: dict[str, int]) -> tuple[str | None, int]:
    """Return the anchor and the expanded size of a value or an alias."""
    if not isinstance(event, yaml.ScalarEvent):
        return None, named.get(str(event.anchor), 1)
    size = 1 + len(event.value)
    if size > LONGEST_NUMBER and event.implicit[0] and _WHOLE.fullmatch(event.value):
        _refuse(event, f"a number has more than {LONGEST_NUMBER} digits")
    return event.anchor, size


_events = cast("Callable[[str], Iterable[yaml.Event]]", partial(yaml.parse, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType] - PyYAML's stubs leave the stream untyped


def _refuse(event: yaml.Event, why: str) -> NoReturn:
    raise TooLargeError(f"line {event.start_mark.line + 1}: {why}")
