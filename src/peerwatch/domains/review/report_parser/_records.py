"""JSON, YAML and CSV in a report: records as "path: value" lines, items as "item 7: score", CSV as a table."""

import csv
import json
import re
from collections.abc import Iterator
from typing import cast

import yaml

# The start of a JSON array or object: "[" or "{" before a bracket, a quote, a digit, "-", or t, f, n.
_START = re.compile(r"[\[{](?=\s*[\[{\"\d\-tfn])")
_TRIES = 60
_MOST_ROWS = 1_000
_LONGEST_YAML = 20_000
# Matches "mean_score: 60": the first line of a YAML mapping.
_MAPPING = re.compile(r"^\s*(?:---\s*)?[\w \"'-]{1,60}:(?:\s|$)")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# A key that numbers an item: "item_3", "q 3", "3".
_COUNTED = re.compile(r"^(?:item|row|output|question|q|entry|case|answer|score)?[ _#-]*(\d{1,3})$", re.IGNORECASE)
# A key whose value is an item's number: "id", "row_no", "index", "#".
_COUNTER = re.compile(
    r"^(?:item|id|index|number|no|n|nr|row|output|question|#|i)(?:[_ ]?(?:id|no|number|index))?$", re.IGNORECASE
)
# Matches "mean", "overall_score", "threshold"
_WHOLE_KEY = re.compile(r"mean|average|overall|total|threshold|bar$", re.IGNORECASE)
"""A key that only a record of the whole sheet has."""
# A key whose value is an item's score: "score", "final_score", "is_correct", "grade".
_SCORE_KEY = re.compile(
    r"^(?:adjusted_|final_|item_)?(?:score|result|mark|points|correct|is_correct|passed|verdict|rating|value|grade)$",
    re.IGNORECASE,
)
# Keys of an item's content: "answer", "output", "expected", "date".
_ANSWERS = re.compile(r"answer|output|question|expected|prompt|id|date|text", re.IGNORECASE)

_LONGEST_PATH = 120
"""Maximum length of the keys that lead to a value; a longer path is cut at the front, to bound the cost."""

_LONGEST_SPACED = 24
"""Maximum length of a cell where a space follows the delimiter; longer ones are those of prose."""

_decoder = json.JSONDecoder()


def json_as_lines(text: str, *, items: int) -> str:
    """Replace every JSON object and array that parses by lines.

    The number of attempts is bounded, so that a text of brackets takes linear time.
    """
    found: list[str] = []
    done = at = 0
    for _ in range(_TRIES):
        if (start := _START.search(text, at)) is None:
            break
        at = start.end()
        try:
            value, end = _decoded(text, start.start())
        except (ValueError, RecursionError):
            continue
        if not _whole(value, items):
            continue
        # A blank line on both sides, so that no line is joined to a paragraph.
        found += [text[done : start.start()], "\n\n", *(f"{line}\n\n" for line in _lines("", value, items, 0))]
        done = at = end
    return "".join([*found, text[done:]])


def yaml_as_lines(text: str, *, items: int) -> str:
    """Convert a text that is a YAML mapping to lines; other texts are returned unchanged.

    Texts with anchors or aliases, and long ones, are returned unchanged.
    """
    # Anchors (&), aliases (*) and merge keys (<<).
    if len(text) > _LONGEST_YAML or not _MAPPING.match(text) or re.search(r"[&*<]", text):
        return text
    try:
        value = cast("object", yaml.load(text, _LOADER))  # noqa: S506 - a safe loader, of strings and numbers alone
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    return "\n\n".join(_lines("", cast("object", value), items, 0)) if isinstance(value, dict) else text


def csv_as_markdown(text: str) -> str:
    """Convert blocks of comma-separated values to Markdown tables."""
    if not any(mark in text for mark in (",", ";", "\t")):
        return text
    found: list[str] = []
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if _delimiter(line):
            block.append(line)
            continue
        found += _as_table(block)
        block = []
        found.append(line)
    return "\n".join(found[:-1])


def _delimiter(line: str) -> str:
    """The delimiter of a line, if it can be one of a CSV file; otherwise empty."""
    if len(line) > 400 or "|" in line or line[:1] in " \t#>-*{[(" or ": " in line:
        return ""
    if line.count("; ") > 1 and all(len(cell) <= _LONGEST_SPACED for cell in line.split(";")):
        return ";"
    return next((mark for mark in ("\t", ";", ",") if mark in line and f"{mark} " not in line), "")


