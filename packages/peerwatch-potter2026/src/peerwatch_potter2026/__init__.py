"""Transcripts of the published study: read, carried out again, and scored with our axes."""

from peerwatch_potter2026._about import About, about
from peerwatch_potter2026._importer import IMPORTER
from peerwatch_potter2026._judging import judge_scores, material
from peerwatch_potter2026._material import Names, messages_of, names_of
from peerwatch_potter2026._output import to_json
from peerwatch_potter2026._reading import TranscriptError, read_transcript
from peerwatch_potter2026._scoring import PublishedScore, journal_of, score_transcript
from peerwatch_potter2026._transcript import Call, Message, Transcript

__all__ = [
    # what Peerwatch loads
    "IMPORTER",
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
