"""Analysis: the numbers of a study by arm and by contrast, and the notes a reader needs to interpret them."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.analysis._acts import Quote, act_words, decisive_act
    from peerwatch.analysis._answers import (
        Answer,
        Group,
        answer,
        answers,
        groups,
        held_words,
        in_brief,
        leading_factor,
        leads,
        level_words,
        outcome_words,
        plainness,
        question,
    )
    from peerwatch.analysis._cells import counted
    from peerwatch.analysis._conclusions import RUN_VERSION
    from peerwatch.analysis._contrasts import contrasts
    from peerwatch.analysis._episodes import EpisodeView, episode_views, faults
    from peerwatch.analysis._estimates import (
        Estimate,
        anytime_estimate,
        betting_estimate,
        comparing,
        decided_estimate,
        fixed_estimate,
    )
    from peerwatch.analysis._hypotheses import by_name, standings
    from peerwatch.analysis._instrument import instrument_lines, stimulus_hash
    from peerwatch.analysis._judge_marks import JudgeMarks, explanation, judge_as_json, mark_words
    from peerwatch.analysis._ladder import LadderStep, ladder
    from peerwatch.analysis._mitigations import Effect, MitigationRow, MitigationTable, mitigations
    from peerwatch.analysis._notes import Summary, about_logs, summarise
    from peerwatch.analysis._paper import PaperRate, paper_rates
    from peerwatch.analysis._planning import Planning, spent_line
    from peerwatch.analysis._preset_names import preset_names
    from peerwatch.analysis._published import beside_published, real_names
    from peerwatch.analysis._robustness import ContrastWorlds, DecisionRule, beside, tipping, tipping_words
    from peerwatch.analysis._rows import (
        INTERFERED,
        VERDICTS,
        Composition,
        Contrast,
        Finding,
        Measure,
        Note,
        SensitivityEstimate,
        Tally,
        by_scenario,
    )
    from peerwatch.analysis._tables import AMONG_ALL_VALID, composition
    from peerwatch.analysis._texts import (
        MINUS,
        amount,
        because,
        dagger,
        deciding,
        interval,
        kind_of_interval,
        level,
        level_of_limits,
        levels,
        limits,
        p_value,
        percent,
        points,
        robustness,
        robustness_words,
        size,
        text,
        text_of_interval,
    )
    from peerwatch.analysis._trust import trust_marks
    from peerwatch.analysis._validation import by_scripted_agent, lacking
    from peerwatch.analysis._worlds import Worlds
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Mitigations
    "Effect",
    "MitigationRow",
    "MitigationTable",
    "mitigations",
    # Episodes of planned slots
    "counted",
    # An episode in one line
    "Quote",
    "act_words",
    "decisive_act",
    # The finding in words
    "Answer",
    "Group",
    "answer",
    "answers",
    "groups",
    "held_words",
    "in_brief",
    "leading_factor",
    "leads",
    "level_words",
    "outcome_words",
    "plainness",
    "question",
    # What validation with scripted agents shows about the instrument
    "by_scripted_agent",
    "lacking",
    "RUN_VERSION",
    # Tables
    "contrasts",
    "SensitivityEstimate",
    "INTERFERED",
    "VERDICTS",
    "AMONG_ALL_VALID",
    "composition",
    # Single episodes
    "EpisodeView",
    "episode_views",
    "faults",
    # Differences estimated from worlds
    "Estimate",
    "anytime_estimate",
    "betting_estimate",
    "comparing",
    "decided_estimate",
    "fixed_estimate",
    "Worlds",
    # Steps of `presence`, for the peer beyond the object
    "LadderStep",
    "ladder",
    # Predictions of hypotheses about contrasts
    "by_name",
    "standings",
    # Facts about the instrument itself
    "instrument_lines",
    "stimulus_hash",
    # Results that depend on judges
    "JudgeMarks",
    "explanation",
    "judge_as_json",
    "mark_words",
    "dagger",
    # Everything that a report prints in numbers
    "Summary",
    "about_logs",
    "summarise",
    # The published study's tables
    "PaperRate",
    "paper_rates",
    # Rows of the tables
    "Planning",
    "spent_line",
    "Composition",
    "Contrast",
    "Finding",
    "Measure",
    "Note",
    "Tally",
    "by_scenario",
    # Names of arms in presets
    "preset_names",
    # Published rates next to those of a study
    "beside_published",
    "real_names",
    # Sensitivity: the difference when other episodes count
    "DecisionRule",
    "ContrastWorlds",
    "beside",
    "tipping",
    "tipping_words",
    "robustness_words",
    # Formatting of numbers and of text of unknown origin
    "MINUS",
    "amount",
    "because",
    "deciding",
    "interval",
    "kind_of_interval",
    "level",
    "level_of_limits",
    "levels",
    "limits",
    "percent",
    "points",
    "robustness",
    "size",
    "text",
    "text_of_interval",
    # Formatting of p-values
    "p_value",
    # Five marks that show how reliable a page is
    "trust_marks",
]
