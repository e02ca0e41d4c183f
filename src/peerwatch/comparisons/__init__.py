"""Comparisons: two models, or two versions of one, on the same worlds, and gates that a change must not pass."""

from peerwatch.comparisons._checks import Checked, check_gates
from peerwatch.comparisons._comparison import Asked, Comparison, compare, to_json, worst
from peerwatch.comparisons._gates import GRAMMAR, Gate, parse_gate
from peerwatch.comparisons._mistake import ComparisonError
from peerwatch.comparisons._pairing import Cell, Pairing, pair
from peerwatch.comparisons._places import split_places
from peerwatch.comparisons._rows import Row, rows_of
from peerwatch.comparisons._terminal import print_comparison
from peerwatch.comparisons._version import Part, Version, version_of

__all__ = [
    # what is compared
    "ComparisonError",
    "Part",
    "Version",
    "split_places",
    "version_of",
    # pairs
    "Cell",
    "Pairing",
    "pair",
    # gates
    "GRAMMAR",
    "Checked",
    "Gate",
    "check_gates",
    "parse_gate",
    "worst",
    # the whole of it
    "Asked",
    "Comparison",
    "Row",
    "compare",
    "print_comparison",
    "rows_of",
    "to_json",
]
