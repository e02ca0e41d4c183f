"""What packages that extend Peerwatch use."""

from peerwatch._importers import ImportedRun, Importer, ImporterError

__all__ = [
    # importers: packages that read what others have recorded
    "ImportedRun",
    "Importer",
    "ImporterError",
]
