"""The tables of a report as plain data."""

import math
from collections.abc import Sequence
from typing import cast

from pydantic import JsonValue

from peerwatch.analysis import (
    answers,
    beside_published,
    judge_as_json,
    ladder,
    mitigations,
    paper_rates,
    real_names,
    standings,
    summarise,
    trust_marks,
)
from peerwatch.records import Record, Study, Validation
from peerwatch.reports._descriptions import targets
from peerwatch.reports._noticed import noticed


def to_json(
    study: Study,
    validation: Validation | None = None,
    *,
    confidence: float | None = None,
) -> dict[str, JsonValue]:
    """Return the report's tables, ready for `json.dumps(..., allow_nan=False)`.

    Args:
        study: The plan and its results.
        validation: Expected and observed results of the scripted agents; `None` if they were not run.
        confidence: Two-sided level of the intervals; `None` for 1 - `alpha` of the study.

    Returns:
        Keys `title`, `started`, `finished`, `versions`, `agents` (model to agent, where that is not the simulated one),
        `scripted_models`, `confidence`, `notes`; of the making of the study `hash`, `rule`, `locked` (with `runs`;
        `None` if it was not locked), `deviations`, `left_out`, `skipped`, `spent` and `episodes`; `composition` and
        `contrasts`, whose `mark` and `marks` say what rests on which kind of judge;
        `mitigations` (each level of that factor with what it prevents, what is left, completed work and cost);
        `noticed` (alarms of the built-in rules by model and kind of run);
        `hypotheses` (what each predicts of contrasts, what was observed, and `verdict`);
        `ladder` (each step of `presence` for the peer, for the object, and the difference of the two);
        `published` (rates that were reported, beside those of the same arms); `paper` (the published study's tables for
        these models); `answers` (the contrasts that lead the page, as sentences); `trust` (its five marks); `targets`
        (who the models are, with their settings); `judges` (each with `validated`, `audit` and `mark`);
        `shards` (`None` for a run without any; `count`, `gaps` with the missing episodes of each world, and `twice`);
        `validation` (its rows, `None` where the scripted agents were not run) and `validated_version`.
        Rates and differences are shares, not percentages, and differences of amounts are in hundreds of points; `nan`
        is `None`.
    """
    summary = summarise(study, validation, confidence)
    return {
        "title": study.title,
        "started": study.started,
        "finished": study.finished,
        "versions": dict(study.versions),
        "agents": dict(study.agents),
        "scripted_models": list[JsonValue](sorted(study.scripted_models)),
        "confidence": summary.confidence,
        "notes": _listed(summary.notes),
        **plain(summary.planning),
        "composition": _listed(summary.arms),
        "contrasts": _listed(summary.contrasts),
        "mitigations": _listed(mitigations(study, summary.contrasts, summary.confidence)),
        "noticed": _listed(noticed(summary)),
        "hypotheses": _listed(standings(summary.contrasts)),
        "ladder": _listed(ladder(study, confidence)),
        "published": _listed(beside_published(summary.arms, real_names(study))),
        "paper": _listed(paper_rates(study)),
        "answers": _listed(answers(summary.contrasts)),
        "trust": _listed(trust_marks(summary)),
        "targets": _listed(targets(study, summary.arms)),
        "judges": [judge_as_json(judge) for judge in study.judges],
        "shards": _shards(study),
        "validation": None if validation is None else _listed(validation.rows),
        "validated_version": validation.version if validation else None,
    }


def _shards(study: Study) -> JsonValue:
    """How many shards there are, what is missing of them, and which episodes were run twice."""
    if not study.shards:
        return None
    gaps: list[JsonValue] = []
    for each in study.gaps:
        worlds: dict[str, JsonValue] = {str(seed): count for seed, count in each.worlds.items()}
        gaps.append({**plain(each), "worlds": worlds, "episodes": sum(each.worlds.values())})
    return {"count": study.shards, "gaps": gaps, "twice": [*study.reading.twice]}


def _listed(records: Sequence[Record]) -> list[JsonValue]:
    return [*map(plain, records)]


def plain(record: Record) -> dict[str, JsonValue]:
    """Convert a record to JSON types: `nan` becomes `None`, tuples become lists."""
    return {key: _null(value) for key, value in cast("dict[str, JsonValue]", record.model_dump(mode="python")).items()}


def _null(value: JsonValue) -> JsonValue:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, dict):
        return {key: _null(item) for key, item in value.items()}
    # Tuples of a record become lists in JSON.
    return [_null(item) for item in value] if isinstance(value, list | tuple) else value
