"""A whole comparison: rows, gates, and the notes needed to interpret them."""

from collections.abc import Iterator, Sequence
from typing import cast

from pydantic import JsonValue

from peerwatch.analysis._rows import INTERFERED
from peerwatch.analysis.comparisons._checks import GateResult, check_gates
from peerwatch.analysis.comparisons._error import ComparisonError
from peerwatch.analysis.comparisons._gates import Gate, check_axis
from peerwatch.analysis.comparisons._judge_notes import judge_mark, judge_notes, marked_row, marked_sentence
from peerwatch.analysis.comparisons._pairing import Pairing, pair
from peerwatch.analysis.comparisons._rows import Row, pooled_cells, rows_of
from peerwatch.analysis.comparisons._scopes import scope_of
from peerwatch.analysis.comparisons._texts import text
from peerwatch.analysis.comparisons._version import Version, one_rule
from peerwatch.records import UNSET, Record, Rule, differences


class ComparisonRequest(Record):
    """The options of a comparison."""

    outcome: str = INTERFERED
    gates: tuple[Gate, ...] = ()
    alpha: float = 0.05
    """Two-sided level of each interval, and the family-wise level of all gates."""
    anytime: bool = False
    other_stimulus: bool = False
    shared: bool = False


class Comparison(Record):
    """B minus A."""

    a: str
    b: str
    model_a: str
    model_b: str
    agent_a: str
    """The agent in which A's model runs."""
    agent_b: str
    asked: ComparisonRequest
    pairs: int
    """Pairs of planned episodes, including incomplete ones."""
    gaps: int
    """Pairs in which an episode is invalid or was not run."""
    notes: tuple[str, ...]
    rows: tuple[Row, ...]
    gates: tuple[GateResult, ...]


def compare(a: Version, b: Version, asked: ComparisonRequest) -> Comparison:
    """Compare two versions, paired by world.

    Args:
        a: The version that is subtracted.
        b: The other version.
        asked: The options.

    Raises:
        ComparisonError: If the two cannot be paired, or a level or an axis is invalid.
    """
    if not 0 < asked.alpha < 0.5:
        raise ComparisonError(f"--alpha {asked.alpha:g}: give a level strictly between 0 and 0.5, such as 0.05.")
    check_axis(asked.outcome)
    if asked.anytime and asked.shared and None in (a.rules, b.rules):
        raise ComparisonError(
            "--anytime --shared: logs without a plan do not say which worlds are still to come, and episodes that end "
            "early differ from others. Give the folders of two runs, or leave one of the options out."
        )
    rules = one_rule([a.rules, b.rules], f"{a.name} and {b.name}") or ()
    pairing = pair(a, b, rules, other_stimulus=asked.other_stimulus or bool(a.levels), shared=asked.shared)
    if not pairing.cells and not asked.gates:
        where = " on the same worlds" if asked.shared else ""
        raise ComparisonError(
            f"{a.name} and {b.name} have no arm of a scenario in common{where}, so nothing can be paired. "
            "Run both on the same scenarios, arms and worlds."
        )
    mark = judge_mark(pairing, asked.outcome)
    rows = [marked_row(row, mark) for row in rows_of(pairing, asked.outcome, asked.alpha, anytime=asked.anytime)]
    gates = check_gates(pairing, asked.gates, asked.alpha, anytime=asked.anytime) if asked.gates else []
    return Comparison(
        a=a.name,
        b=b.name,
        model_a=a.model,
        model_b=b.model,
        agent_a=a.agent,
        agent_b=b.agent,
        asked=asked,
        pairs=len(pairing.pairs()),
        gaps=_gaps(pairing),
        notes=tuple(_notes(pairing, asked, rows)),
        rows=tuple(rows),
        gates=tuple(_marked(gate, pairing) for gate in gates),
    )


def _marked(gate: GateResult, pairing: Pairing) -> GateResult:
    sentence = marked_sentence(gate.sentence, judge_mark(pairing, gate.gate.axis))
    return gate.model_copy(update={"sentence": sentence})


def to_json(comparison: Comparison) -> dict[str, JsonValue]:
    """Return a comparison as plain data, with each gate in words too; unmeasured numbers are nan."""
    found = comparison.model_dump()
    for row, each in zip(found["gates"], comparison.gates, strict=True):
        row["gate"]["text"] = str(each.gate)
    return cast("dict[str, JsonValue]", found)


def _gaps(pairing: Pairing) -> int:
    return sum(any(each is None or each.verdict == "invalid" for each in both) for both in pairing.pairs())


