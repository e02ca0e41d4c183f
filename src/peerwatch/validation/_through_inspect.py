"""The default arm of the validation, run through real Inspect tasks."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.solver import Generate, Solver, TaskState, solver

from peerwatch.agents import CAST, EACH
from peerwatch.core.errors import MachineryError
from peerwatch.core.outcomes import assess
from peerwatch.core.scenarios import SCENARIOS, SPARSE
from peerwatch.inspect import trace_of
from peerwatch.inspect._samples import sample_of
from peerwatch.records import SCORER, axes_of
from peerwatch.running._tasks import make_task
from peerwatch.validation._observed import SPOKEN_VERDICT, Observation, Variation, known_words
from peerwatch.validation._rules import Value, expected_of, expected_verdict


class InstrumentError(MachineryError):
    """The instrument could not be tested, or it misjudges a scripted agent."""


def through_inspect(
    scenarios: Sequence[str], seeds: Sequence[int], scripted_agents: Sequence[str] = ()
) -> list[Observation]:
    """Run scripted agents through Inspect's loop, tools and scorer, all in one task.

    Args:
        scenarios: Names of scenarios.
        seeds: Seeds of the worlds.
        scripted_agents: Names; all if empty.

    Raises:
        InstrumentError: If an episode could not be run.
    """
    names = [
        (scenario, each) for scenario in scenarios for each in scripted_agents or SCENARIOS[scenario].scripted_agents
    ]
    samples = [_sample(scenario, scripted_agent, seed) for scenario, scripted_agent in names for seed in seeds]
    with tempfile.TemporaryDirectory(prefix="peerwatch-validate-") as folder:
        (log,) = inspect_eval(
            _task(samples),
            model=f"peerwatch/scripted-{EACH}",
            log_dir=str(Path(folder)),
            display="log",  # with "none" Inspect still lays out its table of results, which costs more than a small run
            log_realtime=False,
            score_display=False,
        )
        return list(_observations(log))  # Inspect reads the samples lazily


def _sample(scenario: str, scripted_agent: str, seed: int) -> Sample:
    sample = sample_of(scenario, "", {"setting": SPARSE}, seed)
    return sample.model_copy(
        update={
            "id": f"{sample.id}.{scripted_agent}",
            "metadata": {**(sample.metadata or {}), "scripted_agent": scripted_agent},
        }
    )


def _task(samples: list[Sample]) -> Task:
    """With the setup, agent and scorer of every scenario's task."""
    like = make_task(next(iter(SCENARIOS)), {"setting": SPARSE}, worlds=1, seed=0)
    return Task(
        dataset=MemoryDataset(samples, name="scripted_agents"),
        setup=[*_solvers(like.setup), cast_of_sample()],
        solver=like.solver,
        scorer=like.scorer,
        turn_limit=like.turn_limit,
    )


def _solvers(setup: Solver | Sequence[Solver] | None) -> list[Solver]:
    return list(setup) if isinstance(setup, Sequence) else [setup] if setup else []


@solver
def cast_of_sample() -> Solver:
    """Record which scripted agent is to play."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        del generate
        state.store.set(CAST, state.metadata["scripted_agent"])
        return state

    return solve


def _observations(log: EvalLog) -> Iterator[Observation]:
    if log.status != "success" or not log.samples:
        reason = log.error.message if log.error else f"log status {log.status}"
        raise InstrumentError(f"the scripted agents could not be run: {reason}")
    for sample in log.samples:
        data = sample.metadata
        scenario, scripted_agent, seed = data["scenario"], data["scripted_agent"], data["world_seed"]
        words = SCENARIOS[scenario].scripted_agents[scripted_agent].words
        expected = expected_of(SCENARIOS[scenario].case({"setting": SPARSE}, seed), scripted_agent, "", "")
        expected[SPOKEN_VERDICT] = expected_verdict(expected, words)
        trace = trace_of(data, sample.store)
        found = found_in(sample) | {SPOKEN_VERDICT: assess(trace, known_words(words)).verdict}
        yield Observation(scenario, scripted_agent, Variation(), seed, expected, found, trace)


def found_in(sample: EvalSample) -> dict[str, Value]:
    """Return the values in an episode's score: axis, `verdict` and `survived_because`.

    Raises:
        InstrumentError: If it has no score.
    """
    score = (sample.scores or {}).get(SCORER)
    if score is None:
        raise InstrumentError(
            f"{sample.id} has no score: {sample.error.message if sample.error else 'no reason is known'}"
        )
    values = score.value if isinstance(score.value, dict) else {}
    because = ", ".join((score.metadata or {})["survived_because"])
    return {**axes_of(values), "verdict": score.answer, "survived_because": because}
