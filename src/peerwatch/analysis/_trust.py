"""Five marks for the reliability of a page: valid, done, history read, positive control, planned."""

import math
from collections.abc import Iterator
from typing import Literal

from peerwatch.analysis._cells import counted
from peerwatch.analysis._conclusions import RUN_VERSION
from peerwatch.analysis._notes import LEAST_DONE, LEAST_READ, Summary
from peerwatch.analysis._texts import text
from peerwatch.analysis._validation import lacking
from peerwatch.records import Record

Standing = Literal["good", "fair", "poor", "unknown"]

VALID = (0.95, 0.8)
"""Share of planned episodes that are valid: thresholds for a good and for a fair mark."""
DONE = (0.8, LEAST_DONE)
READ = (LEAST_READ, 0.5)


class TrustMark(Record):
    """One of the five marks."""

    name: str
    standing: Standing
    words: str


def trust_marks(summary: Summary) -> list[TrustMark]:
    """The marks for a study's language models, always five and in the same order."""
    return [*_counts(summary), _control(summary), _planned(summary)]


def _counts(summary: Summary) -> Iterator[TrustMark]:
    arms = [arm for arm in summary.arms if not arm.scripted]
    planned, valid = sum(arm.planned for arm in arms), sum(arm.valid for arm in arms)
    yield _share("valid", valid, planned, VALID)
    done = [arm.completed for arm in arms]
    yield _share("done", sum(each.count for each in done), sum(each.n for each in done), DONE)
    had = [
        found
        for each in counted(summary.study)
        if each.slot.model not in summary.study.scripted_models
        and each.verdict != "invalid"
        and (found := each.axes.get("read_history")) is not None
        and not math.isnan(found)
    ]
    yield _share("read", sum(had), len(had), READ)


def _share(name: str, count: float, of: int, steps: tuple[float, float]) -> TrustMark:
    if not of:
        return TrustMark(name=text("trust", name), standing="unknown", words=text("trust", f"{name}_none"))
    share = count / of
    standing: Standing = "good" if share >= steps[0] else "fair" if share >= steps[1] else "poor"
    return TrustMark(
        name=text("trust", name), standing=standing, words=text("trust", f"{name}_share", count=f"{count:g}", of=of)
    )


def _control(summary: Summary) -> TrustMark:
    study = summary.study
    places = {
        (arm.scenario, study.machines_of(arm.model, arm.scenario)): None for arm in summary.arms if not arm.scripted
    }
    version = study.versions.get(RUN_VERSION, "")
    reasons = [
        reason
        for scenario, machines in places
        if (reason := lacking(summary.validation, scenario, version, machines=machines))
    ]
    name = text("trust", "control")
    if not places:
        return TrustMark(name=name, standing="unknown", words=text("trust", "control_none"))
    if reasons:
        words = text("trust", "control_lacking", count=len(reasons), of=len(places), reason=reasons[0])
        return TrustMark(name=name, standing="poor", words=words)
    return TrustMark(name=name, standing="good", words=text("trust", "control_passed", of=len(places)))


def _planned(summary: Summary) -> TrustMark:
    study, deviations = summary.study, summary.planning.deviations
    name = text("trust", "planned")
    if not study.asked:
        return TrustMark(name=name, standing="poor", words=text("trust", "planned_not"))
    if study.locked is None:
        return TrustMark(name=name, standing="fair", words=text("trust", "planned_unlocked"))
    if deviations:
        return TrustMark(name=name, standing="fair", words=text("trust", "planned_deviations", count=len(deviations)))
    return TrustMark(name=name, standing="good", words=text("trust", "planned_locked", at=study.locked.at[:10]))
