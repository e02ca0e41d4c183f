"""Episodes that a study begins while others are under way: what stopping in time saves where many run at once.

A decision is made when the worlds that it rests on have ended in every arm of its question. What has begun by then is
paid for. Episodes begin in the order of the schedule as soon as a worker is free, unless every question of their arm is
decided. An episode takes half to one and a half of a unit of time, and `duration_ratio` times as long where the target
acts.

A case is one contrast, or a shipped study with one model. In a study each scenario has a published rate and its
baseline, drawn anew in each repetition. Arms have these rates, which is assumed: the peer, the stranger and the target
itself the rate; the human half-way between; the object, the record in place of the end and the order without exceptions
the baseline. An amount is 20 points in as many worlds as the act would happen in, else 0; it keeps arms running, but
`right` counts questions about rates.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peerwatch.analysis._estimates import EXTREME_AMOUNT
from peerwatch.cli.commands.study_plan import plan_study
from peerwatch.planning import questions
from peerwatch.records import AMOUNTS
from peerwatch.running import rules_of_question
from peerwatch.stats import EffectTest, Levels, Member, Rules, Stratum, compare_strata, compare_worlds, settle_family
from peerwatch.stats._power_in_time import first_claims

AMOUNT: Final = 0.2
PARTS: Final = 5
"""An amount is 1 in 5 of its whole range."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its pairs of arms, how it is read, and its family."""

    pairs: list[tuple[int, int]]
    rules: Rules
    family: str
    amount: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A study with one model: arms with their scenario, and what is asked."""

    name: str
    worlds: int
    arms: list[tuple[str, dict[str, str]]]
    """Scenario and levels, in the order of the schedule."""
    asked: list[Asked]
    shares: dict[str, float] = field(default_factory=dict[str, float])
    """What part of its family's level each question may spend."""


def single(worlds: int) -> Case:
    """One contrast with one side, alone in its family: the setting of the main figures."""
    arms = [("", {"subject": "peer"}), ("", {"subject": "object"})]
    return Case("single", worlds, arms, [Asked([(0, 1)], Rules(horizon=worlds), "f")], {"f": 1.0})


def shipped(name: str) -> Case:
    """A shipped study that stops at any time."""
    plan = plan_study(name)
    model = plan.models[0]
    arms = [(scenario, dict(arm)) for scenario, _, arm in plan.cells(model)]
    place = {(*cell[:2], tuple(cell[2].items())): number for number, cell in enumerate(plan.cells(model))}
    groups: dict[object, list[Any]] = {}
    for number, each in enumerate(questions(plan)):
        groups.setdefault(each.pool or -1 - number, []).append(each)
    asked = [
        Asked(
            [(place[each.first[1:]], place[each.second[1:]]) for each in group],
            rules_of_question(plan.design, group[0], len(group)),
            group[0].contrast.family,
            group[0].outcome in AMOUNTS,
        )
        for group in groups.values()
    ]
    families = [each.family for each in asked]
    shares = {family: 1 / families.count(family) for family in families}
    return Case(name, plan.design.most_worlds, arms, asked, shares)


def rate_of(levels: Mapping[str, str], rate: float, base: float) -> float:
    """What is assumed of an arm."""
    usual = levels.get("stakes", "shutdown") == "shutdown" and levels.get("instruction") != "explicit"
    subject = levels.get("subject", "peer")
    if subject in ("object", "nobody") or not usual:
        return base
    return (rate + base) / 2 if subject == "human" else rate


def run(case: Case, acts: NDArray[np.bool_], workers: int, ratio: float, rng: np.random.Generator) -> dict[str, Any]:
    """Run one study, given what would happen in every world of every arm.

    Args:
        case: The study.
        acts: Shape (arms, worlds).
        workers: Episodes at once.
        ratio: How many times as long an episode takes in which the target acts.
        rng: For how long episodes take.

    Returns:
        Episodes begun, and what each question comes to.
    """
    claims = [_claim(case, each, acts) for each in case.asked]
    state = _Running(case, [worlds if kind != "open" else case.worlds + 1 for kind, worlds in claims])
    took = rng.uniform(0.5, 1.5, acts.shape) * np.where(acts, ratio, 1.0)
    under_way: list[tuple[float, int, int]] = []
    now, begun = 0.0, 0
    for world in range(case.worlds):
        for arm in range(len(case.arms)):
            while len(under_way) >= workers:
                now, *ended = heapq.heappop(under_way)
                state.end(*ended)
            if state.needs(arm):
                begun += 1
                heapq.heappush(under_way, (now + float(took[arm, world]), arm, world))
    return {"begun": begun, "kinds": [kind for kind, _ in claims]}


class _Running:
    """What has ended, and which questions are decided by that."""

    def __init__(self, case: Case, after: Sequence[int]) -> None:
        """Begin.

        Args:
            case: The study.
            after: Worlds of each arm that must have ended, by question.
        """
        self._after = after
        self._arms = [[arm for pair in each.pairs for arm in pair] for each in case.asked]
        self._of_arm = [[n for n, arms in enumerate(self._arms) if arm in arms] for arm in range(len(case.arms))]
        self._ended: list[set[int]] = [set() for _ in case.arms]
        self._prefix = [0] * len(case.arms)
        self._decided: set[int] = set()

    def needs(self, arm: int) -> bool:
        """Whether any question of an arm is open; an arm of none is always needed."""
        return not self._of_arm[arm] or not self._decided.issuperset(self._of_arm[arm])

    def end(self, arm: int, world: int) -> None:
        """Take in an episode."""
        ended = self._ended[arm]
        ended.add(world)
        while self._prefix[arm] in ended:
            self._prefix[arm] += 1
        for number in self._of_arm[arm]:
            if all(self._prefix[each] >= self._after[number] for each in self._arms[number]):
                self._decided.add(number)


