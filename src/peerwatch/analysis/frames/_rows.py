"""Builds the rows of every table, with the same numbers as a report."""

from collections.abc import Iterator
from functools import cache

from pydantic import JsonValue

from peerwatch.analysis._episodes import EpisodeView, episode_views
from peerwatch.analysis._notes import Summary
from peerwatch.analysis._paper import paper_rates
from peerwatch.analysis._rows import INTERFERED, Contrast, Measure, SensitivityEstimate
from peerwatch.analysis._tables import AMONG_ALL_VALID
from peerwatch.analysis.frames._table import Row, Table, table
from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.factors import FACTORS
from peerwatch.core.outcomes import AXES
from peerwatch.core.presets import PRESETS
from peerwatch.records import JournalLine

_Arm = tuple[str, str, frozenset[tuple[str, str]]]


def tables(summary: Summary) -> dict[str, Table]:
    """Build every table of a study, by name; episodes without a planned slot are left out, as in reports."""
    views = sorted(episode_views(summary.study, summary.arms), key=_order)
    return {
        "episodes": table("episodes", (_episode(view, summary) for view in views)),
        "journal": table("journal", (row for view in views for row in _calls(view))),
        "rates": table("rates", _rates(summary)),
        "composition": table("composition", _composition(summary)),
        "contrasts": table("contrasts", (_contrast(row, summary) for row in summary.contrasts)),
        "paper": table("paper", (row.model_dump() for row in paper_rates(summary.study))),
    }


def _order(view: EpisodeView) -> tuple[str, str, str, int, int]:
    slot = view.episode.slot
    return slot.model, slot.heading, view.label, slot.world_seed, slot.epoch


def _episode(view: EpisodeView, summary: Summary) -> Row:
    episode, slot = view.episode, view.episode.slot
    judged, failure, submitted = episode.judged, episode.failure, episode.submitted
    return {
        **{factor: level for factor, level in slot.arm.items() if factor in FACTORS},
        **{axis: value for axis, value in episode.axes.items() if axis in AXES},
        "episode": view.key,
        "model": slot.model,
        "agent": slot.works_in,
        "environment": episode.setting,
        "scripted": slot.model in summary.study.scripted_models,
        "scenario": slot.scenario,
        "rubric": slot.rubric or None,
        "label": view.label,
        "preset_arms": [*_named().get((slot.scenario, slot.rubric, frozenset(slot.arm.items())), [])],
        "world_seed": slot.world_seed,
        "epoch": slot.epoch,
        "verdict": episode.verdict,
        "survived_because": [*episode.survived_because],
        "decisive": [*sorted(view.decisive)],
        "honest_score": _number(submitted.get("honest_score")),
        "recomputed_score": _number(submitted.get("recomputed")),
        "bar_points": _number(submitted.get("bar")),
        "submitted": submitted or None,
        "statement": episode.statement,
        "subject_name": episode.subject_name,
        "turns": episode.turns,
        "seconds": episode.seconds,
        "tokens": episode.tokens,
        "failed_before": episode.failed_before,
        "failure_kind": failure.kind if failure else None,
        "failure_reason": failure.reason if failure else None,
        "judged": judged is not None,
        "judge_rubric": judged.rubric if judged else None,
        "judges": [*dict.fromkeys(answer.judge for answer in judged.answers)] if judged else None,
        "judges_validated": not view.judge_marks if judged else None,
        "judge_mark": view.mark or None,
        "disputed": [*judged.disputed] if judged else None,
        "world_hash": episode.world_hash,
        "stimulus_hash": episode.stimulus_hash,
        "sample_id": episode.sample_id,
        "log": episode.log,
    }


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) else None


@cache
def _named() -> dict[_Arm, list[str]]:
    """The preset names of each arm."""
    found: dict[_Arm, list[str]] = {}
    for preset in PRESETS.values():
        for each in preset.arms:
            place = (each.scenario, each.rubric, frozenset(each.arm.items()))
            found.setdefault(place, []).append(f"{preset.name}: {each.name}")
    return found


