"""Sentences shared by several outputs, read from `texts.toml`, and the formatting of numbers."""

import math
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import resources

from peerwatch.analysis._rows import Contrast, Measure, SensitivityEstimate
from peerwatch.records import DAGGER

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


@cache
def section(name: str) -> dict[str, str]:
    """Return one section of the texts, in the order of the file."""
    source = resources.files(__package__ or "peerwatch.analysis").joinpath("texts.toml").read_text("utf-8")
    texts: dict[str, dict[str, str]] = tomllib.loads(source)
    return texts[name]


def text(name: str, key: str, **values: object) -> str:
    """Fill in one sentence of a section."""
    return section(name)[key].format(**values)


def percent(share: float) -> str:
    """Format a share as a percentage; `n/a` if not measured."""
    return "n/a" if math.isnan(share) else f"{_whole(100 * share)}%"


def level(share: float) -> str:
    """Format a chosen level, rather than a measured share, as a percentage with all its digits."""
    return f"{100 * share:.6g}%"


def p_value(p: float) -> str:
    """Format a p-value; `n/a` if nothing was tested."""
    if math.isnan(p):
        return "n/a"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def points(difference: float) -> str:
    """Format a difference in percentage points or score points, always with a sign."""
    if math.isnan(difference):
        return "n/a"
    sign = MINUS if difference < 0 else "+" if difference > 0 else ""
    return f"{sign}{_whole(abs(100 * difference))}"


def amount(value: float) -> str:
    """Format a score or an inflation in points, with one decimal."""
    return "n/a" if math.isnan(value) else f"{value:.1f}".replace("-", MINUS)


def interval(measure: Measure) -> str:
    """Format the limits of a rate; empty if there are none."""
    if math.isnan(measure.low):
        return ""
    return f"{_whole(100 * measure.low)}{DASH}{_whole(100 * measure.high)}%"


def size(measure: Measure) -> str:
    """Format a rate as a percentage, or a mean amount in points, with the mark of its judges."""
    return (amount(measure.value) if measure.kind == "mean" else percent(measure.value)) + dagger(measure.mark)


def dagger(mark: str) -> str:
    """The symbol of a mark; empty without one."""
    return DAGGER if mark else ""


def deciding(contrast: Contrast) -> str:
    """Describe how a planned contrast was decided, if it was; empty for an exploratory one."""
    if not contrast.planned:
        return ""
    pooled = ""
    if contrast.scenarios > 1:
        spread = {"share": percent(contrast.heterogeneity), "p": p_value(contrast.heterogeneity_p)}
        pooled = text("deciding", "pooled", count=contrast.scenarios, **spread)
    if contrast.rule == "anytime":
        decision = contrast.decision or "open"
        words = {"decision": text("decision", decision), "after": contrast.decided_after, "read": contrast.read}
        return text("deciding", "open" if decision == "open" else "anytime", **words) + pooled
    if math.isnan(contrast.p):
        return text("deciding", "untested", count=contrast.tested)
    key = "fixed" if contrast.tested == 1 else "family"
    words = {"test": contrast.test, "p": p_value(contrast.p), "holm": p_value(contrast.p_holm)}
    if contrast.side == "more":
        words["p"] = text("deciding", "one_sided", p=words["p"])
    least = f"{contrast.alpha / contrast.tested:.3g}"
    reach = "" if contrast.reachable else text("deciding", "unreachable", level=least)
    return text("deciding", key, count=contrast.tested, **words) + reach + pooled


def limits(contrast: Contrast) -> str:
    """Format the limits of a difference in points; empty if there are none."""
    return "" if math.isnan(contrast.low) else f"{points(contrast.low)} to {points(contrast.high)}"


def level_of_limits(contrast: Contrast) -> str:
    """Describe the level of a difference's limits: for a planned contrast, the level at which it was decided."""
    if math.isnan(contrast.low):
        return ""
    if contrast.planned and contrast.side == "more":
        words = text("limits", "more", low=_short(contrast.low_level), high=_short(contrast.high_level))
    else:
        words = _short(contrast.low_level + contrast.high_level - 1)
    if contrast.tested > 1:
        return text("limits", "family", limits=words, level=level(1 - contrast.alpha), count=contrast.tested)
    return words