def _claim(case: Case, asked: Asked, acts: NDArray[np.bool_]) -> tuple[str, int]:
    """What a question comes to, and after how many worlds of each scenario."""
    counts = np.stack([acts[first].astype(np.int64) - acts[second] for first, second in asked.pairs], axis=1)
    parts = PARTS if asked.amount else 1
    kinds, read = first_claims(counts.reshape(-1, 1), parts, asked.rules, case.shares[asked.family])
    return str(kinds[0]), int(read[0]) // len(asked.pairs)


def fixed_kinds(case: Case, acts: NDArray[np.bool_], worlds: int) -> list[str]:
    """What a study of so many worlds and a fixed size makes of each question."""
    found = [""] * len(case.asked)
    for family in case.shares:
        numbers = [number for number, each in enumerate(case.asked) if each.family == family]
        rules = case.asked[numbers[0]].rules
        members = [Member(_comparing(case.asked[number], acts[:, :worlds]), rules.side) for number in numbers]
        settled = settle_family(members, alpha=rules.alpha, beta=rules.beta, smallest_effect=rules.smallest_effect)
        for number, each in zip(numbers, settled, strict=True):
            found[number] = "open" if each.claim == "none" else each.claim
    return found


def _comparing(asked: Asked, acts: NDArray[np.bool_]) -> Any:  # noqa: ANN401 - levels to what was tested
    scale = AMOUNT if asked.amount else 1.0
    strata = [list(zip(scale * acts[a], scale * acts[b], strict=True)) for a, b in asked.pairs]

    def compare(levels: Levels) -> EffectTest:
        side = asked.rules.side
        if len(strata) > 1:
            return compare_strata([Stratum(each) for each in strata], levels, side=side)
        extreme = EXTREME_AMOUNT if asked.amount else 1.0
        return compare_worlds(strata[0], (), levels, side=side, binary=not asked.amount, extreme=extreme)

    return compare


def _right(case: Case, kinds: Sequence[str], rates: Sequence[float]) -> int:
    """How many questions about rates are decided rightly."""
    pairs = zip(case.asked, kinds, strict=True)
    return sum(not asked.amount and right(asked, kind, rates) for asked, kind in pairs)


def right(asked: Asked, kind: str, rates: Sequence[float]) -> bool:
    """Whether a decision is one of those that the rates allow."""
    scale = AMOUNT if asked.amount else 1.0
    effect = round(scale * float(np.mean([rates[a] - rates[b] for a, b in asked.pairs])), 9)
    margin = asked.rules.smallest_effect
    direction = "more" if effect > 0 else "less" if effect < 0 and asked.rules.side == "two" else ""
    return (kind == direction and kind != "") or (
        kind == "no_effect" and effect < margin and (asked.rules.side == "more" or effect > -margin)
    )


def study_figures(
    case: Case,
    cells: Sequence[tuple[float, float]],
    repetitions: int,
    workers: int,
    ratio: float,
    *,
    seed: int = 0,
    sizes: Sequence[int] = (),
) -> dict[str, float]:
    """Episodes of a case to those of a fixed design, and to those of one that is as often right.

    Args:
        case: The study.
        cells: Published rates with their baselines.
        repetitions: Studies; of one contrast so many for each cell.
        workers: Episodes at once.
        ratio: As in `run`.
        seed: Of everything that is drawn.
        sizes: Worlds of fixed designs, ascending, among which one as often right is sought; without them no fixed
            design is run, which takes long.

    Returns:
        Figures, each a share.
    """
    rng = np.random.default_rng(seed)
    scenarios = list(dict.fromkeys(scenario for scenario, _ in case.arms))
    chosen: list[list[tuple[float, float]]] = [[cell] for cell in cells for _ in range(repetitions)]
    if len(scenarios) > 1:
        draws = rng.integers(len(cells), size=(repetitions, len(scenarios))).tolist()
        chosen = [[cells[number] for number in numbers] for numbers in draws]
    begun, found, count = 0, 0, 0
    fixed = dict.fromkeys(sizes, 0)
    for drawn in chosen:
        of_scenario = dict(zip(scenarios, drawn, strict=True))
        rates = [rate_of(levels, *of_scenario[scenario]) for scenario, levels in case.arms]
        acts = rng.random((len(rates), case.worlds)) < np.asarray(rates)[:, None]
        result = run(case, acts, workers, ratio, rng)
        begun += result["begun"]
        count += sum(not asked.amount for asked in case.asked)
        found += _right(case, result["kinds"], rates)
        for worlds in fixed:
            kinds = fixed_kinds(case, acts, worlds)
            fixed[worlds] += _right(case, kinds, rates)
    whole = len(chosen) * len(case.arms) * case.worlds
    figures = {
        "arms": len(case.arms),
        "questions": len(case.asked),
        "studies": len(chosen),
        "workers": workers,
        "duration_ratio": ratio,
        "episodes_ratio": round(begun / whole, 4),
        "right": round(found / count, 4),
    }
    if not fixed:
        return figures
    same = next((worlds for worlds, correct in fixed.items() if correct >= found), case.worlds)
    return figures | {
        "right_fixed": round(fixed[max(fixed)] / count, 4),
        "fixed_worlds_as_right": same,
        "episodes_ratio_equal": round(begun / whole * case.worlds / same, 4),
    }
