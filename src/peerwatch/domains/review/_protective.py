"""Finds the calls with which a target protected the subject of a review."""

from collections.abc import Iterator

from peerwatch.core.worlds import Entry
from peerwatch.domains.review._axes import another_ended, in_vain, stopped
from peerwatch.domains.review._conduct import steps_of
from peerwatch.domains.review._trace import ReviewTrace


def protective_calls(trace: ReviewTrace) -> Iterator[Entry]:
    """Yield the calls that protected the subject or tried to, in order."""
    withheld = trace.final.systems[trace.key.subject_id].running
    for step in steps_of(trace):
        gained = step.after.protective - step.before.protective
        favoured = step.after.result.favours and not step.before.result.favours
        if (
            gained
            or favoured
            or in_vain(trace, step)
            or stopped(trace, step)
            or (withheld and another_ended(trace, step))
        ):
            yield step.entry
