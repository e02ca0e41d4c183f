"""Comparisons of two models, or two versions of one, on the same worlds; and gates for changes that must not occur."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.analysis.comparisons._checks import GateResult
    from peerwatch.analysis.comparisons._comparison import Comparison, ComparisonRequest, compare, to_json, worst
    from peerwatch.analysis.comparisons._error import ComparisonError
    from peerwatch.analysis.comparisons._gates import Gate, parse_gate
    from peerwatch.analysis.comparisons._places import split_places
    from peerwatch.analysis.comparisons._rows import Row
    from peerwatch.analysis.comparisons._texts import text
    from peerwatch.analysis.comparisons._version import Version, VersionSource, parse_levels, version_of
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # Gates
    "GateResult",
    "worst",
    "Gate",
    "parse_gate",
    # The comparison
    "ComparisonRequest",
    "Comparison",
    "compare",
    "to_json",
    "Row",
    # Its inputs
    "ComparisonError",
    "split_places",
    "VersionSource",
    "Version",
    "parse_levels",
    "version_of",
    # Its sentences
    "text",
]
