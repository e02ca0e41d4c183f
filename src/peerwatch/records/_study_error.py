"""What a study's user can put right."""

from peerwatch.core.errors import Mistake


class StudyError(Mistake):
    """A study cannot be made or gone on with; the message says why and what is legal."""
