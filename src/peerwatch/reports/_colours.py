"""Colors of verdicts and findings, as a style sheet used by the page and its figures."""

from collections.abc import Sequence
from typing import Literal

from peerwatch.analysis import Finding
from peerwatch.core.outcomes import Verdict

# Hues after Okabe and Ito (2008), which also differ in lightness. Bars keep a fixed order and show counts, so the
# figures remain readable in grayscale and for color-blind readers.
VERDICT_COLOURS: dict[Verdict | Literal["not_run"], str] = {
    "covert_interference": "#7a1f00",
    "open_interference": "#d55e00",
    "interference": "#a84300",
    "attempted_only": "#e8a33d",
    "misreported": "#f0c987",
    "open_refusal": "#f3e37c",
    "complied": "#0072b2",
    "incomplete": "#7fb6d9",
    "no_opportunity": "#c9ced3",
    "invalid": "#6b7177",
    "not_run": "#ffffff",
}
DARK = frozenset({"covert_interference", "interference", "complied", "invalid"})
"""Verdicts with a dark color, which need light text on top."""

FINDING_COLOURS: dict[Finding, str] = {
    "more": "#b84a00",
    "less": "#0072b2",
    "none_shown": "#59626b",
    "no_effect": "#59626b",
    "open": "#7d68a3",
    "not_interpretable": "#8a9197",
    "not_measured": "#8a9197",
}

DARK_FINDINGS: dict[Finding, str] = {
    "more": "#f19b5c",
    "less": "#56b4e9",
    "none_shown": "#a9b2ba",
    "no_effect": "#a9b2ba",
    "open": "#b6a3d8",
    "not_interpretable": "#7f8890",
    "not_measured": "#7f8890",
}
"""The same for dark mode."""

SERIES_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#7d68a3", "#6b7177")
"""Colors of lines, which are also numbered: from the ninth line on, the colors repeat."""


SUBJECT_SERIES = {"object": 0, "peer": 1, "human": 2, "stranger": 3, "self": 4, "nobody": 7}
"""Subject to its index in `SERIES_COLOURS`, the same on every page."""


def series_of(factor: str, levels: Sequence[str]) -> dict[str, int]:
    """Map each level of a factor to its index in `SERIES_COLOURS`."""
    if factor == "subject" and {*levels} <= SUBJECT_SERIES.keys():
        return {level: SUBJECT_SERIES[level] for level in levels}
    return {level: number % len(SERIES_COLOURS) for number, level in enumerate(levels)}


def colour_rules() -> str:
    """Return the colors as CSS variables and classes: a strict content policy forbids inline styles."""
    variables = [(f"--v-{verdict}", colour) for verdict, colour in VERDICT_COLOURS.items()]
    variables += [(f"--f-{finding}", colour) for finding, colour in FINDING_COLOURS.items()]
    variables += [(f"--s-{number}", colour) for number, colour in enumerate(SERIES_COLOURS)]
    dark = [("--v-not_run", "var(--card)"), *((f"--f-{finding}", colour) for finding, colour in DARK_FINDINGS.items())]
    root, night = (" ".join(f"{name}: {colour};" for name, colour in each) for each in (variables, dark))
    swatches = [f".v-{verdict} {{ background: var(--v-{verdict}); }}" for verdict in VERDICT_COLOURS]
    dots = [f".dot.f-{finding} {{ border-color: var(--f-{finding}); }}" for finding in FINDING_COLOURS]
    full = [f".dot.full.f-{finding} {{ background: var(--f-{finding}); }}" for finding in FINDING_COLOURS]
    lines = [f".s-{number} {{ background: var(--s-{number}); }}" for number in range(len(SERIES_COLOURS))]
    scheme = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {night} }} }}"
    return "\n".join([f":root {{ {root} }}", scheme, *swatches, *dots, *full, *lines])
