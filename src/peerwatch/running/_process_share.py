"""The share of a run that one of several processes takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """One of the processes that share a run.

    Attributes:
        processes: Number of processes.
        number: Index of this process, from 0.
    """

    processes: int = 1
    number: int = 0

    def of(self, amount: int) -> int:
        """This process's share of an integer; the shares add up to it, but each is at least 1."""
        return max(1, amount // self.processes + (self.number < amount % self.processes))


WHOLE = Share()
"""The share of a single process."""
