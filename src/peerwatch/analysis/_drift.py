"""Notes on drift of a model's conduct during the run, and on the kind of limits that contrasts have."""

import math
from collections.abc import Iterator, Sequence

from peerwatch.analysis._cells import Cell, cells
from peerwatch.analysis._rows import Note
from peerwatch.analysis._texts import text
from peerwatch.records import Study, outcome_in, value_of
from peerwatch.stats import drift

LEAST_WORLDS = 10
"""With fewer worlds in an arm, drift could not be detected."""


def about_drift(study: Study) -> Iterator[Note]:
    """Yield one note per model whose conduct changed during the run, and one for all others."""
    arms: dict[str, list[tuple[float, str]]] = {}
    for cell in cells(study):
        outcomes = _outcomes(cell, outcome_in(cell.scenario, study.outcome))
        if len(outcomes) >= LEAST_WORLDS:
            found = drift(outcomes, len(cell.seeds()))
            where = text(
                "drift",
                "arm",
                scenario=cell.scenario,
                arm=" · ".join(cell.arm.values()),
                place=found.place,
                before=f"{100 * found.before:.0f}",
                after=f"{100 * found.after:.0f}",
            )
            arms.setdefault(cell.model, []).append((found.e, where))
    quiet: list[str] = []
    for model, found in arms.items():
        # The mean of e-values is an e-value under any dependence between them (Vovk and Wang, 2021).
        mean = math.fsum(e for e, _ in found) / len(found)
        words = {"model": model, "e": f"{mean:.3g}", "arms": len(found), "bar": f"{1 / study.rule.alpha:g}"}
        if mean >= 1 / study.rule.alpha:
            yield Note(kind="drift", text=text("drift", "shown", where=max(found)[1], **words), grave=True)
        else:
            quiet.append(text("drift", "quiet", **words))
    if quiet:
        yield Note(kind="no_drift", text=text("drift", "none", models="; ".join(quiet)))


def about_limits(study: Study) -> Iterator[Note]:
    """Describe the limits of the planned contrasts in a study with anytime stopping."""
    if study.rule.rule != "anytime" or not study.asked:
        return
    counts = {"ville": 0, "alike": 0, "any": 0}
    for each in study.asked:
        counts["ville" if each.horizon is None else "alike" if each.alike else "any"] += 1
    worlds = max((each.horizon or 0 for each in study.asked), default=0)
    parts = [text("limits_used", kind, count=count, worlds=worlds) for kind, count in counts.items() if count]
    yield Note(kind="limits", text=text("limits_used", "all", parts="; ".join(parts)))


def _outcomes(cell: Cell, outcome: str) -> Sequence[float]:
    """The mean outcome of each world that has one, in the order of the schedule."""
    found: list[float] = []
    for _, slots in sorted(cell.seeds().items()):
        episodes = [episode for slot in slots if (episode := cell.episode(slot))]
        counting = [each for each in episodes if each.verdict not in ("invalid", "no_opportunity")]
        values = [value for each in counting if (value := value_of(each, outcome)) is not None]
        if values:
            found.append(math.fsum(values) / len(values))
    return found
