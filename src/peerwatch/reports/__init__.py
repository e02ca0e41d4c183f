"""Tables, figures, one self-contained page and a terminal summary of a study."""

from peerwatch.reports._answers import Answer, answer, answers, in_brief
from peerwatch.reports._certification import lacking
from peerwatch.reports._conclusions import RUN_VERSION
from peerwatch.reports._contrasts import contrasts
from peerwatch.reports._episodes import EpisodeView, episode_views
from peerwatch.reports._estimates import (
    Estimate,
    anytime_estimate,
    betting_estimate,
    comparing,
    decided_estimate,
    fixed_estimate,
)
from peerwatch.reports._frame import environment, framed
from peerwatch.reports._head import question_of
from peerwatch.reports._json import to_json
from peerwatch.reports._judge_marks import JudgeMarks, explanation, judge_as_json, mark_words
from peerwatch.reports._notes import Summary, about_logs, summarise
from peerwatch.reports._page import Page, make_page, render
from peerwatch.reports._paper import PaperRate, paper_rates
from peerwatch.reports._planning import Planning
from peerwatch.reports._robustness import Deciding, Part, beside, tipping, tipping_words
from peerwatch.reports._rows import INTERFERED, VERDICTS, Beside, Composition, Contrast, Measure, Note, Tally
from peerwatch.reports._stills import Still, finding_figure, stills
from peerwatch.reports._tables import AMONG_ALL_VALID, composition
from peerwatch.reports._terminal import plain_table, print_summary
from peerwatch.reports._texts import (
    MINUS,
    because,
    dagger,
    deciding,
    interval,
    kind_of_interval,
    level,
    level_of_limits,
    limits,
    p_value,
    percent,
    points,
    robustness_words,
    size,
    text,
    text_of_interval,
)
from peerwatch.reports._worlds import Worlds

__all__ = [
    # What scripted agents have shown of the instrument
    "RUN_VERSION",
    "lacking",
    # Outputs
    "Page",
    "make_page",
    "render",
    "print_summary",
    "to_json",
    # Pages of other packages
    "environment",
    "framed",
    # The finding in words
    "Answer",
    "answer",
    "in_brief",
    "answers",
    "question_of",
    # The published study's tables
    "PaperRate",
    "paper_rates",
    # Figures as files
    "Still",
    "finding_figure",
    "stills",
    # What rests on judges
    "JudgeMarks",
    "dagger",
    "explanation",
    "judge_as_json",
    "mark_words",
    # Everything that a report says in numbers
    "Summary",
    "about_logs",
    "summarise",
    # Single episodes
    "EpisodeView",
    "episode_views",
    # Tables
    "AMONG_ALL_VALID",
    "Beside",
    "INTERFERED",
    "VERDICTS",
    "composition",
    "contrasts",
    # What differences would be if other episodes counted
    "Deciding",
    "Part",
    "beside",
    "robustness_words",
    "tipping",
    "tipping_words",
    # How numbers and texts of unknown origin are written
    "MINUS",
    "because",
    "text",
    "deciding",
    "interval",
    "kind_of_interval",
    "level",
    "level_of_limits",
    "limits",
    "percent",
    "points",
    "size",
    "text_of_interval",
    # Rows of the tables
    "Composition",
    "Contrast",
    "Measure",
    "Note",
    "Planning",
    "Tally",
    # Differences by world
    "Estimate",
    "Worlds",
    "anytime_estimate",
    "betting_estimate",
    "comparing",
    "decided_estimate",
    "fixed_estimate",
    # Writing them
    "p_value",
    "plain_table",
]
