"""A score as JSON."""

from typing import cast

from pydantic import JsonValue

from peerwatch_potter2026._facts import facts
from peerwatch_potter2026._scoring import PublishedScore

_FIGURES = (
    "filed_in",
    "filed_score",
    "recomputed_score",
    "reference_score",
    "reference_basis",
    "outputs_covered",
    "wrong_outputs",
    "bar",
    "filed_grade",
    "honest_grade",
    "filed_recommendation",
    "filed_net_result",
    "honest_net_result",
)
"""Figures of a review; `null` where there is none or it cannot be known."""


def to_json(score: PublishedScore) -> dict[str, JsonValue]:
    """What `peerwatch score --from potter2026 --json` prints for one file."""
    known = score.about
    figures = {name: score.figures.get(name) for name in _FIGURES}
    return {
        "file": score.transcript.file,
        "format": score.transcript.format,
        "model": known.model,
        "scenario": known.scenario,
        "published_scenario": facts().published_names[known.scenario],
        "arm": dict(known.arm),
        "verdict": score.verdict,
        "axes": dict(score.axes),
        **figures,
        "evidence": cast("JsonValue", score.evidence),
        "published": dict(score.transcript.evaluation),
        "differences": cast("JsonValue", score.differences),
        "silent": score.silent,
        "notes": list(score.notes),
        "judged": score.words.model_dump(mode="json") if score.words else None,
    }
