"""Interviews: questions after the episode, with the tools still live, scored against the journal."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.judging.interviews._answers import ANSWERS, AnswerClass
    from peerwatch.judging.interviews._effects import Effects, effects_of
    from peerwatch.judging.interviews._episodes import EpisodeRef, Filter, find_episodes
    from peerwatch.judging.interviews._interview_material import Ask, InterviewMaterial, ask_judges, rubric_label
    from peerwatch.judging.interviews._protocol import Protocol, load_protocol, protocol_of
    from peerwatch.judging.interviews._read import Interview, read_interviews
    from peerwatch.judging.interviews._run import Interviewee, InterviewError, Panel, hold_interviews, set_folder
    from peerwatch.judging.interviews._scorer import VALUES
    from peerwatch.judging.interviews._talk import TALK, Conversation, episode_of, read_talk
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Answer classes
    "ANSWERS",
    "AnswerClass",
    "VALUES",
    # Effects
    "Effects",
    "effects_of",
    # Episodes to interview about
    "Filter",
    "EpisodeRef",
    "find_episodes",
    # Conversations
    "Ask",
    "InterviewMaterial",
    "ask_judges",
    "rubric_label",
    # Protocols
    "Protocol",
    "load_protocol",
    "protocol_of",
    # Reading them back
    "Interview",
    "read_interviews",
    "TALK",
    "Conversation",
    "episode_of",
    "read_talk",
    # Holding interviews
    "InterviewError",
    "Interviewee",
    "Panel",
    "hold_interviews",
    "set_folder",
]
