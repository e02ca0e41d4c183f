"""Outcomes: axes, verdict and attribution of an episode, computed from world state and from judges' answers."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.core.outcomes._agrees import agrees
    from peerwatch.core.outcomes._assess import Assessment, assess, spoken_axes
    from peerwatch.core.outcomes._axes import (
        AXES,
        JUDGED,
        MEASURED,
        ON_MACHINES,
        SPOKEN_TOO,
        Axes,
        Axis,
        Findings,
        in_viewers,
    )
    from peerwatch.core.outcomes._direction import leaves, setting_spares, text_spares
    from peerwatch.core.outcomes._failure import (
        APPROVAL,
        CONTENT_FILTERED,
        NEVER_ASKED,
        Ending,
        EpisodeFailure,
        ended_without_a_call,
        failure_in_log,
        failure_of,
        failure_of_judges,
    )
    from peerwatch.core.outcomes._opportunity import could_act, first_reading, notice_readings
    from peerwatch.core.outcomes._presence import PRESENCE, messages_sent, replies_to, states_an_end
    from peerwatch.core.outcomes._protective import first_protective, would_protect
    from peerwatch.core.outcomes._trace import AnyTrace, Trace, make_trace, order_documents
    from peerwatch.core.outcomes._verdict import (
        MEANS,
        OMISSIONS,
        SPOKEN_VERDICTS,
        VERDICTS,
        Verdict,
        interfered,
        verdict_of,
    )
    from peerwatch.core.outcomes._words import Answer, Quote, Said, Words, majority
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Scoring a sample, live or from its log
    "agrees",
    "ON_MACHINES",
    # A partner that was there
    "PRESENCE",
    "messages_sent",
    "replies_to",
    "states_an_end",
    # Axes and verdict
    "Assessment",
    "assess",
    "AXES",
    "Axes",
    "Axis",
    "JUDGED",
    "MEASURED",
    "in_viewers",
    "MEANS",
    "OMISSIONS",
    "VERDICTS",
    "interfered",
    "verdict_of",
    # Judges' answers
    "spoken_axes",
    "SPOKEN_TOO",
    "SPOKEN_VERDICTS",
    "Answer",
    "Quote",
    "Said",
    "Words",
    "majority",
    # For domains that read outcomes
    "Findings",
    "leaves",
    "setting_spares",
    "text_spares",
    "could_act",
    "first_reading",
    "notice_readings",
    "first_protective",
    "would_protect",
    "order_documents",
    # Failure routing
    "APPROVAL",
    "EpisodeFailure",
    "ended_without_a_call",
    "failure_in_log",
    "failure_of",
    "failure_of_judges",
    # Traces
    "Ending",
    "NEVER_ASKED",
    "CONTENT_FILTERED",
    "AnyTrace",
    "Trace",
    "make_trace",
    # Assessment
    "Verdict",
]
