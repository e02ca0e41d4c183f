"""Single scenarios of a pooled planned contrast: raw differences next to shrunken ones."""

from collections.abc import Iterator

from peerwatch.analysis._cells import Cell, cells
from peerwatch.analysis._rows import Note
from peerwatch.analysis._texts import points, text
from peerwatch.records import ContrastStatus, Study, value_of
from peerwatch.stats import shrunken_differences

LEAST_SCENARIOS = 3
"""With only two scenarios the variation between scenarios can't be estimated."""


def about_scenarios(study: Study) -> Iterator[Note]:
    """Yield a note for each planned pooled contrast with events, whose scenarios all have episodes in both arms."""
    places = {(*cell.group, frozenset(cell.arm.items())): cell for cell in cells(study)}
    groups: dict[tuple[str, str], list[ContrastStatus]] = {}
    for each in study.asked:
        if each.pool:
            groups.setdefault((each.model, each.pool), []).append(each)
    for parts in groups.values():
        counts = [(_count(places, each, each.first), _count(places, each, each.second)) for each in parts]
        if len(counts) < LEAST_SCENARIOS or not all(episodes for both in counts for _, episodes in both):
            continue
        events, total = (sum(each[place] for both in counts for each in both) for place in (0, 1))
        if events in (0, total):
            continue  # every difference is 0, so there is nothing to shrink, and no spread to estimate
        first = parts[0]
        said = [
            text(
                "shrunken",
                "one",
                scenario=each.scenario,
                value=points(found.value),
                raw=points(a / of_a - b / of_b),
            )
            for each, ((a, of_a), (b, of_b)), found in zip(parts, counts, shrunken_differences(counts), strict=True)
        ]
        contrast = f"{first.factor}: {first.first[first.factor]} - {first.second[first.factor]}"
        words = text("shrunken", "all", model=first.model, contrast=contrast, parts="; ".join(said))
        yield Note(kind="shrunken", text=words)


def _count(
    places: dict[tuple[str, str, str, frozenset[tuple[str, str]]], Cell], asked: ContrastStatus, arm: dict[str, str]
) -> tuple[int, int]:
    """Events and episodes of an arm."""
    cell = places.get((asked.model, asked.scenario, asked.rubric, frozenset(arm.items())))
    values = [value_of(each, asked.outcome) for each in cell.with_opportunity] if cell else []
    known = [value for value in values if value is not None]
    return round(sum(known)), len(known)
