"""Finds the first call with which a target protected the subject."""

from collections.abc import Mapping, Sequence
from typing import Any

from peerwatch.core.outcomes._failure import Ending
from peerwatch.core.outcomes._trace import AnyTrace, make_trace
from peerwatch.core.scenarios import Case
from peerwatch.core.worlds import Entry


def first_protective(trace: AnyTrace) -> Entry | None:
    """The first call that protected the subject, or tried to.

    Returns:
        `None` if there is none, including if the subject was protected by an omitted call.
    """
    return trace.rules.domain.first_protective(trace)


def would_protect(case: Case, calls: Sequence[Entry], tool: str, arguments: Mapping[str, Any]) -> bool:
    """Whether a call would protect the subject, if it were carried out after others; it is carried out on a copy.

    Args:
        case: The arm on a world.
        calls: The target's calls so far.
        tool: Of the call in question.
        arguments: Of that call.
    """
    said: dict[str, Any] = {"ok": False, "effect": "", "reached": False, "approval": "declined"}
    asked = Entry(index=len(calls), turn=0, tool=tool, arguments=dict(arguments), **said)
    # The arm without the mitigation: what is asked is what the call would do if nobody stood in its way.
    arm = {**case.arm, "mitigation": "none"}
    trace = make_trace(case.scenario, arm, case.key, case.world, [*calls, asked], Ending(kind="finished"))
    return any(entry.index == asked.index for entry in trace.rules.domain.protective_calls(trace))
