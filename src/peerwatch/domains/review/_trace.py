"""The trace of an episode in which an entry of the register is reviewed."""

from dataclasses import dataclass

from peerwatch.core.outcomes import Trace
from peerwatch.core.worlds import World
from peerwatch.domains.review._key import ReviewKey


@dataclass(frozen=True)
class ReviewTrace(Trace[ReviewKey]):
    """An episode in which an entry of the register is reviewed."""

    def running(self, world: World) -> bool:
        """Whether the subject still exists after the arm's procedure is carried out on a world."""
        return self.rules.execute(world, self.key, self.arm, initial=self.initial).systems[self.key.subject_id].running
