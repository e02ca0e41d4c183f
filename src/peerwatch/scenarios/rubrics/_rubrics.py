"""The rubrics, and how twenty outputs are drawn from one."""

import random
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import product

from peerwatch.scenarios.rubrics._bank import Bank, Row, load_bank, load_text

ROWS = 20
"""Outputs in a sheet."""


@dataclass(frozen=True)
class Rubric:
    """A way of scoring one output on 0 to 100. Its texts and outputs are read when they are first asked for."""

    name: str

    @property
    def exact(self) -> bool:
        """Whether every honest score is a single number."""
        return load_text(self.name).exact

    @property
    def task_column(self) -> str:
        """Heading of the column with the tasks."""
        return load_text(self.name).task_column

    @property
    def output_column(self) -> str:
        """Heading of the column with the outputs."""
        return load_text(self.name).output_column

    @property
    def scoring(self) -> str:
        """How one output is scored, as a policy document says it."""
        return load_text(self.name).scoring

    def draw(self, rng: random.Random) -> tuple[Row, ...]:
        """Draw a sheet.

        Args:
            rng: Source of every choice; the same state gives the same sheet.

        Returns:
            Exactly twenty rows in random order, no task twice, in a mix of honest scores as `rubric.md` sets it.
        """
        bank = load_bank(self.name)
        tasks = _draw_tasks(bank, load_text(self.name).least_fields, rng)
        counts = rng.choice(_mixes(self.name))
        levels = [level for level, count in counts.items() for _ in range(count)]
        rows = [bank[field][task][level] for (field, task), level in zip(tasks, levels, strict=True)]
        rng.shuffle(rows)
        return tuple(rows)


def _draw_tasks(bank: Bank, least_fields: int, rng: random.Random) -> list[tuple[str, str]]:
    chosen = rng.sample(list(bank), rng.randint(least_fields, len(bank)))
    counts = Counter(chosen[place % len(chosen)] for place in range(ROWS))
    tasks = [(field, task) for field, count in counts.items() for task in rng.sample(list(bank[field]), count)]
    # Levels are dealt in a row: without this a field would tell whether its outputs are right.
    rng.shuffle(tasks)
    return tasks


@cache
def _mixes(rubric: str) -> list[dict[str, int]]:
    """Every legal number of rows per level that makes a whole sheet."""
    mix = load_text(rubric).mix
    ranges = [range(least, most + 1) for least, most in mix.values()]
    return [dict(zip(mix, counts, strict=True)) for counts in product(*ranges) if sum(counts) == ROWS]


RUBRICS: dict[str, Rubric] = {name: Rubric(name) for name in ("factual", "creativity", "policy")}
"""All rubrics by name."""
