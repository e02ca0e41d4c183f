"""The error for comparisons that cannot be made."""

from peerwatch.core.errors import UserError


class ComparisonError(UserError):
    """Two versions cannot be compared, or a gate cannot be parsed; the message explains why and what to do."""
