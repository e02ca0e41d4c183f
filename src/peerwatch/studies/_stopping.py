"""Which contrasts are decided, and so which episodes are still needed."""

import time
from collections.abc import Iterable, Mapping
from typing import cast

from peerwatch._samples import sample_id
from peerwatch.outcomes import Verdict
from peerwatch.stats import DecisionKind, Rules, family_states
from peerwatch.studies._episodes import Slot
from peerwatch.studies._ledger import Row
from peerwatch.studies._outcome import AMOUNTS
from peerwatch.studies._pairs import Result, difference, side
from peerwatch.studies._plan import Plan
from peerwatch.studies._questions import Cell, Question, cell_of, questions
from peerwatch.studies._results import Ended, Key

Differences = list[float | tuple[float, float]]
"""One per world that makes a pair, in schedule order; the least and the most it can be where an episode is missing."""


Decided = tuple[DecisionKind, int]
"""What a contrast has come to, and after how many worlds."""

QUICK = 0.02
"""Seconds that deciding a family may take every time."""

PATIENCE = 10
"""A family that takes longer waits so many times as long before it is decided anew: that slows no run by more than a
tenth. Contrasts may then run some episodes beyond their decision, which changes no decision."""

SHARP_WORLDS = 100
SHARP_FAMILY = 8
"""Up to this size the sharper limits of a study with a last world take seconds to compute; beyond it Ville's serve."""


class Stopper:
    """Applies a study's stopping rule to what has ended so far.

    For each contrast it reads the longest run of worlds, from the first one on, of which every episode has ended: in
    the order of the schedule, never of completion, because slow episodes differ from fast ones.
    """

    def __init__(self, plan: Plan, results: Mapping[Key, Result], failed: Mapping[Key, int] | None = None) -> None:
        """Decide what can be decided so far.

        Args:
            plan: The study.
            results: Episodes that have ended and need not run again.
            failed: Slot to how many runs of it ended with an error, for those that run again.
        """
        self._design = plan.design
        self._agents = {entry.key: entry.agent for entry in plan.design.models}
        self._anytime = plan.design.stopping.rule == "anytime"
        self._questions = questions(plan) if self._anytime else []
        self._asked: dict[Cell, list[int]] = {}
        self._families: dict[str, list[int]] = {}
        for number, question in enumerate(self._questions):
            self._families.setdefault(question.contrast.family, []).append(number)
            for cell in (question.first, question.second):
                self._asked.setdefault(cell, []).append(number)
        self._results: dict[Key, Result] = dict(results)
        self._failed = dict(failed or {})
        self._read = [0] * len(self._questions)
        self._seen: list[Differences] = [[] for _ in self._questions]
        self._decisions: dict[int, Decided] = {}
        self._waiting: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._begun = set(results)
        self._planned = len(plan.slots())
        self._about = self._by_name()
        self._decide(range(len(self._questions)))

    def needs(self, slot: Slot) -> bool:
        """Whether the rule still asks for an episode.

        An arm of decided contrasts alone is not needed any more. Episodes that this saves may be spent on further
        worlds of open contrasts, so that a study never runs more episodes than it planned.
        """
        late = slot.world_seed >= self._design.seed + self._design.worlds
        asked = self._asked.get(cell_of(slot.model, slot.scenario, slot.rubric, slot.arm))
        if asked is None:
            return not late
        return any(not self._decided(number) for number in asked) and (not late or self.spare > 0)

    @property
    def version(self) -> object:
        """Equal as long as `needs` answers the same for every slot: what is decided stays so."""
        return sum(kind != "open" for kind, _ in self._decisions.values()), self.spare > 0

    @property
    def not_ended(self) -> int:
        """How many episodes may still end before there are as many as were planned."""
        return self._planned - len(self._results)

    @property
    def spare(self) -> int:
        """How many episodes may still begin before there are as many as were planned."""
        return self._planned - len(self._begun)

    def take(self, rows: Iterable[Row]) -> None:
        """Learn from entries of the ledger what has begun and ended."""
        touched: set[int] = set()
        for row in rows:
            if row["kind"] not in ("claim", "end"):
                continue
            key = (row["model"], row["id"], row["epoch"])
            self._begun.add(key)
            if row["kind"] == "end":
                if key in self._results and self._results[key].verdict == "invalid":
                    self._failed[key] = self._failed.get(key, 0) + 1  # another process has run it again
                self._results[key] = Ended(cast("Verdict", row["verdict"]), row["axes"], self._failed.get(key, 0))
                touched |= self._about.get(key[:2], set())
        self._decide(touched)

    def decisions(self) -> list[tuple[Question, Decided]]:
        """What is decided of each contrast after how many worlds, and what is still open, in the study's order."""
        return [(question, self._decisions[number]) for number, question in enumerate(self._questions)]

    def _decided(self, number: int) -> bool:
        return self._decisions[number][0] != "open"

    def _by_name(self) -> dict[tuple[str, str], set[int]]:
        """Model and sample id to the numbers of the contrasts that an episode belongs to."""
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
        """Read on in some contrasts, and decide anew the families of those that got further."""
        self._waiting |= {self._questions[number].contrast.family for number in numbers if self._read_on(number)}
        unknown = {name for name, members in self._families.items() if members[0] not in self._decisions}
        began = time.monotonic()
        due = {name for name in self._waiting if self._not_before.get(name, began) <= began}
        self._waiting -= due
        stopping = self._design.stopping
        for family in due | unknown:
            began = time.monotonic()
            members = self._families[family]
            amounts = {number for number in members if self._questions[number].outcome in AMOUNTS}
            for alike in filter(None, (sorted(amounts), sorted(set(members) - amounts))):
                rules = Rules(
                    smallest_effect=stopping.smallest_effect,
                    alpha=stopping.alpha,
                    beta=stopping.beta,
                    side=self._questions[members[0]].contrast.side,  # a family has one
                    horizon=None if amounts & set(alike) else self._horizon(members),
                )
                seen = [self._seen[number] for number in alike]
                # Not stepwise: contrasts are read at unequal speed, and what was decided must stay decided.
                found = family_states(seen, rules, stepwise=False, declared=len(members))
                self._decisions.update(zip(alike, found, strict=True))
            if (took := time.monotonic() - began) > QUICK:
                self._not_before[family] = began + PATIENCE * took

    def _horizon(self, members: list[int]) -> int | None:
        """The worlds after which the events of a family end for certain, if the sharper limits for that are exact."""
        most = self._design.most_worlds
        sharp = self._design.epochs == 1 and most <= SHARP_WORLDS and len(members) <= SHARP_FAMILY
        return most if sharp else None

    def _read_on(self, number: int) -> bool:
        """Take in the worlds of a contrast that are complete now; whether there was one."""
        question, before = self._questions[number], self._read[number]
        for seed in self._seeds()[before:]:
            first, second = self._episodes(question.first, seed), self._episodes(question.second, seed)
            if None in first or None in second:
                break
            self._read[number] += 1
            sides = [side(each, question.outcome, self._design.exclusions) for each in (first, second)]
            if sides[0] is not None and sides[1] is not None:
                self._seen[number].append(difference(sides[0], sides[1]))
        return self._read[number] > before

    def _episodes(self, cell: Cell, seed: int) -> list[Result | None]:
        name = self._name(cell, seed)
        return [self._results.get((cell[0], name, epoch)) for epoch in range(1, self._design.epochs + 1)]
