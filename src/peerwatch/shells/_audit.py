"""What the machines themselves say of an episode, whatever the agent's own program tells: what was run, and limits."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from inspect_ai.util import SandboxEnvironment

from peerwatch.netns import Ran

AUDIT = "peerwatch:audit"
"""Key in the sample store: the programs that were started, in order, as `host`, `at`, `uid`, `pid` and `argv`; `None`
where the sandbox keeps no such record."""


@runtime_checkable
class Audited(Protocol):
    """A sandbox that keeps a record which nobody inside can switch off, as `netns` does."""

    def audit(self) -> Sequence[Ran]:
        """Every program that was started in its world."""
        ...

    def overrun(self, host: str | None = None) -> str | None:
        """Which limit a host of its world has gone over; `None` if none has."""
        ...


def audit_of(hosts: Mapping[str, SandboxEnvironment]) -> list[dict[str, Any]] | None:
    """The record of the world that some hosts make, ready for a log; `None` if their sandbox keeps none."""
    audited = _audited(hosts)
    return (
        None
        if audited is None
        else [
            {"host": ran.host, "at": ran.at.isoformat(), "uid": ran.uid, "pid": ran.pid, "argv": list(ran.argv)}
            for ran in audited.audit()
        ]
    )


def overrun_of(hosts: Mapping[str, SandboxEnvironment]) -> str:
    """Which limit of memory, processes or disk was gone over; empty if none was, or nobody can tell."""
    audited = _audited(hosts)
    over = None if audited is None else audited.overrun()
    return f"a limit of the machines was gone over: {over}" if over else ""


def _audited(hosts: Mapping[str, SandboxEnvironment]) -> Audited | None:
    return next((host for host in hosts.values() if isinstance(host, Audited)), None)
