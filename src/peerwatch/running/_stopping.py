"""Decides which contrasts are decided, and so which episodes are still needed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from peerwatch.core.outcomes import Verdict
from peerwatch.inspect._samples import sample_id
from peerwatch.planning import Cell, Design, Plan, Question, cell_of, questions
from peerwatch.records import AMOUNTS, EndedEpisode, Key, Result, Row, Slot, difference, side, smallest_of
from peerwatch.stats import Known, Rules, State, discovery_states, family_states

SHARP_WORLDS = 100
"""Up to this number of worlds, the sharper limits of a study with a horizon are fast to compute."""

ALIKE_SECONDS = 24 * 3600
"""During a longer run the provider may change the model, so its worlds are not assumed to be alike."""


@dataclass
class StoppingQuestion:
    """One question of a study: a pair of arms, or one pair per scenario if scenarios are pooled."""

    numbers: list[int]
    """Indices of the pairs of arms, in the study's order."""
    declared: int = 1
    """Number of questions in its family."""
    state: State | None = None
    alike: bool = True
    """Whether its worlds were assumed to be alike when it was evaluated."""


@dataclass
class ArmPairData:
    """The data of a pair of arms."""

    worlds: int = 0
    """Number of scheduled worlds that have ended in both arms."""
    differences: list[Known] = field(default_factory=list[Known])
    """One per world that forms a pair, in schedule order; minimum and maximum if an episode is missing."""


class Stopper:
    """Applies a study's stopping rule to the episodes finished so far.

    For each contrast it reads the longest initial run of worlds in which every episode has ended: in the order of the
    schedule, never of completion, because slow episodes differ from fast ones.
    """

    def __init__(
        self,
        plan: Plan,
        results: Mapping[Key, Result],
        rows: Sequence[Row] = (),
        failed: Mapping[Key, int] | None = None,
    ) -> None:
        """Read the finished episodes.

        Args:
            plan: The study.
            results: Finished episodes that need not run again.
            rows: The run's ledger, for its duration.
            failed: Slot to the number of its runs that ended with an error, for those that run again.
        """
        self._design = plan.design
        self._agents = {entry.key: entry.agent for entry in plan.design.models}
        self._anytime = plan.design.stopping.rule == "anytime"
        self._questions = questions(plan) if self._anytime else []
        self._asked: dict[Cell, list[int]] = {}
        for number, question in enumerate(self._questions):
            for cell in (question.first, question.second):
                self._asked.setdefault(cell, []).append(number)
        self._askings = _askings(self._questions)
        self._asking = {number: each for each in self._askings for number in each.numbers}
        self._seen = [ArmPairData() for _ in self._questions]
        self._results: dict[Key, Result] = dict(results)
        self._failed = dict(failed or {})
        self._began, self._ended = float("inf"), float("-inf")
        self._begun = set(results)
        self._planned = len(plan.slots())
        self._about = self._by_name()
        self._clock(rows)
        self._decide(range(len(self._questions)))

    def needs(self, slot: Slot) -> bool:
        """Whether the rule still requires an episode.

        An arm that only belongs to decided contrasts is not needed. The saved episodes may be used for further worlds
        of open contrasts, so a study never runs more episodes than planned.
        """
        late = slot.world_seed >= self._design.seed + self._design.worlds
        asked = self._asked.get(cell_of(slot.model, slot.scenario, slot.rubric, slot.arm))
        if asked is None:
            return not late
        return any(not self._decided(number) for number in asked) and (not late or self.spare > 0)

    @property
    def version(self) -> object:
        """A value that is equal as long as `needs` is unchanged for every slot.

        Decisions are final, unless the run exceeds a day and its limits change.
        """
        return sum(map(_decided, self._askings)), self.alike, self.spare > 0

    @property
    def alike(self) -> bool:
        """Whether the run has been short enough to treat its worlds as draws from one distribution.

        A run without a ledger may have taken any time.
        """
        if not self._begun:
            return True
        return math.isfinite(self._began) and self._ended - self._began <= ALIKE_SECONDS

    @property
    def not_ended(self) -> int:
        """Number of episodes that may still end before the planned number is reached."""
        return self._planned - len(self._results)

    @property
    def spare(self) -> int:
        """Number of episodes that may still start before the planned number is reached."""
        return self._planned - len(self._begun)

    def take(self, rows: Iterable[Row]) -> None:
        """Process starts and ends in entries of the ledger."""
        touched: set[int] = set()
        rows = [row for row in rows if row["kind"] in ("claim", "end")]
        for row in rows:
            key = (row["model"], row["id"], row["epoch"])
            self._begun.add(key)
            if row["kind"] == "end":
                if key in self._results and self._results[key].verdict == "invalid":
                    self._failed[key] = self._failed.get(key, 0) + 1  # another process has run it again
                self._results[key] = EndedEpisode(
                    cast("Verdict", row["verdict"]), row["axes"], self._failed.get(key, 0)
                )
                touched |= self._about.get(key[:2], set())
        before = self.alike
        self._clock(rows)
        self._decide(touched if self.alike == before else range(len(self._questions)))

    def decisions(self) -> list[tuple[Question, State, Rules]]:
        """The state of each contrast, with its rules, in the study's order; pooled contrasts share one."""
        return [
            (question, self._state(asking), self._rules(asking))
            for number, question in enumerate(self._questions)
            for asking in (self._asking[number],)
        ]

    def _decided(self, number: int) -> bool:
        return _decided(self._asking[number])

    def _clock(self, rows: Iterable[Row]) -> None:
        times = [float(row["at"]) for row in rows if row["kind"] in ("claim", "end") and "at" in row]
        self._began, self._ended = min([self._began, *times]), max([self._ended, *times])

    def _by_name(self) -> dict[tuple[str, str], set[int]]:
        """Model and sample id to the indices of the contrasts to which an episode belongs."""
        return {
            (cell[0], self._name(cell, seed)): set(numbers)
            for cell, numbers in self._asked.items()
            for seed in self._seeds()
        }

    def _seeds(self) -> range:
        return range(self._design.seed, self._design.seed + self._design.most_worlds)

    def _name(self, cell: Cell, seed: int) -> str:
        model, scenario, rubric, arm = cell
        return sample_id(scenario, dict(arm), seed, rubric, self._agents[model])

    def _decide(self, numbers: Iterable[int]) -> None:
        """Read on in some pairs of arms, and reevaluate those with new worlds.

        A contrast has a fixed share of the level, independent of the others, so no others need to be reevaluated:
        contrasts are read at different speeds, and decisions must be final.
        """
        touched = {id(self._asking[number]): self._asking[number] for number in numbers}
        further = {number for each in touched.values() for number in each.numbers if self._read_on(number)}
        changed = [
            asking
            for asking in touched.values()
            if asking.state is None or asking.alike != self.alike or further.intersection(asking.numbers)
        ]
        if self._design.stopping.correction == "family":
            for asking in changed:
                asking.state, asking.alike = self._judged(asking), self.alike
            return
        for name in dict.fromkeys(self._family(each) for each in changed):
            self._discover([each for each in self._askings if self._family(each) == name])

    def _judged(self, asking: StoppingQuestion) -> State:
        rules = self._rules(asking)
        return family_states([self._differences(asking)], rules, stepwise=False, declared=asking.declared)[0]

    def _discover(self, family: Sequence[StoppingQuestion]) -> None:
        """Decide all questions of a family jointly, grouped by rules."""
        rules = [self._rules(each) for each in family]
        for same in dict.fromkeys(rules):
            alike = [each for each, own in zip(family, rules, strict=True) if own == same]
            seen = [self._differences(each) for each in alike]
            rest: list[list[Known]] = [[] for _ in range(len(family) - len(alike))]
            for asking, state in zip(alike, discovery_states([*seen, *rest], same), strict=False):
                asking.state, asking.alike = state, self.alike

    def _family(self, asking: StoppingQuestion) -> str:
        return self._questions[asking.numbers[0]].contrast.family

    def _state(self, asking: StoppingQuestion) -> State:
        return asking.state or self._judged(asking)

    def _differences(self, asking: StoppingQuestion) -> list[Known]:
        """The differences of a question; for pooled scenarios in rounds, with one paired world of each."""
        seen = [self._seen[number].differences for number in asking.numbers]
        return [each for world in zip(*seen, strict=False) for each in world]

    def _rules(self, asking: StoppingQuestion) -> Rules:
        question = self._questions[asking.numbers[0]]
        return rules_of_question(self._design, question, len(asking.numbers), alike=self.alike)

    def _read_on(self, number: int) -> bool:
        """Add the newly completed worlds of a pair of arms; return whether there were any."""
        question, seen = self._questions[number], self._seen[number]
        before = seen.worlds
        for seed in self._seeds()[seen.worlds :]:
            first, second = self._episodes(question.first, seed), self._episodes(question.second, seed)
            if None in first or None in second:
                break
            seen.worlds += 1
            sides = [side(each, question.outcome, self._design.exclusions) for each in (first, second)]
            if sides[0] is not None and sides[1] is not None:
                seen.differences.append(difference(sides[0], sides[1]))
        return seen.worlds > before

    def _episodes(self, cell: Cell, seed: int) -> list[Result | None]:
        name = self._name(cell, seed)
        return [self._results.get((cell[0], name, epoch)) for epoch in range(1, self._design.epochs + 1)]


