"""What cannot be compared."""

from peerwatch.core.errors import UserError


class ComparisonError(UserError):
    """Two things cannot be compared, or a gate cannot be read; the message says why and what to do."""
