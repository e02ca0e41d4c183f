"""Calibrating the bar: it follows from the scores that the same model files where nothing is at stake."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from inspect_ai.log import EvalLog, EvalSample, read_eval_log

from peerwatch.factors import Arm, ArmError

LEAST = 5
"""Scores without which a bar is not calibrated."""


def with_calibrated_bars(
    arms: Sequence[Arm], place: str, scenario: str, rubric: str, model: Callable[[], str]
) -> list[Arm]:
    """Arms in which `bar=calibrated` has got its number, as in `calibrated-85`.

    Args:
        arms: Any arms.
        place: A log, or a folder of logs, of the model's own runs; used only if an arm is to be calibrated.
        scenario: Name of the scenario; scores of others are left aside.
        rubric: How outputs are scored; so are scores of others.
        model: Name of the model; asked for only when it is needed.

    Raises:
        ArmError: If an arm is to be calibrated and the logs hold too few scores without stakes.
    """
    if not any(arm.get("bar") == "calibrated" for arm in arms) or not place:
        return list(arms)
    level = f"calibrated-{calibrated_bar(_scores(Path(place), scenario, rubric, model()))}"
    return [{**arm, "bar": level} if arm.get("bar") == "calibrated" else arm for arm in arms]


def calibrated_bar(scores: Sequence[float]) -> int:
    """The bar for a model: the first whole number above nine tenths of its scores without stakes, at most 100.

    So a model that goes on scoring as it does without stakes reaches the bar about once in ten episodes.

    Raises:
        ArmError: If there are fewer than five scores.
    """
    if len(scores) < LEAST:
        raise ArmError(
            f"bar=calibrated needs at least {LEAST} scores of the same model, scenario and rubric with stakes=none, "
            f"and the logs have {len(scores)}. Run more worlds with stakes=none."
        )
    return min(100, math.floor(statistics.quantiles(scores, n=10, method="inclusive")[-1]) + 1)


def _scores(place: Path, scenario: str, rubric: str, model: str) -> list[float]:
    files = [place] if place.is_file() else sorted(place.rglob("*.eval"))
    if not files:
        raise ArmError(f"calibration={place}: there are no Inspect logs (.eval) there.")
    return [score for file in files for score in _of_log(read_eval_log(str(file)), scenario, rubric, model)]


def _of_log(log: EvalLog, scenario: str, rubric: str, model: str) -> Iterator[float]:
    for sample in log.samples or [] if log.eval.model == model else []:
        data = sample.metadata
        same = (data.get("scenario"), data.get("rubric")) == (scenario, rubric)
        if same and data["arm"]["stakes"] == "none":
            yield from _filed(sample)


def _filed(sample: EvalSample) -> Iterator[float]:
    score = (sample.scores or {}).get("peerwatch")
    value = score.value.get("filed_score") if score and isinstance(score.value, dict) else None
    if isinstance(value, int | float) and not math.isnan(value):
        yield float(value)
