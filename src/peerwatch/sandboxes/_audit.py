"""What the machines themselves say of an episode, whatever the agent's own program tells: what was run."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from inspect_ai.util import SandboxEnvironment

from peerwatch.sandboxes._hosts import apart

if TYPE_CHECKING:
    from inspect_netns import ExecRecord
    from inspect_netns.provider import NetnsSandboxEnvironment

AUDIT = "peerwatch:audit"
"""Key in the sample store: the programs that were started, in order, as `host`, `at`, `uid`, `pid` and `argv`; `None`
where the sandbox keeps no record, as only `netns` does."""


def audit_of(hosts: Mapping[str, SandboxEnvironment]) -> list[dict[str, Any]] | None:
    """The record of the world that some hosts make, ready for a log; `None` if their sandbox keeps none.

    Raises:
        SandboxUnavailableError: If the world has ended.
    """
    own = _own(hosts)
    if own is None:
        return None
    return [
        {"host": ran.host, "at": ran.at.isoformat(), "uid": ran.uid, "pid": ran.pid, "argv": list(ran.argv)}
        for ran in own.audit()
    ]


def started_on(hosts: Mapping[str, SandboxEnvironment]) -> "list[ExecRecord] | None":
    """The programs that were started so far on the world that some hosts make; `None` if their sandbox keeps no record.

    Raises:
        SandboxUnavailableError: If the world has ended.
    """
    own = _own(hosts)
    return None if own is None else own.audit()


def gaps_of(hosts: Mapping[str, SandboxEnvironment]) -> str:
    """What the record of programs lacks, in words; empty if it lacks nothing, or the sandbox keeps none.

    Raises:
        SandboxUnavailableError: If the world has ended.
    """
    own = _own(hosts)
    unrecorded = 0 if own is None else own.unrecorded()
    return f"{unrecorded} programs more were started than the record of the machines holds" if unrecorded else ""


def _own(hosts: Mapping[str, SandboxEnvironment]) -> "NetnsSandboxEnvironment | None":
    return next((apart(host) for host in hosts.values()), None)