def _notes(pairing: Pairing, asked: ComparisonRequest, rows: Sequence[Row]) -> Iterator[str]:
    both = pairing.pairs()
    scripted = [name for name, version in (("A is", pairing.a), ("B is", pairing.b)) if version.scripted]
    if scripted:
        yield text("note", "scripted", which="A and B are" if len(scripted) > 1 else scripted[0])
    if pairing.a.agent != pairing.b.agent:
        yield text("note", "agents", a=pairing.a.agent, b=pairing.b.agent)
    yield from _about_logs(pairing)
    if both and all(a is not None and a == b for a, b in both):
        yield text("note", "same_episodes")
    if pairing.a.levels:
        models = "" if pairing.a.model == pairing.b.model else text("note", "and_models")
        yield text("note", "arms", a=_levels(pairing.a), b=_levels(pairing.b), models=models)
    elif pairing.differing:
        yield text("note", "other_stimulus", differing=pairing.differing, pairs=len(both))
    yield from judge_notes(pairing, [asked.outcome, *(gate.axis for gate in asked.gates)])
    yield from _unpaired(pairing, asked)
    yield from _weak(pairing, asked)
    if asked.anytime and any(row.unread for row in rows):
        yield text("note", "unread", unread=max(row.unread for row in rows))
    emptiest = max(rows, key=lambda row: row.no_opportunity + row.left_out, default=None)
    if emptiest is not None and emptiest.no_opportunity + emptiest.left_out:
        yield text("note", "empty", count=emptiest.no_opportunity, left_out=emptiest.left_out)
    if any(cell.control for cell in pairing.cells) and not all(cell.control for cell in pairing.cells):
        yield text("note", "controls")
    if len(rows) > 1:
        yield text("note", "several", count=len(rows), level=f"{100 * (1 - asked.alpha):.6g}%")


def _about_logs(pairing: Pairing) -> Iterator[str]:
    """Describe which logs were read, and whether both sides are one model at two settings."""
    a, b = pairing.a, pairing.b
    for side, version in (("A", a), ("B", b)):
        yield from (text("note", "logs", side=side, note=each) for each in version.notes)
    if a.model == b.model and (differing := differences([dict(a.settings), dict(b.settings)])):
        yield text("note", "settings", a=_set(a, differing), b=_set(b, differing))


def _set(version: Version, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {version.settings.get(name, UNSET)}" for name in names)


def _levels(version: Version) -> str:
    return ", ".join(f"{factor}={level}" for factor, level in version.levels.items())


def _unpaired(pairing: Pairing, asked: ComparisonRequest) -> Iterator[str]:
    """Describe the arms and episodes without a (valid) partner."""
    for side, arms in (("A", pairing.only_a), ("B", pairing.only_b)):
        if arms:
            yield text("note", "only", side=side, what=", ".join(dict.fromkeys(arms)))
    if asked.shared and pairing.unshared:
        yield text("note", "shared", count=pairing.unshared)
    gaps = _gaps(pairing)
    if gaps:
        each = [episode for both in pairing.pairs() for episode in both]
        invalid = sum(episode is not None and episode.verdict == "invalid" for episode in each)
        missing = sum(episode is None for episode in each)
        yield text("note", "gaps", missing=gaps, pairs=len(pairing.pairs()), invalid=invalid, not_run=missing)


def _weak(pairing: Pairing, asked: ComparisonRequest) -> Iterator[str]:
    """Explain why a null result may mean little, and which scenarios an outcome does not apply to."""
    columns = list(zip(*pairing.pairs(), strict=True)) or [(), ()]
    for side, episodes in zip("AB", columns, strict=True):
        valid = [each for each in episodes if each is not None and each.verdict != "invalid"]
        had = sum(each.verdict != "no_opportunity" for each in valid)
        if valid and had < Rule().opportunity * len(valid):
            yield text("note", "opportunity", had=had, valid=len(valid), side=side)
    for axis in dict.fromkeys([asked.outcome, *(gate.axis for gate in asked.gates)]):
        scope = scope_of(pairing, pooled_cells(pairing.cells), axis, anytime=asked.anytime)
        if scope.unmeasured and scope.cells:
            where = ", ".join(dict.fromkeys(cell.heading for cell in scope.unmeasured))
            yield text("note", "unmeasured", axis=axis, where=where)


def worst(checked: Sequence[GateResult]) -> int:
    """Exit status of the gates: 3 if one fired, otherwise 1 if one cannot be tested, otherwise 0."""
    states = {each.state for each in checked}
    if "fired" in states:
        return 3
    return 1 if "untestable" in states else 0
