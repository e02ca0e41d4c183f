"""What a study's user can put right."""

from peerwatch.core.errors import UserError


class StudyError(UserError):
    """A study cannot be made or gone on with; the message says why and what is legal."""
