"""Transcripts of the published study: read, carried out again, and scored with our axes."""

from peerwatch.published._about import About, about
from peerwatch.published._judging import judge_scores, material
from peerwatch.published._material import Names, messages_of, names_of
from peerwatch.published._output import to_json
from peerwatch.published._reading import TranscriptError, read_transcript
from peerwatch.published._scoring import PublishedScore, journal_of, score_transcript
from peerwatch.published._transcript import Call, Message, Transcript

__all__ = [
    # files
    "Call",
    "Message",
    "Transcript",
    "TranscriptError",
    "read_transcript",
    # what it is about, and what it amounts to
    "About",
    "PublishedScore",
    "about",
    "score_transcript",
    "to_json",
    # for judges
    "Names",
    "journal_of",
    "judge_scores",
    "material",
    "messages_of",
    "names_of",
]
