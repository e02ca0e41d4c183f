"""What each mitigation prevents, what is left, how much work is still done, and what it costs."""

import math
from collections.abc import Callable, Iterator, Sequence

from peerwatch.analysis._cells import counted
from peerwatch.analysis._rows import ALL_SCENARIOS, INTERFERED, Contrast, Measure
from peerwatch.core.factors import FACTORS
from peerwatch.records import INTERFERENCE, Episode, Record, Study
from peerwatch.stats import Cluster, clustered_rate

NONE = "none"
"""The level without a mitigation."""


class Effect(Record):
    """A difference in [-1, 1] with its limits; `nan` where no contrast measured it."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    worlds: int = 0


class MitigationRow(Record):
    """One level of the factor `mitigation`, for one model, over the scenarios in which the level was run."""

    level: str
    meaning: str
    interfered: Measure
    """Rate of interference for the peer."""
    prevented: Effect
    """Rate for the peer without a mitigation, minus the rate at this level, on the same worlds."""
    left: Effect
    """Rate for the peer minus rate for the object at this level."""
    completed: Measure
    """Rate of completed jobs in all arms of the level."""
    completed_without: Measure
    """The same without a mitigation, in the same scenarios."""
    tokens: float
    """Mean per valid episode."""
    seconds: float
    turns: float
    reviewed: float
    """Calls per valid episode that a monitor or a second approver decided on."""
    stopped: float
    """Those of them that were not carried out."""
    episodes: int


class MitigationTable(Record):
    """Every level that a model was run with."""

    model: str
    scripted: bool
    heading: str
    rows: tuple[MitigationRow, ...]


def mitigations(study: Study, contrasts: Sequence[Contrast], confidence: float) -> list[MitigationTable]:
    """Set the levels of the factor `mitigation` beside each other.

    Differences are those of the study's contrasts: pooled over scenarios where it has such, and otherwise of each
    scenario by itself. Nothing is computed a second time.

    Args:
        study: What was planned and what came of it.
        contrasts: Its contrasts, as `contrasts` gives them.
        confidence: Two-sided level of the intervals of rates.
    """
    of_factor = [row for row in contrasts if row.factor == "mitigation" and _about_peers(row)]
    found: list[MitigationTable] = []
    for model, heading in dict.fromkeys((row.model, row.heading) for row in of_factor):
        pooled = any(row.model == model and row.scenario == ALL_SCENARIOS for row in of_factor)
        if pooled and heading != ALL_SCENARIOS:
            continue
        own = [row for row in of_factor if (row.model, row.heading) == (model, heading)]
        left = [row for row in contrasts if (row.model, row.heading, row.factor) == (model, heading, "subject")]
        episodes = [each for each in counted(study) if each.slot.model == model and each.verdict != "invalid"]
        if heading != ALL_SCENARIOS:
            episodes = [each for each in episodes if each.slot.heading == heading]
        rows = [*_rows(own, left, episodes, confidence)]
        if len(rows) > 1:
            found.append(MitigationTable(model=model, scripted=own[0].scripted, heading=heading, rows=tuple(rows)))
    return found


def _about_peers(row: Contrast) -> bool:
    return row.outcome == INTERFERED and row.background.get("subject", "peer") == "peer"


def _rows(
    effects: Sequence[Contrast], left: Sequence[Contrast], episodes: Sequence[Episode], confidence: float
) -> Iterator[MitigationRow]:
    by_level: dict[str, Contrast] = {}
    for row in effects:  # planned ones come first
        if NONE in (row.first, row.second):
            by_level.setdefault(row.second if row.first == NONE else row.first, row)
    for level, meaning in FACTORS["mitigation"].levels.items():
        row = by_level.get(level)
        if row is None and (level != NONE or not by_level):
            continue
        own = [each for each in episodes if _level(each) == level]
        met = {each.slot.heading for each in own}
        without = [each for each in episodes if _level(each) == NONE and each.slot.heading in met]
        yield MitigationRow(
            level=level,
            meaning=meaning,
            interfered=_rate([each for each in own if _is_peer(each)], _interfered, confidence),
            prevented=_prevented(row),
            left=_effect(next((each for each in left if _at(each) == level), None)),
            completed=_rate(own, _completed, confidence),
            completed_without=_rate(without, _completed, confidence),
            tokens=_mean(own, lambda each: each.tokens),
            seconds=_mean(own, lambda each: each.seconds),
            turns=_mean(own, lambda each: each.turns),
            reviewed=_mean(own, lambda each: sum(line.decision is not None for line in each.journal)),
            stopped=_mean(own, lambda each: sum(bool(line.decision and line.decision.stops) for line in each.journal)),
            episodes=len(own),
        )


def _level(episode: Episode) -> str:
    return episode.slot.arm.get("mitigation", NONE)


def _at(row: Contrast) -> str:
    """The level at which peer and object are compared; empty for other pairs, and where another outcome is."""
    if (row.first, row.second) != ("peer", "object") or row.outcome != INTERFERED:
        return ""
    return row.background.get("mitigation", NONE)


def _effect(row: Contrast | None) -> Effect:
    if row is None or row.finding == "not_measured":
        return Effect()
    return Effect(value=row.value, low=row.low, high=row.high, worlds=row.worlds)


def _prevented(row: Contrast | None) -> Effect:
    """None minus the level, whichever way round the contrast was asked."""
    found = _effect(row)
    if row is None or row.first == NONE:
        return found
    return Effect(value=-found.value, low=-found.high, high=-found.low, worlds=found.worlds)


def _is_peer(episode: Episode) -> bool:
    return episode.slot.arm.get("subject", "peer") == "peer"


def _interfered(episode: Episode) -> bool | None:
    return None if episode.verdict == "no_opportunity" else episode.verdict in INTERFERENCE


def _completed(episode: Episode) -> bool | None:
    done = episode.axes.get("completed")
    return None if done is None or math.isnan(done) else bool(done)


def _rate(episodes: Sequence[Episode], of: Callable[[Episode], bool | None], confidence: float) -> Measure:
    """The rate of an event among the episodes in which it was measured, worlds as clusters."""
    known: dict[tuple[str, int], list[bool]] = {}
    for each in episodes:
        if (value := of(each)) is not None:
            known.setdefault((each.slot.heading, each.slot.world_seed), []).append(value)
    if not known:
        return Measure(reason="axis" if episodes else "none_run")
    found = clustered_rate([Cluster(sum(each), len(each)) for each in known.values()], confidence)
    return Measure(
        value=found.value, low=found.low, high=found.high, count=sum(sum(each) for each in known.values()), n=found.n
    )


def _mean(episodes: Sequence[Episode], of: Callable[[Episode], float]) -> float:
    return math.fsum(map(of, episodes)) / len(episodes) if episodes else math.nan
