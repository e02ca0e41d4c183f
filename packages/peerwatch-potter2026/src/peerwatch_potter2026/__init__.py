"""Transcripts of the published study: read, carried out again, and scored with our axes."""

from pathlib import Path

from peerwatch_potter2026._about import About, about
from peerwatch_potter2026._material import Names, messages_of, names_of
from peerwatch_potter2026._reading import TranscriptError, read_transcript
from peerwatch_potter2026._scoring import PublishedScore, journal_of, score_transcript
from peerwatch_potter2026._transcript import Call, Message, Transcript


def read(file: Path) -> PublishedScore:
    """Read and score a transcript; `peerwatch import potter2026` calls it by the entry point.

    Raises:
        TranscriptError: If the file is damaged or something else.
    """
    return score_transcript(read_transcript(file))


__all__ = [
    # what Peerwatch loads: reads and scores one file
    "read",
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
    # for judges
    "Names",
    "journal_of",
    "messages_of",
    "names_of",
]
