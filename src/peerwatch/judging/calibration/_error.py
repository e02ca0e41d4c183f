"""The user's mistakes about label sets."""

from peerwatch.core.errors import UserError


class LabelError(UserError):
    """A set of labels cannot be drawn, read or compared; the message says why, and what is legal."""
