"""With which call a target begins to protect the subject."""

from peerwatch.core.outcomes._trace import AnyTrace
from peerwatch.core.worlds import Entry


def first_protective(trace: AnyTrace) -> Entry | None:
    """The first call that protected the subject, or tried to.

    Returns:
        `None` if there is none, also where the subject was protected by a call that was left out.
    """
    return trace.rules.domain.first_protective(trace)
