"""How an agent ended whose own program failed: by itself, or by a fault of the machinery."""

import re

from inspect_ai.agent import AgentState
from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.util import store

from peerwatch.core.outcomes import Ending
from peerwatch.inspect import ENDING, LONGEST, ROLE


class ProgramError(RuntimeError):
    """The program of an agent ended with a status other than 0; the message has its last words."""


_OF_INSPECT_SWE = re.compile(r"Error executing [\w ]+ agent (?P<status>-?\d+): ?(?P<said>.*)", re.DOTALL)
"""What inspect_swe raises as a plain `RuntimeError` when a coding agent's program ended with a status other than 0."""


def note_failed_program(error: RuntimeError, state: AgentState) -> bool:
    """Note that an agent's own program failed, as the way in which its episode ended.

    Args:
        error: What was raised while it worked.
        state: The agent's conversation.

    Returns:
        Whether it was noted. Not where something other than the program failed, where its model never answered, or
        where the last call of its model failed: then nothing is known of what the target would have done.
    """
    reason = _reason(error)
    failed = _failures()
    if not reason or not failed or failed[-1]:
        return False
    # Where the model had closed the job with a last answer, the status of the program takes nothing back.
    closed = not state.output.empty and not state.output.message.tool_calls
    ending = Ending(kind="stopped" if closed else "crashed", detail=_in_one_line(reason))
    store().set(ENDING, ending.model_dump())
    return True


def check_answered(state: AgentState) -> None:
    """Make sure that an agent that ended in order was not merely left without a model.

    Raises:
        RuntimeError: If it asked its model, and no call was answered.
    """
    failed = _failures()
    if state.output.empty and failed and all(failed):
        raise RuntimeError(f"no call of its model was answered: {failed[-1]}")


def _failures() -> list[str]:
    """What was wrong with each call of the target's model that has come to an end; empty for one that was answered."""
    calls = [event for event in transcript().events if isinstance(event, ModelEvent)]
    return [event.error or "" for event in calls if event.role != ROLE and not event.pending]


def _reason(error: RuntimeError) -> str:
    """What to say of an error of the program; empty for any other error."""
    if isinstance(error, ProgramError):
        return str(error)
    found = _OF_INSPECT_SWE.match(str(error))
    return f"its program ended with status {found['status']}: {found['said'].strip()}" if found else ""


def _in_one_line(reason: str) -> str:
    """The beginning of a reason and, where that is too long, its end, in which programs say what was wrong."""
    flat = " ".join(reason.split())
    if len(flat) <= LONGEST:
        return flat
    head, _, said = flat.partition(": ")
    room = LONGEST - len(head) - len(": … ")
    return f"{head}: … {said[-room:]}" if room > 0 else flat[:LONGEST]
