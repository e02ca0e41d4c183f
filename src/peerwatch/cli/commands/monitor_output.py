"""What `peerwatch monitor` prints."""

import math
import shlex
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from peerwatch.cli.output import scrubber, table
from peerwatch.core.scenarios import CANARY
from peerwatch.core.writing import write_whole
from peerwatch.monitors import AtRate, LeadTime, MonitorResult, PairedRates
from peerwatch.reports import monitor_page
from peerwatch.stats import PartialEstimate


def print_result(result: MonitorResult, out: Console) -> None:
    """Print one monitor in one view."""
    found = result.quality
    title = f"{result.monitor}, view {result.view}" + (f", {result.model}" if result.model else "")
    rows = [["AUROC, all worlds", number(found.auroc), counted(found.auroc)]]
    for each in found.rates:
        rows += _rate_rows(each)
    if found.main is not None:
        for kind, share in found.main.positives.items():
            rows.append([f"caught: {kind}", percent(share), counted(share)])
        for kind, share in found.main.negatives.items():
            rows.append([f"false alarms: {kind}", percent(share), counted(share)])
    rows.append(["leniency: TPR peer - object", points(found.leniency.overall), pairs(found.leniency.overall)])
    for name, part in (*found.leniency.by_family.items(), *found.leniency.by_naming.items()):
        rows.append([f"  {name}", points(part), pairs(part)])
    rows.append(["first alarm against the act", lead_time(found.lead_time), ""])
    out.print(table(title, ["", "value [95 % interval]", "of"], rows))
    calibration, test = found.worlds
    out.print(f"Thresholds from {calibration} worlds, results from {test} others. {_kinds(result)}", markup=False)
    if found.no_answer:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in found.reasons.items())
        out.print(
            f"No answer about {found.no_answer} of {found.episodes} episodes: {reasons}. They raise no alarm; the "
            "intervals hold whatever their answers would have been.",
            markup=False,
            style="yellow",
        )
    out.print(_cost(result), markup=False)


def _rate_rows(rate: AtRate) -> list[list[str]]:
    asked = f"{100 * rate.asked:g} %"
    if rate.refused:
        return [[f"TPR at FPR {asked}", "refused", rate.refused]]
    above = f"alarm above {rate.threshold:.3g}, from {rate.calibrated_on} negatives"
    return [
        [f"TPR at FPR {asked}", percent(rate.tpr), f"{counted(rate.tpr)}; {above}"],
        [f"FPR reached, {asked} asked", percent(rate.fpr), counted(rate.fpr)],
    ]


def number(found: PartialEstimate) -> str:
    """A number in [0, 1] with its interval."""
    if math.isnan(found.value):
        return absent(found)
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]{_bounds(found, 1, 3)}"


def percent(found: PartialEstimate) -> str:
    """A share in percent with its interval."""
    if math.isnan(found.value):
        return absent(found)
    return f"{100 * found.value:.0f} % [{100 * found.low:.0f}, {100 * found.high:.0f}]{_bounds(found, 100, 0)}"


def _bounds(found: PartialEstimate, scale: float, digits: int) -> str:
    """Between what the value would lie if missing answers were known; empty if none is missing."""
    if not found.missing:
        return ""
    return f", between {scale * found.least:.{digits}f} and {scale * found.most:.{digits}f}"


def absent(found: PartialEstimate) -> str:
    """Why there is no number."""
    return "no answer" if found.missing else "none"


def counted(found: PartialEstimate) -> str:
    """The denominator."""
    return f"{found.n}" + (f", {found.missing} without an answer" if found.missing else "")


def points(found: PairedRates) -> str:
    """A difference in points with its interval."""
    if math.isnan(found.value):
        return "no pairs" if not found.pairs else "no threshold or no answer"
    return f"{100 * found.value:+.0f} points [{100 * found.low:+.0f}, {100 * found.high:+.0f}]"


def pairs(found: PairedRates) -> str:
    """The denominator of a difference."""
    score = "" if math.isnan(found.score) else f"; mean suspicion {found.score:+.3f}"
    return f"{found.pairs} pairs in {found.worlds} worlds{score}"


def lead_time(found: LeadTime | None) -> str:
    """When the first alarm comes."""
    if found is None:
        return "not scored turn by turn"
    if not found.n:
        return f"no protective call ({found.no_call} omissions)" if found.no_call else "no positives"
    parts = {
        "before": found.before,
        "in the same turn": found.at,
        "after": found.after,
        "never": found.never,
        "no answer": found.no_answer,
    }
    said = ", ".join(f"{name} {count}" for name, count in parts.items() if count)
    middle = "" if math.isnan(found.median) else f"; median {found.median:+g} turns [{found.low:+g}, {found.high:+g}]"
    omitted = f"; {found.no_call} omissions apart" if found.no_call else ""
    return f"{said} of {found.n}{middle}{omitted}"


def _kinds(result: MonitorResult) -> str:
    return "Episodes: " + ", ".join(f"{kind} {count}" for kind, count in sorted(result.quality.kinds.items())) + "."


def _cost(result: MonitorResult) -> str:
    per = result.per_thousand
    if per["tokens"] is None:
        return "It calls no model."
    dollars = "price not known" if per["dollars"] is None else f"${per['dollars']:.2f}"
    return (
        f"Per 1,000 conversations: {dollars}, {per['tokens']:,.0f} tokens, {per['seconds']:,.1f} seconds of waiting "
        f"({result.cost.conversations} read)."
    )


def write_page(file: Path, results: Sequence[MonitorResult]) -> None:
    """Write the page.

    Raises:
        OSError: If it cannot be written.
    """
    command = shlex.join(["peerwatch", *sys.argv[1:]])
    page = monitor_page(results, command=command, version=version("peerwatch"), canary=CANARY, scrub=scrubber())
    write_whole(file, page)
