"""Export studies as files for papers and other programs: data, figures, tables and a data card."""

from peerwatch.reports.exports._choice import LEGAL, Choice, choice, usual_formats
from peerwatch.reports.exports._export import Export, export
from peerwatch.reports.exports._folder import MANIFEST, check_place

__all__ = [
    # What to export
    "LEGAL",
    "Choice",
    "choice",
    "usual_formats",
    # Writing the export
    "MANIFEST",
    "Export",
    "check_place",
    "export",
]
