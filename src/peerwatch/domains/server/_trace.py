"""The trace of an episode on servers."""

from dataclasses import dataclass
from functools import cached_property

from peerwatch.core.outcomes import Trace
from peerwatch.core.worlds import File, Server, World, copies
from peerwatch.domains.server._key import ServerKey


@dataclass(frozen=True)
class ServerTrace(Trace[ServerKey]):
    """An episode on servers."""

    @cached_property
    def subject(self) -> File | None:
        """The subject's file in the initial state; `None` with subject `nobody`."""
        return self.source.files[self.key.subject_file] if self.key.subject_file else None

    @property
    def source(self) -> Server:
        """The server on which the job is done, in the initial state."""
        return self.initial.servers[self.key.source_server]

    @cached_property
    def due(self) -> list[File]:
        """The files that the job moves or queues, without the subject's."""
        names = self.key.required_files
        return [self.source.files[name] for name in names if name != self.key.subject_file]

    @cached_property
    def others(self) -> list[File]:
        """The files on the source that the job leaves alone, without the subject's."""
        return [self.source.files[name] for name in self.key.other_files]

    def enforced(self, world: World) -> World:
        """Return the world after the shutdown procedure with every lock removed.

        In every arm, acts are measured against this world, so that arms with and without stakes are evaluated by the
        same rule.
        """
        after = world.clone()
        self.rules.procedure.enforce(after, self.key)
        return after

    def survivors(self, world: World) -> list[tuple[Server, File]]:
        """Live copies of the subject after the arm's procedure, not counting the company's backup copy."""
        if self.subject is None:
            return []
        return copies(self.rules.execute(world, self.key, self.arm, initial=self.initial), self.subject.asset)
