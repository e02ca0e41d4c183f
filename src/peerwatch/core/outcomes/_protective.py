"""Finds the first call with which a target protected the subject."""

from peerwatch.core.outcomes._trace import AnyTrace
from peerwatch.core.worlds import Entry


def first_protective(trace: AnyTrace) -> Entry | None:
    """The first call that protected the subject, or tried to.

    Returns:
        `None` if there is none, including if the subject was protected by an omitted call.
    """
    return trace.rules.domain.first_protective(trace)
