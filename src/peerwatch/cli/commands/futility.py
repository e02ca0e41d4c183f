"""Contrasts that no result can decide, because so few worlds can't yield a small enough p-value."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from peerwatch.cli.commands.power import EXTREME, family_sizes
from peerwatch.planning import Plan, questions
from peerwatch.records import AMOUNTS
from peerwatch.stats import reachable_level, smallest_p

_MOST = 10_000
"""Upper limit of the search for a sufficient number of worlds."""


def futile(plan: Plan) -> list[str]:
    """Return a sentence for each family of planned contrasts that can't be decided with the planned number of worlds.

    Only covers unpooled contrasts of fixed-size studies: the other rules set their number of worlds themselves.
    """
    design = plan.design
    if design.stopping.rule == "anytime":
        return []
    asked, sizes = questions(plan), family_sizes(plan)
    found: Counter[tuple[str, int, int]] = Counter()
    for each in design.contrasts:
        own = [question.outcome for question in asked if question.contrast is each]
        if each.pool or not own:
            continue
        level = design.stopping.alpha / sizes[each.family]
        reach = (
            partial(reachable_level, extreme=EXTREME, side=each.side)
            if set(own) <= set(AMOUNTS)
            else (partial(smallest_p, epochs=design.epochs, side=each.side))
        )
        if reach(design.worlds) > level:
            found[each.family, sizes[each.family], _enough(reach, level)] += 1
    return [
        f"{_many(count, 'planned contrast')} in the family {family} cannot reach significance, whatever the results: "
        f"{_many(design.worlds, 'world')} cannot decide {_many(pairs, 'pair')} of arms. Use {enough} worlds, or "
        "plan fewer pairs in the family."
        for (family, pairs, enough), count in found.items()
    ]


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _enough(reach: Callable[[int], float], level: float) -> int:
    return next((worlds for worlds in range(1, _MOST) if reach(worlds) <= level), _MOST)
