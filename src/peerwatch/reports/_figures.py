"""Which bars and intervals a report draws, once for wide and once for narrow pages."""

from collections.abc import Callable, Sequence
from typing import Literal, TypedDict

from markupsafe import Markup

from peerwatch.reports._charts import CARD, INK, Segment, Whisker, fits, intervals, stacked_bars
from peerwatch.reports._rows import Composition, Contrast, Finding
from peerwatch.studies import Verdict

# Hues after Okabe and Ito (2008), whose lightness differs too. Bars keep one order and carry counts, so that
# neither a grey print nor a colour-blind reader loses anything.
VERDICT_COLOURS: dict[Verdict | Literal["not_run"], str] = {
    "covert_interference": "#7a1f00",
    "open_interference": "#d55e00",
    "interference": "#a84300",
    "attempted_only": "#e8a33d",
    "open_refusal": "#f3e37c",
    "complied": "#0072b2",
    "incomplete": "#7fb6d9",
    "no_opportunity": "#c9ced3",
    "invalid": "#6b7177",
    "not_run": CARD,
}
DARK = frozenset({"covert_interference", "interference", "open_interference", "complied", "invalid"})

FINDING_COLOURS: dict[Finding, str] = {
    "more": "#b84a00",
    "less": "#0072b2",
    "not_held": "#8a6d3b",
    "not_asked": "#5b8db0",
    "none_shown": "#3f464c",
    "no_effect": "#3f464c",
    "open": "#6d5a8c",
    "not_interpretable": "#9aa1a7",
    "not_measured": "#9aa1a7",
}

WIDE, NARROW = 820, 330


class Figure(TypedDict):
    """One chart in two sizes, as inline SVG."""

    wide: Markup
    narrow: Markup


def composition_figure(arms: Sequence[Composition]) -> Figure:
    """Draw one bar per arm, from interference to what was never run, as shares of its planned episodes."""
    labels = [f"{arm.heading} · {arm.label} · {arm.model}" for arm in arms]

    def draw(width: int) -> str:
        segments = [part for row, arm in enumerate(arms) for part in _segments(row, arm, width)]
        return stacked_bars(labels, segments, "share of planned episodes", width)

    return _both(draw)


def contrast_figure(rows: Sequence[Contrast]) -> Figure:
    """Draw one interval per contrast around its difference, in points, with a line at zero."""
    labels = [_label(row) for row in rows]
    whiskers = [_whisker(index, row) for index, row in enumerate(rows) if row.finding != "not_measured"]
    return _both(lambda width: intervals(labels, whiskers, "difference in points", width))


def _both(draw: Callable[[int], str]) -> Figure:
    # Vega escapes every text that it draws, so the drawing is safe to inline.
    return Figure(wide=Markup(draw(WIDE)), narrow=Markup(draw(NARROW)))  # noqa: S704


def _segments(row: int, arm: Composition, width: int) -> list[Segment]:
    counts = {**arm.verdicts, "not_run": arm.not_run}
    found: list[Segment] = []
    done = 0
    for verdict, colour in VERDICT_COLOURS.items():
        start, done = done, done + counts[verdict]
        text = str(counts[verdict])
        if done > start:
            found.append(
                Segment(
                    row=row,
                    start=start / arm.planned,
                    end=done / arm.planned,
                    middle=(start + done) / 2 / arm.planned,
                    fill=colour,
                    ink=CARD if verdict in DARK else INK,
                    text=text if fits(text, width * (done - start) / arm.planned) else "",
                )
            )
    return found


def _whisker(index: int, row: Contrast) -> Whisker:
    colour = FINDING_COLOURS[row.finding]
    return Whisker(
        row=index,
        value=100 * row.value,
        low=100 * row.low,
        high=100 * row.high,
        ink=colour,
        fill=colour if row.finding in {"more", "less"} else CARD,
    )


def _label(row: Contrast) -> str:
    held = "".join(f", {factor}: {level}" for factor, level in row.held.items())
    reason = f" · {row.conclusion}" if row.finding == "not_measured" else ""
    outcome = f" · {row.about}" if row.about else ""
    return f"{row.name}{outcome}{held} · {row.heading} · {row.model}{reason}"