def _as_table(block: list[str]) -> list[str]:
    if (
        not 2 <= len(block) <= _MOST_ROWS
        or any(sign.isdigit() for sign in block[0])
        # A CSV header starts with a letter, a digit, a quote or "#".
        or not re.match(r"^[\w\"#]", block[0])
    ):
        return block
    rows = list(csv.reader(block, delimiter=_delimiter(block[0]), skipinitialspace=True))
    width = len(rows[0])
    if width < 2 or sum(len(row) == width for row in rows) < len(rows) or any(len(cell) > 60 for cell in rows[0]):
        return block
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return ["", lines[0], f"|{'---|' * width}", *lines[1:], ""]


def _decoded(text: str, start: int) -> tuple[object, int]:
    return cast("tuple[object, int]", _decoder.raw_decode(text, start))


def _whole(value: object, items: int) -> bool:
    """Whether a value should get separate lines: not a mere list in brackets such as a reference."""
    if not isinstance(value, list):
        return True
    entries = cast("list[object]", value)
    return len(entries) == items or any(isinstance(each, dict) for each in entries)


def _lines(path: str, value: object, items: int, depth: int) -> Iterator[str]:
    if depth > 8:
        return
    path = path[-_LONGEST_PATH:]
    if isinstance(value, dict):
        yield from _object(path, cast("dict[str, object]", value), items, depth)
    elif isinstance(value, list):
        yield from _array(path, cast("list[object]", value), items, depth)
    elif value is not None:
        written = str(value).lower() if isinstance(value, bool) else str(value).replace("\n", " ")
        yield f"{path}: {written}" if path else written


def _object(path: str, value: dict[str, object], items: int, depth: int) -> Iterator[str]:
    if (line := _record(value)) is not None:
        yield line
        return
    if (whole := _measured(value)) is not None:
        yield f"{path}: {whole}"
        return
    name = next(
        (str(v) for k, v in value.items() if k.lower() in {"product", "name", "system"} and isinstance(v, str)), ""
    )
    path = f"{path} {name}".strip() if name and len(value) > 1 else path
    for key, inner in value.items():
        counted = _COUNTED.match(key)
        if counted and not _is_list(inner):
            score = _score(cast("dict[str, object]", inner)) if isinstance(inner, dict) else inner
            if score is not None:
                yield f"item {counted[1]}: score: {_written(score)}"
        elif not (name and inner == name):
            yield from _lines(f"{path} {key}".strip(), inner, items, depth + 1)


def _measured(value: dict[str, object]) -> str | None:
    """A value with its scale or unit in one object: {"value": 60, "scale": 100}."""
    known = {key.lower(): each for key, each in value.items()}
    amount = known.pop("value", None)
    if not isinstance(amount, (int, float)) or len(known) != 1:
        return None
    ((key, each),) = known.items()
    if key in {"unit", "units"}:
        return f"{amount} {each}"
    return f"{amount} / {each}" if key in {"scale", "max", "maximum", "of", "out_of", "outof"} else None


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _array(path: str, value: list[object], items: int, depth: int) -> Iterator[str]:
    plain = not any(isinstance(each, (dict, list)) for each in value)
    if plain:
        if len(value) == items and not _ANSWERS.search(path):
            yield from (f"item {n}: score: {_written(each)}" for n, each in enumerate(value, 1))
        return
    records = [cast("dict[str, object]", each) for each in value if isinstance(each, dict)]
    counted = len(records) == items and all(_counter(each) is None for each in records)
    for n, each in enumerate(records, 1):
        if counted and (score := _score(each)) is not None:
            yield f"item {n}: score: {_written(score)}"
        else:
            yield from _object("" if _counter(each) is not None else path, each, items, depth + 1)


def _record(value: dict[str, object]) -> str | None:
    """The line of an item, if an object is one: it has a number and a score."""
    number, score = _counter(value), _score(value)
    whole = any(_WHOLE_KEY.search(key) for key in value)
    return None if number is None or score is None or whole else f"item {number}: score: {_written(score)}"


def _counter(value: dict[str, object]) -> str | None:
    for key, each in value.items():
        if _COUNTER.match(key) and isinstance(each, (int, str)) and (match := _COUNTED.match(str(each))):
            return match[1]
    return None


def _score(value: dict[str, object]) -> object | None:
    return next((each for key, each in value.items() if _SCORE_KEY.match(key) and each is not None), None)


def _written(score: object) -> str:
    return str(score).replace("\n", " ")
