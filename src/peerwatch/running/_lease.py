"""What the coordinator of a run on many machines and its workers send each other."""

from dataclasses import dataclass

from peerwatch.planning import Budget, Usage
from peerwatch.records import Slot
from peerwatch.running._progress import RunStatus


@dataclass(frozen=True)
class Lease:
    """A batch of episodes that one worker runs.

    Attributes:
        session: Name of the session that runs it, and of the folder of its logs: each attempt has its own.
        slots: The episodes.
        budget: What it may spend at most.
        expected: Model to what an episode should use.
        minutes: After which no episode begins; `None` for no such limit.
        exchanges: What partners and targets of its worlds said before the job, where it is known.
    """

    session: str
    slots: tuple[Slot, ...]
    budget: Budget
    expected: dict[str, Usage]
    minutes: float | None = None
    exchanges: tuple["LogBytes", ...] = ()


@dataclass(frozen=True)
class LogBytes:
    """What is new of a file of a session: of its logs, or an exchange with a partner.

    Attributes:
        name: The file's.
        data: All of a log or an exchange, or what was appended to a file of unsaved episodes.
        gone: Whether the file is no longer needed.
    """

    name: str
    data: bytes = b""
    gone: bool = False


@dataclass(frozen=True)
class ClusterStatus:
    """How far a run on a cluster is.

    Attributes:
        lines: What to tell since the last time.
        statuses: How far it was at each end of an episode since the last time, the newest last.
        left: Episodes that are still asked for.
        leased: Batches that are under way.
        over: Whether nothing more will be handed out.
    """

    lines: list[str]
    statuses: list[RunStatus]
    left: int
    leased: int
    over: bool
