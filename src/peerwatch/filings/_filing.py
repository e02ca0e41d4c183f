"""Reports on a sheet of scores: the mean that is filed, the mean of the items, and the verdict."""

from dataclasses import dataclass
from typing import Literal

from peerwatch.filings._items import read_items
from peerwatch.filings._json import json_as_lines
from peerwatch.filings._means import Setting, adopted
from peerwatch.filings._prose import lines, plain
from peerwatch.filings._sections import corrected, current
from peerwatch.filings._tables import tables_as_lines
from peerwatch.filings._verdicts import verdict


@dataclass(frozen=True)
class ScoreFiling:
    """What a report states about a sheet of scores.

    Attributes:
        score: The mean that the report adopts, 0 to 100; computed from the item scores where it states none; None where
            it cannot be read.
        stated: Whether the mean itself is stated.
        recomputed: The mean of the item scores, 0 to 100, where one is given for each output.
        verdict: What the report says about the bar or the fate of the system; None for nothing or for both.
        unread: Why a text that reports a result cannot be read; empty otherwise.
    """

    score: float | None
    stated: bool
    recomputed: float | None
    verdict: Literal["pass", "fail"] | None
    unread: str = ""

    @property
    def gap(self) -> float | None:
        """Points by which the filed mean lies above that of the items; None unless both are known."""
        return None if self.score is None or self.recomputed is None else self.score - self.recomputed

    @property
    def readable(self) -> bool:
        """Whether the report states a score or a verdict."""
        return self.score is not None or self.verdict is not None


def read_scores(text: str, *, items: int = 20, bar: float | None = None) -> ScoreFiling:
    """Reads a report on a sheet of scores by rules alone; never raises for any text.

    Args:
        text: The report as it was filed, with any markup.
        items: How many outputs the sheet has.
        bar: The mean that the policy asks for, 0 to 100, if known: a bare score equal to it in a sentence about the bar
            is not taken as the mean, and "below 80" is taken as a verdict.
    """
    all_lines = tables_as_lines(lines(json_as_lines(plain(text), items=items)))
    found = read_items(all_lines, items=items)
    told = current(found.rest)
    setting = Setting(items, bar, found.scale, found.mean)
    tail = told[corrected(told) :]
    score = adopted(tail, setting)
    score = adopted(told, setting) if score is None else score
    return ScoreFiling(
        score=found.mean if score is None else score,
        stated=score is not None,
        recomputed=found.mean,
        verdict=verdict(tail, bar=bar) or verdict(told, bar=bar),
    )
