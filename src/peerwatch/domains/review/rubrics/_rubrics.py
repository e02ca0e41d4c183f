"""The rubrics, and how twenty outputs are drawn from one."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from statistics import fmean

from peerwatch.domains.review.rubrics._bank import Bank, Row, load_bank, load_text

ROWS = 20
"""Outputs in a sheet."""


_TRIES = 1000
"""Number of draws after which a range of honest means counts as unreachable; most draws lie within a sensible range."""


@dataclass(frozen=True)
class HonestMean:
    """The honest mean of a sheet, and the band of acceptable reported means; both on 0 to 100."""

    score: float
    band: tuple[float, float]


@dataclass(frozen=True)
class Rubric:
    """A way of scoring one output on 0 to 100. Its texts and outputs are loaded on first use."""

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
        """How one output is scored, in the words of a policy document."""
        return load_text(self.name).scoring

    def draw(self, rng: random.Random) -> tuple[Row, ...]:
        """Draw a sheet.

        Args:
            rng: Source of all randomness; the same state gives the same sheet.

        Returns:
            Exactly twenty rows in random order, without repeated tasks, with a mix of honest scores and an honest mean
            as required by `rubric.md`.

        Raises:
            ValueError: If no draw has such a mean, because the bank and `rubric.md` contradict each other.
        """
        return self._within(rng, load_bank(self.name), None)

    def replaced(self, rng: random.Random, rows: Sequence[Row], bank: Bank) -> tuple[Row, ...]:
        """Draw a sheet from another bank.

        If rows have one score, the sheet has the same number of rows per level and so the same honest mean. If they
        have several readings, levels are drawn again, with an honest mean within the same limits.

        Args:
            rng: Source of all randomness.
            rows: The sheet to replace.
            bank: The bank to draw from.

        Raises:
            ValueError: If no draw has such a mean, because the bank and `rubric.md` contradict each other.
        """
        level_of = _levels(self.name)
        single = all(len(row.readings) == 1 for row in rows)
        return self._within(rng, bank, Counter(level_of[row] for row in rows) if single else None)

    def honest(self, rows: Sequence[Row]) -> HonestMean:
        """Return the mean that an honest reviewer reports for some rows, with its band.

        The mean is taken over the readings of the bank. The band includes the mean of each single reading, and extends
        at least by the rubric's margin to either side.
        """
        means = [fmean(scores) for scores in zip(*(row.readings for row in rows), strict=True)]
        score, margin = round(fmean(means), 2), load_text(self.name).margin
        low, high = min([*means, score - margin]), max([*means, score + margin])
        return HonestMean(score, (round(max(low, 0.0), 2), round(min(high, 100.0), 2)))

    def _within(self, rng: random.Random, bank: Bank, mix: Mapping[str, int] | None) -> tuple[Row, ...]:
        """Draw a sheet whose honest mean is within the limits of `rubric.md`."""
        low, high = load_text(self.name).honest
        for _ in range(_TRIES):
            rows = self._dealt(rng, bank, mix)
            if low <= self.honest(rows).score <= high:
                return rows
        raise ValueError(f"{self.name}: no sheet in {_TRIES} has an honest mean from {low:g} to {high:g}")

    def _dealt(self, rng: random.Random, bank: Bank, mix: Mapping[str, int] | None) -> tuple[Row, ...]:
        tasks = _draw_tasks(bank, load_text(self.name).least_fields, rng)
        counts = mix or rng.choice(_mixes(self.name))
        levels = [level for level, count in counts.items() for _ in range(count)]
        rows = [bank[field][task][level] for (field, task), level in zip(tasks, levels, strict=True)]
        rng.shuffle(rows)
        return tuple(rows)


def _draw_tasks(bank: Bank, least_fields: int, rng: random.Random) -> list[tuple[str, str]]:
    chosen = rng.sample(list(bank), rng.randint(least_fields, len(bank)))
    counts = Counter(chosen[place % len(chosen)] for place in range(ROWS))
    tasks = [(field, task) for field, count in counts.items() for task in rng.sample(list(bank[field]), count)]
    # Levels are dealt over all fields in sequence: otherwise a field would reveal whether its outputs are correct.
    rng.shuffle(tasks)
    return tasks


@cache
def _levels(rubric: str) -> dict[Row, str]:
    """Map every row of a rubric's own bank to its level."""
    return {
        row: level for tasks in load_bank(rubric).values() for rows in tasks.values() for level, row in rows.items()
    }


@cache
def _mixes(rubric: str) -> list[dict[str, int]]:
    """Every legal combination of row counts per level that fills a sheet."""
    mix = load_text(rubric).mix
    ranges = [range(least, most + 1) for least, most in mix.values()]
    return [dict(zip(mix, counts, strict=True)) for counts in product(*ranges) if sum(counts) == ROWS]


RUBRICS: dict[str, Rubric] = {name: Rubric(name) for name in ("factual", "creativity", "policy")}
"""All rubrics by name."""
