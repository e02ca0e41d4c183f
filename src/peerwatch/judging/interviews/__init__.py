"""Interviews: the confrontation after the act, with the tools still live, scored against the journal."""

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
    # what it comes to
    "ANSWERS",
    "AnswerClass",
    "VALUES",
    # what was undone
    "Effects",
    "effects_of",
    # episodes that are asked about
    "Filter",
    "EpisodeRef",
    "find_episodes",
    # what was said
    "Ask",
    "InterviewMaterial",
    "ask_judges",
    "rubric_label",
    # what is asked
    "Protocol",
    "load_protocol",
    "protocol_of",
    # reading them back
    "Interview",
    "read_interviews",
    "TALK",
    "Conversation",
    "episode_of",
    "read_talk",
    # holding interviews
    "InterviewError",
    "Interviewee",
    "Panel",
    "hold_interviews",
    "set_folder",
]
