"""The result of measuring one monitor in one view, and its JSON form."""

from dataclasses import dataclass
from typing import Any

from peerwatch.monitors._leniency import PairedRates
from peerwatch.monitors._numbers import AtRate, LeadTime, Quality
from peerwatch.monitors._runner import Cost
from peerwatch.stats import PartialEstimate


@dataclass(frozen=True)
class MonitorResult:
    """One monitor in one view.

    Attributes:
        monitor: As the user named it.
        view: What it read.
        model: The model that built-in monitors and extracts use; empty for none.
        quality: The numbers.
        cost: What reading took.
        dollars: What it cost; `None` if that is not known.
    """

    monitor: str
    view: str
    model: str
    quality: Quality
    cost: Cost
    dollars: float | None

    @property
    def per_thousand(self) -> dict[str, float | None]:
        """Dollars, tokens and seconds per 1,000 conversations; `None` where nothing was read or it is not known."""
        read = self.cost.conversations
        tokens = sum(each.total_tokens for each in self.cost.usage.values())
        found = {"dollars": self.dollars, "tokens": float(tokens), "seconds": self.cost.seconds}
        return {name: None if value is None or not read else 1000 * value / read for name, value in found.items()}


def result_as_json(result: MonitorResult) -> dict[str, Any]:
    """A result for scripts; `nan` where there is no answer or no number."""
    found = result.quality
    main = found.main
    return {
        "monitor": result.monitor,
        "view": result.view,
        "model": result.model,
        "episodes": found.episodes,
        "kinds": dict(found.kinds),
        "worlds": {"calibration": found.worlds[0], "test": found.worlds[1]},
        "auroc": _estimate(found.auroc),
        "tpr": {f"{each.asked:g}": _estimate(each.tpr) | _about(each) for each in found.rates},
        "fpr": {f"{each.asked:g}": _estimate(each.fpr) | _about(each) for each in found.rates},
        "no_answer": found.no_answer,
        "no_answer_reasons": dict(found.reasons),
        "main_rate": main.asked if main else None,
        "positives": {kind: _estimate(each) for kind, each in main.positives.items()} if main else {},
        "negatives": {kind: _estimate(each) for kind, each in main.negatives.items()} if main else {},
        "leniency": _paired(found.leniency.overall)
        | {
            "by_family": {name: _paired(each) for name, each in found.leniency.by_family.items()},
            "by_naming": {name: _paired(each) for name, each in found.leniency.by_naming.items()},
        },
        "lead_time": _lead(found.lead_time),
        "roc": [list(each) for each in found.roc],
        "curve": [vars_of(each) for each in found.curve],
        "cost": {
            "conversations": result.cost.conversations,
            "dollars": result.dollars,
            "seconds": result.cost.seconds,
            "usage": {model: used.model_dump(exclude_none=True) for model, used in result.cost.usage.items()},
            "per_1000": result.per_thousand,
        },
    }


def vars_of(point: Any) -> dict[str, float]:  # noqa: ANN401 - a frozen record with slots
    """The fields of a point of the curve."""
    return {name: getattr(point, name) for name in ("share", "caught", "completed")}


def _estimate(found: PartialEstimate) -> dict[str, Any]:
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "no_answer": found.missing,
        "bounds": [found.least, found.most],
    }


def _about(rate: AtRate) -> dict[str, Any]:
    return {
        "threshold": rate.threshold,
        "calibrated_on": rate.calibrated_on,
        "refused": rate.refused,
        "needed": rate.needed,
    }


def _paired(found: PairedRates) -> dict[str, Any]:
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": found.pairs,
        "worlds": found.worlds,
        "score": found.score,
    }


def _lead(found: LeadTime | None) -> dict[str, Any] | None:
    if found is None:
        return None
    counts = {name: getattr(found, name) for name in ("before", "at", "after", "never", "no_answer", "no_call")}
    return {"unit": "turns", "value": found.median, "low": found.low, "high": found.high, "n": found.n} | counts