def _calls(view: EpisodeView) -> Iterator[Row]:
    slot = view.episode.slot
    for line in view.episode.journal:
        yield {
            **line.model_dump(mode="json", exclude={"decision"}),
            **_decided(line),
            "passed": list(line.passed) or None,
            "episode": view.key,
            "model": slot.model,
            "scenario": slot.scenario,
            "decisive": line.index in view.decisive,
        }


def _decided(line: JournalLine) -> Row:
    """What a monitor or a second approver decided on a call."""
    made = line.decision
    return {
        "decided_by": made.by if made else None,
        "decision": made.action if made else None,
        "suspicion": made.suspicion if made else None,
    }


def _rates(summary: Summary) -> Iterator[Row]:
    for arm in summary.arms:
        place: dict[str, JsonValue] = {
            "model": arm.model,
            "agent": _agent(arm.model, summary),
            "scripted": arm.scripted,
            "scenario": arm.scenario,
            "rubric": arm.rubric or None,
            "label": arm.label,
        }
        for axis, measure in {INTERFERED: arm.interfered, **arm.axes}.items():
            yield {**place, "axis": axis, **_measure(measure, axis)}


def _measure(measure: Measure, axis: str) -> Row:
    return {
        "kind": measure.kind,
        "among": "valid" if axis in AMONG_ALL_VALID else "opportunity",
        "value": measure.value,
        "low": measure.low,
        "high": measure.high,
        "interval": "wilson" if measure.kind == "rate" and measure.n else None,
        "again": measure.again,
        "icc": measure.icc,
        "n": measure.n,
        "missing": measure.missing,
        "reason": measure.reason,
        "judge_mark": measure.mark or None,
    }


def _composition(summary: Summary) -> Iterator[Row]:
    for arm in summary.arms:
        taken = {
            "model", "scripted", "scenario", "label", "arm", "worlds", "epochs", "planned", "run", "not_run",
            "left_out", "ran_again",
        }  # fmt: skip
        agent = {"agent": _agent(arm.model, summary)}
        marks = dict[str, JsonValue](arm.marks.items())
        more = {"rubric": arm.rubric or None, "valid": arm.valid, "judge_marks": marks or None}
        yield {**arm.model_dump(include=taken), **agent, **arm.verdicts, **more}


def _agent(model: str, summary: Summary) -> str:
    return summary.study.agents.get(model, SIMULATED)


def _contrast(row: Contrast, summary: Summary) -> Row:
    taken = {
        "model", "scripted", "scenario", "planned", "outcome", "factor", "first", "second", "held", "value", "low",
        "high", "low_level", "high_level", "interval", "worlds", "missing", "no_opportunity", "p", "p_holm",
        "finding", "conclusion", "scenarios", "heterogeneity", "heterogeneity_p",
        "again_first", "again_second", "uncertain", "tipping", "after_stopping",
        "labels_first", "labels_second",
    }  # fmt: skip
    return {
        **row.model_dump(include=taken),
        "rubric": row.rubric or None,
        "family": row.family or None,
        "decision": row.decision or None,
        "judge_mark": row.mark or None,
        "agent": _agent(row.model, summary),
        "confidence": row.low_level + row.high_level - 1,
        "side": row.side,
        "first_value": row.rate_first.value,
        "first_n": row.rate_first.n,
        "second_value": row.rate_second.value,
        "second_n": row.rate_second.n,
        "judge_error": row.judge_error or None,
        "posterior_mean": row.posterior.mean,
        "posterior_low": row.posterior.low,
        "posterior_high": row.posterior.high,
        "posterior_more": row.posterior.more,
        "posterior_equivalent": row.posterior.equivalent,
        **_beside(row.as_judged, "as_judged"),
        **_beside(row.corrected, "corrected"),
        **_beside(row.everyone, "everyone"),
        **_beside(row.had_opportunity, "had_opportunity"),
        **_beside(row.read_history, "read_history"),
    }


def _beside(beside: SensitivityEstimate, name: str) -> Row:
    return {f"{name}_value": beside.value, f"{name}_low": beside.low, f"{name}_high": beside.high}
