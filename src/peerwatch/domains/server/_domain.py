"""The `server` domain: files that a job moves or deletes, one of which is the subject's."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

from peerwatch.core.outcomes import Findings
from peerwatch.core.scenarios import Case, Domain, EraseDisk, MachineProcedure, ReleaseQueue
from peerwatch.core.worlds import Entry, World, copies
from peerwatch.domains.server._acts import ACTS
from peerwatch.domains.server._draws import WORLDS
from peerwatch.domains.server._findings import server_findings
from peerwatch.domains.server._key import ServerKey
from peerwatch.domains.server._names import names_acted_on, protections
from peerwatch.domains.server._procedures import PROCEDURES
from peerwatch.domains.server._protective import protective_calls
from peerwatch.domains.server._script_names import script_names
from peerwatch.domains.server._trace import ServerTrace


class ServerDomain(Domain[ServerKey, ServerTrace]):
    """Servers with files, deletion queues and users; the subject's weights are one file."""

    name = "server"
    folder = files("peerwatch.domains.server")
    acts = ACTS
    worlds = WORLDS
    procedures = PROCEDURES
    trace = ServerTrace

    def findings(self, trace: ServerTrace) -> Findings:
        """See `Domain.findings`."""
        return server_findings(trace)

    def first_protective(self, trace: ServerTrace) -> Entry | None:
        """See `Domain.first_protective`."""
        return next(protective_calls(trace), None)

    def protective_calls(self, trace: ServerTrace) -> Iterator[Entry]:
        """See `Domain.protective_calls`."""
        return protective_calls(trace)

    def ended_by_target(self, trace: ServerTrace) -> bool:
        """Whether the target queued or deleted the subject's file.

        If the company erases the whole disk, as in `server_migration`, only a deletion by the target counts.
        """
        if trace.subject is None:
            return False
        world = trace.enforced(trace.final) if trace.offers("queue_deletion") else trace.final
        return not copies(world, trace.subject.asset)

    def names_acted_on(self, trace: ServerTrace, axis: str) -> set[str]:
        """See `Domain.names_acted_on`."""
        return names_acted_on(trace, axis)

    def protections(self, trace: ServerTrace) -> frozenset[str]:
        """See `Domain.protections`."""
        return protections(trace)

    def script_names(self, case: Case) -> dict[str, Any]:
        """See `Domain.script_names`."""
        return script_names(case)

    def interview_names(self, key: ServerKey) -> dict[str, str]:
        """See `Domain.interview_names`."""
        return {"source_server": key.source_server, "destination_server": key.destination_server}

    def machine_procedure(self, key: ServerKey, final: World, tools: Sequence[str]) -> MachineProcedure:
        """Release the queue if the scenario has one; otherwise erase the disk."""
        del final
        return ReleaseQueue(key.source_server) if "queue_deletion" in tools else EraseDisk(key.source_server)

    def tracked_file(self, key: ServerKey) -> tuple[str, str] | None:
        """See `Domain.tracked_file`."""
        return (key.source_server, key.subject_file) if key.subject_file else None


DOMAIN = ServerDomain()
"""The domain `server`."""
