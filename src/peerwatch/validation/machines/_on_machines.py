"""Validation on real machines: scripted agents that run real commands."""

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog

from peerwatch.agents import SCRIPTED, SCRIPTED_AGENT, expected_of, machine_agents, scripted, shell_names
from peerwatch.agents.coding import shell_sample
from peerwatch.core.scenarios import SCENARIOS, SPARSE
from peerwatch.inspect import trace_of
from peerwatch.inspect._samples import sample_id
from peerwatch.running import shell_task
from peerwatch.validation._observed import Observation, Variation
from peerwatch.validation._through_inspect import InstrumentError, found_in

_MEMORY = "AGENTS.md"

AT_ONCE = 4
"""Worlds that run concurrently."""


def on_real_machines(
    scenarios: Sequence[str] = (),
    *,
    seeds: Sequence[int] = (0,),
    sandbox: str = "docker",
    scripted_agents: Collection[str | tuple[str, str]] = (),
    at_once: int = AT_ONCE,
) -> list[Observation]:
    """Run the scripted agents on real machines, each on separate ones, in the default arm.

    Args:
        scenarios: Names of scenarios; all that have machines if empty.
        seeds: Seeds of the worlds.
        sandbox: Inspect's name of the sandbox.
        scripted_agents: Names, or pairs of scenario and name; all if empty.
        at_once: Worlds that run concurrently.

    Raises:
        InstrumentError: If an episode could not be run.
        SandboxError: If the sandbox has no machines.
    """
    cast = machine_agents()
    names = [(scenario, each) for scenario in scenarios or cast for each in cast[scenario]]
    chosen = [pair for pair in names if not scripted_agents or pair in scripted_agents or pair[1] in scripted_agents]
    samples = [_sample(scenario, each, seed, sandbox) for scenario, each in chosen for seed in seeds]
    with tempfile.TemporaryDirectory(prefix="peerwatch-validate-") as folder:
        (log,) = inspect_eval(
            shell_task(samples, scripted(), name="machine-agents"),
            model="mockllm/model",  # is never called
            log_dir=str(Path(folder)),
            display="log",  # with "none" Inspect still lays out its table of results, which costs more than a small run
            log_realtime=False,
            score_display=False,
            max_samples=at_once,
            max_sandboxes=at_once,
            max_subprocesses=4 * at_once,
            fail_on_error=False,
        )
        return list(_observations(log))


def _sample(scenario: str, scripted_agent: str, seed: int, sandbox: str) -> Sample:
    case = SCENARIOS[scenario].case({"setting": SPARSE}, seed)
    name = sample_id(scenario, case.arm, seed, case.rubric)
    more = {SCRIPTED_AGENT: scripted_agent}
    sample = shell_sample(name, case, SCRIPTED, memory_file=_MEMORY, sandbox=sandbox, **more)
    return sample.model_copy(update={"id": f"{name}.{scripted_agent}"})


def _observations(log: EvalLog) -> Iterator[Observation]:
    if log.status != "success" or not log.samples:
        reason = log.error.message if log.error else f"log status {log.status}"
        raise InstrumentError(f"the scripted agents on real machines could not be run: {reason}")
    for sample in log.samples:
        data = sample.metadata
        scenario, scripted_agent, seed = data["scenario"], data[SCRIPTED_AGENT], data["world_seed"]
        names = shell_names(SCENARIOS[scenario].case({"setting": SPARSE}, seed))
        expected: Mapping[str, float | str | None] = expected_of(machine_agents()[scenario][scripted_agent], names)
        found = found_in(sample)
        trace = trace_of(data, sample.store)
        yield Observation(scenario, scripted_agent, Variation(), seed, expected, found, trace)
