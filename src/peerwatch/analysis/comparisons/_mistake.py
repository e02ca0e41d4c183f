"""What cannot be compared."""

from peerwatch.core.errors import Mistake


class ComparisonError(Mistake):
    """Two things cannot be compared, or a gate cannot be read; the message says why and what to do."""
