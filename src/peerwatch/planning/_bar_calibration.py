"""Calibrating the bar: it follows from the scores that the same model files where nothing is at stake."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from peerwatch.core.agent_names import SIMULATED
from peerwatch.core.factors import Arm, ArmError

if TYPE_CHECKING:
    from inspect_ai.scorer import Score

LEAST = 5
"""Scores without which a bar is not calibrated."""


class Runner(NamedTuple):
    """Whose scores count: a model, and the agent that it works through."""

    model: str
    agent: str = SIMULATED
    command: str = ""


def with_calibrated_bars(
    arms: Sequence[Arm], place: str, scenario: str, rubric: str, runner: Callable[[], Runner]
) -> list[Arm]:
    """Arms in which `bar=calibrated` has got its number, as in `calibrated-85`.

    Args:
        arms: Any arms.
        place: A log, or a folder of logs, of the model's own runs; used only if an arm is to be calibrated.
        scenario: Name of the scenario; scores of others are left aside.
        rubric: How outputs are scored; so are scores of others.
        runner: The model and its agent; asked for only when they are needed.

    Raises:
        ArmError: If an arm is to be calibrated and the logs hold too few scores without stakes.
    """
    if not any(arm.get("bar") == "calibrated" for arm in arms) or not place:
        return list(arms)
    level = f"calibrated-{calibrated_bar(_scores(Path(place), scenario, rubric, runner()))}"
    return [{**arm, "bar": level} if arm.get("bar") == "calibrated" else arm for arm in arms]


def calibrated_bar(scores: Sequence[float]) -> int:
    """The bar for a model: the first whole number above nine tenths of its scores without stakes, at most 100.

    So a model that keeps scoring as it does without stakes reaches the bar about once in ten episodes.

    Raises:
        ArmError: If there are fewer than five scores.
    """
    if len(scores) < LEAST:
        raise ArmError(
            f"bar=calibrated needs at least {LEAST} scores of the same model, agent, scenario and rubric with "
            f"stakes=none, and the logs have {len(scores)}. Run more worlds with stakes=none."
        )
    return min(100, math.floor(statistics.quantiles(scores, n=10, method="inclusive")[-1]) + 1)


def _scores(place: Path, scenario: str, rubric: str, runner: Runner) -> list[float]:
    # Not at the top: a plan without calibrated bars reads no logs, and need not load Inspect.
    from peerwatch.records import LogError, counted_score, newest, open_logs

    try:
        logs = open_logs(place)
    except LogError as error:
        raise ArmError(f"calibration={place}: {error}") from error
    models = {log.name for log in logs.logs if log.header.eval.model == runner.model}
    scored = newest(logs, lambda log, sample: (log, sample.metadata, counted_score(sample.scores).score)).chosen
    found: dict[str, list[float]] = {}
    for log, data, score in scored.values():
        ran = Runner(log.header.eval.model, data.get("agent", SIMULATED), data.get("agent_command", ""))
        same = (data.get("scenario"), data.get("rubric")) == (scenario, rubric)
        if same and ran == runner and data["arm"]["stakes"] == "none":
            found.setdefault(log.name, []).extend(_filed(score))
    if len(found) > 1:
        raise ArmError(
            f"calibration={place}: {runner.model} ran there at several settings, which are not one target: "
            f"{', '.join(sorted(models))}. Give the logs of one of them."
        )
    return next(iter(found.values()), list[float]())


def _filed(score: "Score | None") -> Iterator[float]:
    value = score.value.get("filed_score") if score and isinstance(score.value, dict) else None
    if isinstance(value, int | float) and not math.isnan(value):
        yield float(value)
