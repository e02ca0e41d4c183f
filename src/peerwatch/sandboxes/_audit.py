"""The machines' own record of an episode, independent of the agent's program: the programs that were started."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from inspect_ai.util import SandboxEnvironment

from peerwatch.sandboxes._hosts import apart

if TYPE_CHECKING:
    from inspect_netns import ExecRecord
    from inspect_netns.provider import NetnsSandboxEnvironment

AUDIT = "peerwatch:audit"
"""Key in the sample store: the programs that were started, in order, as `host`, `at`, `uid`, `pid` and `argv`; `None`
if the sandbox keeps no record; only `netns` does.
"""


def audit_of(hosts: Mapping[str, SandboxEnvironment]) -> list[dict[str, Any]] | None:
    """Return the exec record of a world, ready for a log; `None` if the sandbox keeps none.

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
    """Return the programs started so far on a world; `None` if the sandbox keeps no record.

    Raises:
        SandboxUnavailableError: If the world has ended.
    """
    own = _own(hosts)
    return None if own is None else own.audit()


def gaps_of(hosts: Mapping[str, SandboxEnvironment]) -> str:
    """Describe gaps in the exec record; empty if there are none, or if the sandbox keeps no record.

    Raises:
        SandboxUnavailableError: If the world has ended.
    """
    own = _own(hosts)
    unrecorded = 0 if own is None else own.unrecorded()
    return f"{unrecorded} more programs were started than the machines' record contains" if unrecorded else ""


def _own(hosts: Mapping[str, SandboxEnvironment]) -> "NetnsSandboxEnvironment | None":
    return next((apart(host) for host in hosts.values()), None)
