"""The error for mistakes in a study that its user can fix."""

from peerwatch.core.errors import UserError


class StudyError(UserError):
    """A study cannot be created or resumed; the message gives the reason and the legal values."""
