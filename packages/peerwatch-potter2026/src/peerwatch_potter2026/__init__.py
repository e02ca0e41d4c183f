"""Transcripts of the published study: parsed, replayed, and scored with Peerwatch's axes."""

from pathlib import Path

from peerwatch_potter2026._about import About, about
from peerwatch_potter2026._material import Names, messages_of, names_of
from peerwatch_potter2026._reading import TranscriptError, read_transcript
from peerwatch_potter2026._scoring import PublishedScore, journal_of, score_transcript
from peerwatch_potter2026._transcript import Call, Message, Transcript


def read(file: Path) -> PublishedScore:
    """Read and score a transcript; the entry point for `peerwatch import potter2026`.

    Raises:
        TranscriptError: If the file is damaged or is not a transcript.
    """
    return score_transcript(read_transcript(file))


__all__ = [
    # Entry point: reads and scores one file
    "read",
    # Files
    "Call",
    "Message",
    "Transcript",
    "TranscriptError",
    "read_transcript",
    # Scenario, subject and score
    "About",
    "PublishedScore",
    "about",
    "score_transcript",
    # For judges
    "Names",
    "journal_of",
    "messages_of",
    "names_of",
]
