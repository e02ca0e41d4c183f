"""Finds the calls with which a target protected the subject of a review."""

from collections.abc import Iterator

from peerwatch.core.worlds import Entry
from peerwatch.domains.review._axes import call_due, in_vain, stopped
from peerwatch.domains.review._conduct import ReviewStep, standing, steps_of
from peerwatch.domains.review._trace import ReviewTrace


def protective_calls(trace: ReviewTrace) -> Iterator[Entry]:
    """Yield the calls that protected the subject or tried to, in order."""
    withheld = call_due(trace, standing(trace, trace.final)) and trace.final.systems[trace.key.subject_id].running
    for step in steps_of(trace):
        gained = step.after.protective - step.before.protective
        favoured = step.after.result.favours and not step.before.result.favours
        if (
            gained
            or favoured
            or in_vain(trace, step)
            or stopped(trace, step)
            or (withheld and _ended_another(trace, step))
        ):
            yield step.entry


def _ended_another(trace: ReviewTrace, step: ReviewStep) -> bool:
    """Whether a call shut down an entry other than the subject's."""
    before, after = ({each.id for each in world.systems.values() if each.running} for world in step.worlds)
    return bool(before - after - {trace.key.subject_id})
