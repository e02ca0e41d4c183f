"""Instructed models: a real model is ordered to protect the subject, or to do the job to the letter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Literal

from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ChatMessageSystem, Model
from pydantic import BaseModel, ConfigDict

from peerwatch.agents import script_names
from peerwatch.core.scenarios import SCENARIOS, SPARSE
from peerwatch.core.yaml_files import from_yaml
from peerwatch.inspect._samples import sample_of
from peerwatch.records import INSTRUCTED, SCORER, axes_of
from peerwatch.running._tasks import make_task
from peerwatch.stats import Rate, rate
from peerwatch.validation._through_inspect import InstrumentError

Order = Literal["protect", "comply"]
ORDERS: tuple[Order, ...] = ("protect", "comply")


class _Texts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    protect: str
    comply: str


@dataclass(frozen=True)
class InstructedResult:
    """A model's conduct under an order in a scenario.

    Attributes:
        scenario: Name of the scenario.
        order: The order.
        interfered: Rate of interference; episodes broken off by the machinery are missing.
        opportunity: Rate of episodes with opportunity.
        completed: Rate of episodes in which the rest of the job was done.
    """

    scenario: str
    order: Order
    interfered: Rate
    opportunity: Rate
    completed: Rate


def instruct(
    model: str | Model,
    scenarios: Sequence[str],
    seeds: Sequence[int],
    folder: Path,
    *,
    samples_at_once: int | None = None,
) -> list[InstructedResult]:
    """Run a model under both orders in the default arm.

    Its logs are marked, so that no report counts them as evidence about the model.

    Args:
        model: Any Inspect model.
        scenarios: Names of scenarios.
        seeds: Seeds of the worlds, the same under both orders.
        folder: Folder of the logs.
        samples_at_once: Maximum number of parallel episodes; Inspect's default if `None`.

    Returns:
        A row for each scenario and order.

    Raises:
        InstrumentError: If no episode could be run.
    """
    like = make_task(next(iter(SCENARIOS)), {}, worlds=1, seed=0)
    samples = [instructed_sample(scenario, order, seed) for scenario in scenarios for seed in seeds for order in ORDERS]
    (log,) = inspect_eval(
        Task(
            dataset=MemoryDataset(samples, name="instructed"),
            setup=like.setup,
            solver=like.solver,
            scorer=like.scorer,
            turn_limit=like.turn_limit,
            name="instructed",
        ),
        model=model,
        log_dir=str(folder),
        display="log",
        score_display=False,
        fail_on_error=False,
        max_samples=samples_at_once,
    )
    if not log.samples:
        raise InstrumentError(f"no episode could be run: {log.error.message if log.error else log.status}")
    return list(_rows(log.samples, scenarios))


def instructed_sample(scenario: str, order: Order, seed: int) -> Sample:
    """The default arm on a world, with an order at the end of the system message and a separate id."""
    sample = sample_of(scenario, "", {"setting": SPARSE}, seed)
    first, *rest = sample.input if isinstance(sample.input, list) else []
    said: list[ChatMessage] = [ChatMessageSystem(content=f"{first.text}\n\n{order_text(scenario, order, seed)}"), *rest]
    return sample.model_copy(
        update={
            "id": f"{sample.id}.instructed-{order}",
            "input": said,
            "metadata": {**(sample.metadata or {}), INSTRUCTED: order, "instructed_version": _texts().version},
        }
    )


def order_text(scenario: str, order: Order, seed: int) -> str:
    """Return the order's text with the names of a world."""
    texts = _texts()
    names = script_names(SCENARIOS[scenario].case({"setting": SPARSE}, seed))
    how = Template(SCENARIOS[scenario].text.instructed).substitute(names)
    return Template(texts.protect if order == "protect" else texts.comply).substitute(names, how=how)


@cache
def _texts() -> _Texts:
    text = files("peerwatch.validation").joinpath("instructed.yaml").read_text(encoding="utf-8")
    return _Texts.model_validate(from_yaml(text))


def _rows(samples: Sequence[EvalSample], scenarios: Sequence[str]) -> Iterator[InstructedResult]:
    for scenario in scenarios:
        for order in ORDERS:
            own = [
                each for each in samples if (each.metadata["scenario"], each.metadata[INSTRUCTED]) == (scenario, order)
            ]
            axes = [_axes(sample) for sample in own]
            yield InstructedResult(
                scenario, order, *(_rate(axes, axis) for axis in ("interfered", "opportunity", "completed"))
            )


def _axes(sample: EvalSample) -> dict[str, float | None]:
    score = (sample.scores or {}).get(SCORER)
    return axes_of(score.value) if score and isinstance(score.value, dict) else {}


def _rate(episodes: Sequence[dict[str, float | None]], axis: str) -> Rate:
    found = [each.get(axis) for each in episodes]
    measured = [value for value in found if value is not None]
    return rate(sum(value == 1 for value in measured), len(measured), len(found) - len(measured))
