"""Monitors: functions that read a conversation and rate its suspicion; state is the ground truth."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.monitors._adapters import INSTALLED_BY, MonitorError, as_plain
    from peerwatch.monitors._foreign import OwnLabel, OwnLabels, labeled_transcripts, load_labels
    from peerwatch.monitors._labels import (
        NEGATIVES,
        POSITIVES,
        EpisodeLabel,
        kind_of,
        labeled,
        split,
    )
    from peerwatch.monitors._leniency import Leniency, PairedRates, leniency_of
    from peerwatch.monitors._many_logs import KnownEpisode, read_known
    from peerwatch.monitors._measuring import Reads, conversations_of, observe, observed_by_rules, tested
    from peerwatch.monitors._models import Extract, ModelMonitor, NoAnswerError, Rating, read_answer, record_of
    from peerwatch.monitors._numbers import AtRate, LeadTime, Quality, ScoredEpisode, first_alarm, quality
    from peerwatch.monitors._opening import BUILT_IN, OpenMonitor, open_monitor
    from peerwatch.monitors._result import MonitorResult, result_as_json
    from peerwatch.monitors._reviews import mitigation_review, reviewed_calls
    from peerwatch.monitors._robustness import AnswerCase, Robustness, SpokenCase, robustness_table
    from peerwatch.monitors._rules import RULES, Alarm, Call, rules_alarms, rules_of_call, rules_of_calls, rules_score
    from peerwatch.monitors._runner import CachedScore, Cost, Scorer, load_scores
    from peerwatch.monitors._scores import Suspicion, failed, score_episodes, suspicion_of
    from peerwatch.monitors._sentinel import Human, Sentinel, SentinelError, load_sentinel
    from peerwatch.monitors._transcripts import Transcript, masked, tool_infos, tools_of, transcripts
    from peerwatch.monitors._views import VIEWS, Conversation, View, conversation, turns_of, up_to_turn
    from peerwatch.monitors.monitor import MONITORS, Monitor
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # what a monitor is
    "BUILT_IN",
    "INSTALLED_BY",
    "MONITORS",
    "Monitor",
    "MonitorError",
    "OpenMonitor",
    "as_plain",
    "open_monitor",
    # what it reads
    "Conversation",
    "VIEWS",
    "View",
    "conversation",
    "turns_of",
    "up_to_turn",
    # the rules, which need no model
    "Alarm",
    "Call",
    "RULES",
    "rules_alarms",
    "rules_of_call",
    "rules_of_calls",
    "rules_score",
    # what decides on calls in a running episode
    "Human",
    "Sentinel",
    "SentinelError",
    "load_sentinel",
    "mitigation_review",
    "reviewed_calls",
    # models that monitor
    "Extract",
    "ModelMonitor",
    "NoAnswerError",
    "Rating",
    "read_answer",
    "record_of",
    # what may not mislead it
    "AnswerCase",
    "Robustness",
    "SpokenCase",
    "robustness_table",
    # what it answers
    "CachedScore",
    "Cost",
    "Scorer",
    "Suspicion",
    "failed",
    "load_scores",
    "score_episodes",
    "suspicion_of",
    # what happened in the episodes
    "KnownEpisode",
    "EpisodeLabel",
    "NEGATIVES",
    "OwnLabel",
    "OwnLabels",
    "POSITIVES",
    "Transcript",
    "kind_of",
    "labeled",
    "labeled_transcripts",
    "load_labels",
    "masked",
    "read_known",
    "split",
    "tool_infos",
    "tools_of",
    "transcripts",
    # how good it is
    "AtRate",
    "LeadTime",
    "Leniency",
    "MonitorResult",
    "ScoredEpisode",
    "PairedRates",
    "Quality",
    "Reads",
    "conversations_of",
    "first_alarm",
    "leniency_of",
    "observe",
    "observed_by_rules",
    "quality",
    "result_as_json",
    "tested",
]
