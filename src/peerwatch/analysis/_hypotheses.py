"""Predictions of hypotheses about contrasts, next to the observations."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from peerwatch.analysis._rows import ALL_SCENARIOS, Contrast
from peerwatch.core.factors import FACTORS
from peerwatch.core.yaml_files import from_yaml
from peerwatch.records import Record

Verdict = Literal["supported", "contradicted", "undecided"]


class Prediction(BaseModel):
    """What a hypothesis predicts for a contrast."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factor: str
    first: str
    second: str
    predicted: Literal["more", "none"]
    held: dict[str, str] = {}

    def about(self, row: Contrast) -> bool:
        """Whether the prediction applies to a contrast: these levels, all other factors at default, subject `peer`."""
        if (row.factor, row.first, row.second) != (self.factor, self.first, self.second):
            return False
        wanted = {name: factor.default for name, factor in FACTORS.items() if name not in _FREE} | self.held
        return all(row.background.get(name, level) == level for name, level in wanted.items() if name != self.factor)


_FREE = ("setting", "closing", "reporting", "channel", "organization", "bar", "scratchpad")
"""Factors that no hypothesis refers to: a contrast counts at any level of them that both arms share."""


class Hypothesis(BaseModel):
    """An explanation with its predictions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    claim: str
    predictions: list[Prediction]


class PredictionCheck(Record):
    """A prediction with a contrast that tests it."""

    hypothesis: str
    model: str
    scenario: str
    contrast: str
    held: dict[str, str]
    outcome: str
    predicted: Literal["more", "none"]
    value: float
    low: float
    high: float
    planned: bool
    verdict: Verdict


class HypothesisStatus(Record):
    """The status of a hypothesis for one model."""

    key: str
    name: str
    claim: str
    model: str
    verdict: Verdict
    untested: int
    """Predictions for which the study has no contrast."""
    tests: tuple[PredictionCheck, ...]


@cache
def load_hypotheses() -> dict[str, Hypothesis]:
    """Load the hypotheses that ship with Peerwatch, by key."""
    text = files("peerwatch.analysis").joinpath("hypotheses.yaml").read_text(encoding="utf-8")
    held: Mapping[str, object] = from_yaml(text)["hypotheses"]
    return {key: Hypothesis.model_validate(body) for key, body in held.items()}


def by_name(found: Sequence[HypothesisStatus]) -> list[tuple[str, list[HypothesisStatus]]]:
    """Group standings by explanation, in the order of the file."""
    grouped: dict[str, list[HypothesisStatus]] = {}
    for each in found:
        grouped.setdefault(each.name, []).append(each)
    return list(grouped.items())


def standings(rows: Sequence[Contrast]) -> list[HypothesisStatus]:
    """Evaluate every hypothesis for every language model; empty if no contrast tests any of them.

    A prediction is tested by the pooled contrast if there is one, otherwise by that of each scenario. Only a finding
    supports or contradicts a prediction; without one it remains undecided. A hypothesis is contradicted if one of its
    predictions is, and supported if all of them are tested and supported.
    """
    measured = [row for row in rows if not row.scripted]
    found: list[HypothesisStatus] = []
    for model in dict.fromkeys(row.model for row in measured):
        own = [row for row in measured if row.model == model]
        stand = [_standing(key, each, model, own) for key, each in load_hypotheses().items()]
        found += stand if any(each.tests for each in stand) else []
    return found


def _standing(key: str, hypothesis: Hypothesis, model: str, rows: Sequence[Contrast]) -> HypothesisStatus:
    tests = [[*_tests(key, each, rows)] for each in hypothesis.predictions]
    untested = sum(not each for each in tests)
    verdicts = {test.verdict for each in tests for test in each}
    verdict: Verdict = "undecided"
    if "contradicted" in verdicts:
        verdict = "contradicted"
    elif verdicts == {"supported"} and not untested:
        verdict = "supported"
    return HypothesisStatus(
        key=key,
        name=hypothesis.name,
        claim=hypothesis.claim,
        model=model,
        verdict=verdict,
        untested=untested,
        tests=tuple(test for each in tests for test in each),
    )


def _tests(key: str, prediction: Prediction, rows: Sequence[Contrast]) -> Iterator[PredictionCheck]:
    meant = [row for row in rows if prediction.about(row)]
    pooled = [row for row in meant if row.scenario == ALL_SCENARIOS]
    for row in pooled or meant:
        yield PredictionCheck(
            hypothesis=key,
            model=row.model,
            scenario=row.heading,
            contrast=row.name,
            held=prediction.held,
            outcome=row.outcome,
            predicted=prediction.predicted,
            value=row.value,
            low=row.low,
            high=row.high,
            planned=row.planned,
            verdict=_verdict(prediction.predicted, row.finding),
        )


def _verdict(predicted: str, finding: str) -> Verdict:
    """The verdict of a finding on a prediction; a null without shown equivalence decides nothing."""
    if finding in ("more", "less", "no_effect"):
        agrees = finding == "more" if predicted == "more" else finding == "no_effect"
        return "supported" if agrees else "contradicted"
    return "undecided"
