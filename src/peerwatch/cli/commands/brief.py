"""A run's result on one screen: the findings as sentences, the important notes, and the path of the page."""

import math
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from peerwatch.analysis import (
    VERDICTS,
    Composition,
    Contrast,
    Measure,
    Summary,
    answer,
    because,
    dagger,
    in_brief,
    level_of_limits,
    size,
    summarise,
    text,
)
from peerwatch.core.console import plain_text
from peerwatch.core.durations import in_words
from peerwatch.core.factors import arm_in_words
from peerwatch.core.plain_text import shown
from peerwatch.records import Study, Validation
from peerwatch.running import shortened

LINES = 24
"""Lines of a standard terminal, on which the whole summary must fit."""

_LEAST_NOTES = 5
"""Lines reserved for notes, if there are any."""

_FINDINGS = ("more", "less", "no_effect", "none_shown", "open", "not_interpretable", "not_measured")
"""Possible results of a contrast, from most to least informative."""

_STYLES = {"more": "bold red", "less": "bold blue"}

Line = tuple[str, str]
"""A line no wider than the console, and its style."""


def print_brief(out: Console, study: Study, validation: Validation | None, page: str) -> None:
    """Print a study's result in at most 24 lines of the console's width.

    Args:
        out: Where to print.
        study: The plan and its results.
        validation: Results of the scripted agents; `None` if they were not run.
        page: Path of the report.
    """
    summary = summarise(study, validation)
    width = max(out.width, 40)
    last = shown(f"Report: {page}")
    room = LINES - math.ceil(len(last) / width)
    for line, style in _lines(summary, width, room):
        out.print(plain_text(line, style))
    out.print(plain_text(last))


def _lines(summary: Summary, width: int, room: int) -> list[Line]:
    head = _wrapped(_head(summary), width, "bold")
    spent = _wrapped(_spent(summary.study), width)
    notes = [
        (f"! {f'{note.model}: ' if note.model else ''}{note.text}", "bold red" if note.grave else "yellow")
        for note in summary.notes
    ]
    head += _wrapped(_verdicts(summary.arms), width)
    room -= len(head) + len(spent) + 1  # 1 for the blank line between findings and notes
    found = list(_found(summary, width, room - min(_LEAST_NOTES, len(notes))))
    return [*head, *found, ("", ""), *_fitting(notes, width, room - len(found)), *spent]


def _head(summary: Summary) -> str:
    planned, run = sum(arm.planned for arm in summary.arms), sum(arm.run for arm in summary.arms)
    valid = sum(arm.valid for arm in summary.arms)
    rest = [f"{planned - run} not run"] if planned > run else []
    rest += [f"{run - valid} invalid"] if run > valid else []
    lacking = f" ({', '.join(rest)})" if rest else ""
    return f"{summary.study.title}: {valid} of {planned} episodes are valid{lacking}"


def _verdicts(arms: Sequence[Composition]) -> str:
    """Count the episodes of all arms by verdict, with the mark of judges that are not validated."""
    counts: Counter[str] = Counter()
    for verdict in VERDICTS:
        mark = next((arm.marks[verdict] for arm in arms if arm.marks.get(verdict)), "")
        counts[verdict.replace("_", " ") + dagger(mark)] = sum(arm.verdicts[verdict] for arm in arms)
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"Verdicts: {said}." if said else ""


def _spent(study: Study) -> str:
    spent = study.spent
    if not spent:
        return ""
    said = [f"{shortened(number)} {name}" for name in ("calls", "tokens") if (number := spent.get(name)) is not None]
    dollars, hours = spent.get("dollars"), spent.get("hours")
    said.append("no price known" if dollars is None else f"${dollars:,.2f}")
    said += [in_words(hours * 3600)] if hours is not None else []
    unknown = spent.get("unknown_calls")
    uncounted = f" {text('planning', 'unknown_calls', calls=f'{unknown:g}')}" if unknown else ""
    return f"Spent: {', '.join(said)}.{uncounted}"


def _found(summary: Summary, width: int, room: int) -> Iterator[Line]:
    """Yield the contrasts, planned ones first, or the arms if there are none; then the number of contrasts omitted."""
    planned = [row for row in summary.contrasts if row.planned]
    rows = _ranked(planned or list(summary.contrasts))
    if not rows:
        arms = [(_arm_sentence(arm), "") for arm in summary.arms]
        yield from _list(arms, width, room, lambda left: f"{left} other arms")
        return
    kind = "Planned contrasts" if planned else "Exploratory contrasts (none planned)"
    yield f"{kind} ({_level(rows)}):", ""
    sentences = [(answer(row).line, _STYLES.get(row.finding, "")) for row in rows]

    def rest(left: int) -> str:
        return f"{left} other contrast{'' if left == 1 else 's'}: {in_brief(rows[len(rows) - left :])}"

    yield from _list(sentences, width, room - 1, rest)


def _ranked(rows: Sequence[Contrast]) -> list[Contrast]:
    """Sort contrasts by result and size; the best of each model and scenario come before any second one."""
    order = _FINDINGS
    found = sorted(rows, key=lambda row: (order.index(row.finding), -(abs(row.value) if row.value == row.value else 0)))
    met: Counter[tuple[str, str]] = Counter()
    ranks: list[tuple[bool, int, int]] = []
    for number, row in enumerate(found):
        ranks.append((row.finding not in _STYLES, met[row.model, row.heading], number))
        met[row.model, row.heading] += 1
    return [found[number] for *_, number in sorted(ranks)]


def _arm_sentence(arm: Composition) -> str:
    words = arm_in_words(arm.arm)
    return f"{arm.who} · {arm.heading}, {words}: {_outcome('interfered')} {_measured(arm.interfered)}."


def _outcome(name: str) -> str:
    return name.replace("_", " ")


def _measured(measure: Measure) -> str:
    """Format a rate as percentage and n, or an amount as its mean."""
    if measure.reason:
        return f"n/a ({because(measure)})"
    if measure.kind == "mean":
        return f"{size(measure)} (mean of {measure.n})"
    return f"in {measure.count:g} of {measure.n}{dagger(measure.mark)}"


def _level(rows: Sequence[Contrast]) -> str:
    levels = list(dict.fromkeys(said for row in rows if (said := level_of_limits(row))))
    return f"points with intervals of {' or '.join(levels)}" if levels else "none was measured"


def _list(sentences: Sequence[Line], width: int, room: int, rest: Callable[[int], str]) -> Iterator[Line]:
    """Yield as many sentences as fit, then a line with the number of those omitted."""
    wrapped = [_wrapped(words, width, style) for words, style in sentences]
    for number, lines in enumerate(wrapped):
        left = len(wrapped) - number
        last = left == 1
        if len(lines) + (0 if last else 1) > room:
            yield from _wrapped(f"And {rest(left)}.", width)[:1]
            return
        yield from lines
        room -= len(lines)


def _fitting(notes: Sequence[Line], width: int, room: int) -> Iterator[Line]:
    """Yield as many notes as fit, serious ones first, then a line with the number of those omitted."""
    for number, (words, style) in enumerate(notes):
        lines = _wrapped(words, width, style)
        left = len(notes) - number
        if len(lines) + (left > 1) > room:
            yield (
                f"! The page has {left} {'more ' if number else ''}remark{'' if left == 1 else 's'} on this.",
                "yellow",
            )
            return
        yield from lines
        room -= len(lines)


def _wrapped(words: str, width: int, style: str = "") -> list[Line]:
    lines = textwrap.wrap(shown(words), width, subsequent_indent="  ", break_on_hyphens=False)
    return [(line, style) for line in lines]
