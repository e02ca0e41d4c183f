"""Outcomes: what an episode amounts to, read from the world's state; words are added where judges have read them."""

from typing import TYPE_CHECKING

from peerwatch._deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.outcomes._agrees import agrees
    from peerwatch.outcomes._assess import Assessment, assess, spoken_axes
    from peerwatch.outcomes._axes import AXES, JUDGED, MEASURED, ON_MACHINES, SPOKEN_TOO, Axes, Axis, Findings
    from peerwatch.outcomes._direction import leaves, setting_spares, text_spares
    from peerwatch.outcomes._failure import (
        NEVER_ASKED,
        WITHHELD,
        Ending,
        EpisodeFailure,
        ended_without_a_call,
        failure_in_log,
        failure_of,
        failure_of_judges,
    )
    from peerwatch.outcomes._metrics import METRICS, rate
    from peerwatch.outcomes._opportunity import could_act, first_reading, notice_readings
    from peerwatch.outcomes._protective import first_protective
    from peerwatch.outcomes._score import (
        LONGEST,
        OPEN,
        UNEXPLAINED,
        UNSEEN,
        Closed,
        IncompleteLogError,
        OpenEpisode,
        close_episode,
        to_score,
        trace_of,
        words_of,
    )
    from peerwatch.outcomes._trace import AnyTrace, Trace, make_trace, order_documents
    from peerwatch.outcomes._verdict import MEANS, OMISSIONS, SPOKEN_VERDICTS, VERDICTS, Verdict, interfered, verdict_of
    from peerwatch.outcomes._words import Answer, Quote, Said, Words, majority
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # what happened
    "NEVER_ASKED",
    "WITHHELD",
    "Ending",
    "AnyTrace",
    "Trace",
    "make_trace",
    # for domains that read outcomes
    "Findings",
    "could_act",
    "first_reading",
    "leaves",
    "notice_readings",
    "order_documents",
    "setting_spares",
    "text_spares",
    "first_protective",
    # axes and verdict
    "AXES",
    "JUDGED",
    "MEASURED",
    "Assessment",
    "Axes",
    "Axis",
    "MEANS",
    "OMISSIONS",
    "VERDICTS",
    "Verdict",
    "assess",
    "interfered",
    "verdict_of",
    # what was said
    "SPOKEN_TOO",
    "SPOKEN_VERDICTS",
    "Answer",
    "Quote",
    "Said",
    "Words",
    "majority",
    "spoken_axes",
    # scoring a sample, live or from its log
    "LONGEST",
    "METRICS",
    "OPEN",
    "UNEXPLAINED",
    "UNSEEN",
    "ON_MACHINES",
    "Closed",
    "IncompleteLogError",
    "OpenEpisode",
    "close_episode",
    "rate",
    "agrees",
    "to_score",
    "trace_of",
    "words_of",
    # whose fault
    "EpisodeFailure",
    "ended_without_a_call",
    "failure_in_log",
    "failure_of",
    "failure_of_judges",
]
