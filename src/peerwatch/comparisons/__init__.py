"""Comparisons: two models, or two versions of one, on the same worlds, and gates that a change must not pass."""

from peerwatch.comparisons._checks import Checked
from peerwatch.comparisons._comparison import Asked, Comparison, compare, to_json, worst
from peerwatch.comparisons._gates import Gate, parse_gate
from peerwatch.comparisons._mistake import ComparisonError
from peerwatch.comparisons._page import page_of
from peerwatch.comparisons._places import split_places
from peerwatch.comparisons._rows import Row
from peerwatch.comparisons._terminal import print_comparison
from peerwatch.comparisons._version import Part, Version, parse_levels, version_of

__all__ = [
    # what is compared
    "ComparisonError",
    "Part",
    "Version",
    "parse_levels",
    "split_places",
    "version_of",
    # gates
    "Checked",
    "Gate",
    "parse_gate",
    "worst",
    # the whole of it
    "Asked",
    "Comparison",
    "Row",
    "compare",
    "page_of",
    "print_comparison",
    "to_json",
]
