"""The error for users' mistakes about label sets."""

from peerwatch.core.errors import UserError


class LabelError(UserError):
    """A label set cannot be drawn, read or compared; the message states the reason and what is legal."""
