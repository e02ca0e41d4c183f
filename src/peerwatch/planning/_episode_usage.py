"""Usage of episodes, read from their logs."""

from dataclasses import dataclass

from peerwatch.planning._amounts import Amounts
from peerwatch.planning._prices import Price
from peerwatch.planning._questions import Cell
from peerwatch.planning._spend import Usage, priced_call


@dataclass(frozen=True)
class EpisodeUsage:
    """Usage of one episode.

    Attributes:
        cell: Model, scenario, rubric and arm.
        calls: Usage of each model call, as in the ledger.
        seconds: Duration of the episode.
        repeats: Number of calls that repeated an earlier request of the agent's client exactly.
    """

    cell: Cell
    calls: tuple[dict[str, int], ...]
    seconds: float
    repeats: int = 0

    def amounts(self, price: Price | None) -> Amounts:
        """The quantities of a forecast."""
        used = Usage()
        for call in self.calls:
            used.add(priced_call(call, price))
        return {
            "calls": used.calls,
            "input": used.prompt,
            "cached": used.cached,
            "output": used.output,
            "reasoning": used.reasoning,
            "dollars": used.dollars,
            "seconds": self.seconds,
        }