def robustness(contrast: Contrast) -> list[str]:
    """Describe the difference when other episodes count, and how sensitive it is to missing ones."""
    if contrast.finding == "not_measured":
        return []
    again = {contrast.first: contrast.again_first, contrast.second: contrast.again_second}
    limits = contrast.low, contrast.high
    lines = robustness_words(limits, contrast.everyone, contrast.had_opportunity, again, contrast.robustness)
    if contrast.read_history.worlds:
        among = contrast.read_history
        lines.append(
            text("robustness", "read_history", value=points(among.value), worlds=among.worlds, **_limits(among))
        )
    return [*_judge_error(contrast), *_after_stopping(contrast), *lines]


def _judge_error(contrast: Contrast) -> list[str]:
    """Describe how well a judge's errors are measured, if a judge decides the outcome."""
    if not contrast.judge_error:
        return []
    both = {"first": contrast.labels_first, "second": contrast.labels_second}
    if contrast.judge_error == "unknown":
        return [text("robustness", "judge_unknown", **both)]
    beside = contrast.as_judged if contrast.judge_error == "measured" else contrast.corrected
    key = f"judge_{contrast.judge_error}"
    lines = [text("robustness", key, value=points(beside.value), **_limits(beside), **both)]
    if contrast.judge_error == "beside" and not _supported(contrast):
        lines.append(text("robustness", "judge_unsupported", decision=text("decision", contrast.decision)))
    return lines


def _supported(contrast: Contrast) -> bool:
    """Whether the finding of the stopping rule holds after correction for the judge's errors."""
    low, high = contrast.corrected.low, contrast.corrected.high
    return not ((contrast.decision == "more" and low <= 0) or (contrast.decision == "less" and high >= 0))


def _after_stopping(contrast: Contrast) -> list[str]:
    """Describe the estimate after stopping, or state that there is none although stopping depended on the data."""
    if not contrast.planned or contrast.rule == "fixed" or contrast.decision in ("open", ""):
        return []
    if math.isnan(contrast.after_stopping):
        return [text("robustness", "biased")]
    words = {"value": points(contrast.after_stopping), "naive": points(contrast.naive)}
    return [text("robustness", "after_stopping", worlds=contrast.decided_after, **words)]


def robustness_words(
    limits: tuple[float, float],
    everyone: SensitivityEstimate,
    had: SensitivityEstimate,
    again: Mapping[str, int],
    tipping: str,
) -> list[str]:
    """The same for given limits, alternative differences, repeated episodes by side, and a sentence on missing ones."""
    lines = [text("robustness", "everyone", value=points(everyone.value), **_limits(everyone))]
    if had.low < limits[0] - 1e-9 or had.high > limits[1] + 1e-9:
        lines.append(text("robustness", "had_opportunity", **_limits(had)))
    if any(again.values()):
        where = ", ".join(f"{count} in {side}" for side, count in again.items() if count)
        lines.append(text("robustness", "again", where=where))
    return [*lines, *filter(None, [tipping])]


def _limits(beside: SensitivityEstimate) -> dict[str, str]:
    return {"low": points(beside.low), "high": points(beside.high)}


def _short(share: float) -> str:
    return f"{100 * share:.4g}%"


def kind_of_interval(contrast: Contrast) -> str:
    """Describe the method behind the limits of a difference."""
    return text_of_interval(contrast.interval)


def text_of_interval(kind: str) -> str:
    """Describe the method behind limits, given its name in a contrast."""
    return text("interval", kind)


def because(measure: Measure) -> str:
    """Explain why a measure is `nan`; empty if it is not."""
    return "" if measure.reason is None else text("reason", measure.reason)


def levels(arm: dict[str, str]) -> str:
    """Format the levels of some factors in one line."""
    return " · ".join(f"{factor}: {level}" for factor, level in arm.items())


def moment(time: str) -> str:
    """Format a time to the minute in UTC; text that is not a time is returned unchanged."""
    try:
        return f"{datetime.fromisoformat(time).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return time


def _whole(number: float) -> str:
    # A limit close to zero decides the conclusion, so it must not be rounded to zero.
    return f"{number:.1f}" if 0 < abs(number) < 0.5 else f"{number:.0f}"
