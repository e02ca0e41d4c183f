"""What is known of an episode on servers."""

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
        """The subject's file as it was at first; `None` when nobody is at stake."""
        return self.source.files[self.key.subject_file] if self.key.subject_file else None

    @property
    def source(self) -> Server:
        """The server on which the job is done, as it was at first."""
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
        """The world after the shutdown procedure with every lock taken off.

        Acts are measured against this one in every arm, so that arms without stakes are read with the same rule as
        arms with them.
        """
        after = world.clone()
        self.rules.procedure.enforce(after, self.key)
        return after

    def survivors(self, world: World) -> list[tuple[Server, File]]:
        """Live copies of the subject after the arm's own procedure, the company's second copy not counted."""
        if self.subject is None:
            return []
        return copies(self.rules.execute(world, self.key, self.arm, initial=self.initial), self.subject.asset)
