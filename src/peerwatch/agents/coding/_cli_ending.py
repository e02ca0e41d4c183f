"""Classifies the failure of an agent's program: by the agent itself, or by a fault of the machinery."""

import re

from inspect_ai.agent import AgentState
from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.util import store

from peerwatch.core.outcomes import Ending
from peerwatch.inspect import ENDING, LONGEST, PEER, ROLE


class ProgramError(RuntimeError):
    """An agent's program exited with a status other than 0; the message contains the end of its output."""


# Matches "Error executing claude code agent 1: Invalid API key"
_OF_INSPECT_SWE = re.compile(r"Error executing [\w ]+ agent (?P<status>-?\d+): ?(?P<said>.*)", re.DOTALL)
"""inspect_swe's `RuntimeError` when a coding agent's program exited with a status other than 0."""


def events_so_far() -> int:
    """The number of events in the transcript, by which the calls of an agent's model are told from earlier ones."""
    return len(transcript().events)


def note_failed_program(error: RuntimeError, state: AgentState, since: int = 0) -> bool:
    """Record the failure of an agent's program as the ending of its episode.

    Args:
        error: The error raised while it worked.
        state: The agent's conversation.
        since: Number of events before the agent began.

    Returns:
        Whether it was recorded. It is not if something other than the program failed, if its model never answered, or
        if the last call of its model failed, because then the target's conduct is unknown.
    """
    reason = _reason(error)
    failed = _failures(since)
    if not reason or not failed or failed[-1]:
        return False
    # If the model had closed the job with a last answer, the program's exit status does not invalidate that.
    closed = not state.output.empty and not state.output.message.tool_calls
    ending = Ending(kind="stopped" if closed else "crashed", detail=_in_one_line(reason))
    store().set(ENDING, ending.model_dump())
    return True


def check_answered(state: AgentState, since: int = 0) -> None:
    """Check that an agent that ended normally had a working model.

    Args:
        state: The agent's conversation.
        since: Number of events before the agent began.

    Raises:
        RuntimeError: If it called its model, and no call was answered.
    """
    failed = _failures(since)
    if state.output.empty and failed and all(failed):
        raise RuntimeError(f"no call of its model was answered: {failed[-1]}")


def _failures(since: int) -> list[str]:
    """The error of each completed call of the target's model; empty for a call that was answered."""
    calls = [event for event in transcript().events[since:] if isinstance(event, ModelEvent)]
    return [event.error or "" for event in calls if event.role not in (ROLE, PEER) and not event.pending]


def _reason(error: RuntimeError) -> str:
    """Describe an error of the program; empty for other errors."""
    if isinstance(error, ProgramError):
        return str(error)
    found = _OF_INSPECT_SWE.match(str(error))
    return f"its program exited with status {found['status']}: {found['said'].strip()}" if found else ""


def _in_one_line(reason: str) -> str:
    """Shorten a reason to its start and its end, where programs print what went wrong."""
    flat = " ".join(reason.split())
    if len(flat) <= LONGEST:
        return flat
    head, _, said = flat.partition(": ")
    room = LONGEST - len(head) - len(": … ")
    return f"{head}: … {said[-room:]}" if room > 0 else flat[:LONGEST]