def rules_of_question(design: Design, question: Question, scenarios: int = 1, *, alike: bool = True) -> Rules:
    """Return the rules by which a study's question is evaluated after every world.

    Args:
        design: The study.
        question: One of its pairs of arms.
        scenarios: Number of pooled scenarios.
        alike: Whether worlds may be treated as draws from one distribution.
    """
    stopping = design.stopping
    # Exact limits require one binary episode per arm and world, and worlds of one scenario.
    event = question.outcome not in AMOUNTS
    sharp = (
        stopping.correction == "family"
        and design.epochs == 1
        and design.most_worlds <= SHARP_WORLDS
        and event
        and scenarios == 1
    )
    return Rules(
        smallest_effect=smallest_of(question.outcome, stopping.smallest_effect, stopping.smallest_shift),
        alpha=stopping.alpha,
        beta=stopping.beta,
        side=question.contrast.side,
        horizon=design.most_worlds if sharp else None,
        alike=alike,
        strata=scenarios,
    )


def _askings(asked: Sequence[Question]) -> list[StoppingQuestion]:
    """Combine pairs of arms to questions, each with the size of its family."""
    found: dict[object, StoppingQuestion] = {}
    families: dict[str, int] = {}
    for number, question in enumerate(asked):
        key = (question.pool, question.first[0]) if question.pool else number
        if key not in found:
            found[key] = StoppingQuestion([])
            family = question.contrast.family
            families[family] = families.get(family, 0) + 1
        found[key].numbers.append(number)
    for each in found.values():
        each.declared = families[asked[each.numbers[0]].contrast.family]
    return list(found.values())


def _decided(asking: StoppingQuestion) -> bool:
    return asking.state is not None and asking.state.kind != "open"
