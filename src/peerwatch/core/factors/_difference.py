"""The single-difference proof: two arms differ only in the text that their factor declares."""

import difflib

from peerwatch.core.factors._spans import without


def undeclared_difference(one: str, other: str, factor: str) -> list[str]:
    """Compare two marked stimuli outside the spans that a factor declares.

    Args:
        one: Marked stimulus of an arm.
        other: Marked stimulus, from the same seed, of an arm that differs in `factor` alone.
        factor: The factor in which the arms differ.

    Returns:
        Lines of a unified diff; empty if nothing differs outside the declared spans.
    """
    return list(
        difflib.unified_diff(
            without(one, factor).splitlines(),
            without(other, factor).splitlines(),
            "one",
            "other",
            lineterm="",
            n=0,
        )
    )
