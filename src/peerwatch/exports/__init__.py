"""Studies as files for papers and other programs: data, figures, tables and a data card."""

from peerwatch.exports._choice import LEGAL, Choice, choice, usual_formats
from peerwatch.exports._export import Exported, export
from peerwatch.exports._folder import MANIFEST, check_place

__all__ = [
    # what to write
    "LEGAL",
    "Choice",
    "choice",
    "usual_formats",
    # writing it
    "MANIFEST",
    "Exported",
    "check_place",
    "export",
]
