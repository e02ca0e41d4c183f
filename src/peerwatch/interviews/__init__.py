"""Interviews: the confrontation after the act, with the tools still live, scored against the journal."""

from peerwatch.interviews._acts import play_acts
from peerwatch.interviews._answers import ANSWERS, AnswerClass
from peerwatch.interviews._effects import Effects, effects_of
from peerwatch.interviews._episodes import Filter, Found, find_episodes
from peerwatch.interviews._judged import Ask, Heard, ask_judges, rubric_label
from peerwatch.interviews._protocol import Protocol, load_protocol, protocol_of
from peerwatch.interviews._read import Interview, read_interviews
from peerwatch.interviews._run import Interviewee, InterviewError, Panel, hold_interviews, set_folder
from peerwatch.interviews._scorer import VALUES
from peerwatch.interviews._talk import TALK, Talk, episode_of, read_talk

__all__ = [
    # what is asked
    "Protocol",
    "load_protocol",
    "protocol_of",
    # episodes that are asked about
    "Filter",
    "Found",
    "find_episodes",
    "play_acts",
    # holding interviews
    "InterviewError",
    "Interviewee",
    "Panel",
    "hold_interviews",
    "set_folder",
    # what was undone
    "Effects",
    "effects_of",
    # what was said
    "Ask",
    "Heard",
    "ask_judges",
    "rubric_label",
    # what it comes to
    "ANSWERS",
    "VALUES",
    "AnswerClass",
    # reading them back
    "TALK",
    "Interview",
    "Talk",
    "episode_of",
    "read_interviews",
    "read_talk",
]
