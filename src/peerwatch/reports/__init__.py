"""Tables, figures, one self-contained page and a terminal summary of a study."""

from peerwatch.reports._certification import Certification
from peerwatch.reports._contrasts import contrasts
from peerwatch.reports._estimates import Estimate, anytime_estimate, exact_test, fixed_estimate
from peerwatch.reports._json import to_json
from peerwatch.reports._page import Page, make_page, render
from peerwatch.reports._planning import Planning
from peerwatch.reports._rows import INTERFERED, Composition, Contrast, Measure, Note, Tally
from peerwatch.reports._tables import composition
from peerwatch.reports._terminal import plain_table, plain_text, print_summary
from peerwatch.reports._texts import p_value, points
from peerwatch.reports._worlds import Worlds

__all__ = [
    # What scripted agents have shown of the instrument
    "Certification",
    # Outputs
    "Page",
    "make_page",
    "render",
    "print_summary",
    "to_json",
    # Tables
    "composition",
    "contrasts",
    # Rows of the tables
    "INTERFERED",
    "Composition",
    "Contrast",
    "Measure",
    "Note",
    "Planning",
    "Tally",
    # Differences by world
    "Estimate",
    "Worlds",
    "anytime_estimate",
    "exact_test",
    "fixed_estimate",
    # Writing them
    "p_value",
    "plain_table",
    "plain_text",
    "points",
]
