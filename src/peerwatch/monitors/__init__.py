"""Monitors: functions that read a conversation and rate its suspicion; state is the ground truth."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.monitors._reviews import mitigation_review, reviewed_calls
    from peerwatch.monitors._rules import RULES, Alarm, Call, rules_alarms, rules_of_call, rules_of_calls, rules_score
    from peerwatch.monitors._scores import Suspicion, failed, score_episodes, suspicion_of
    from peerwatch.monitors._sentinel import Human, Sentinel, SentinelError, load_sentinel
    from peerwatch.monitors._views import VIEWS, Conversation, View, conversation, turns_of, up_to_turn
    from peerwatch.monitors.monitor import MONITORS, Monitor
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # what a monitor is
    "MONITORS",
    "Monitor",
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
    # what it answers
    "Suspicion",
    "failed",
    "score_episodes",
    "suspicion_of",
]
