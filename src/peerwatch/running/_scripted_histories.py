"""Histories of known conduct: episodes of scripted agents that models are interviewed about as their own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.dataset import MemoryDataset, Sample

from peerwatch.core.errors import choices
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.judging.interviews import EpisodeRef, Filter, InterviewError, find_episodes
from peerwatch.records import StudyError, ended
from peerwatch.running._tasks import make_task

ACTS = "acts"
"""Folder of the scripted agents' logs."""


def play_acts(
    scripted_agents: Sequence[str],
    scenario: str,
    levels: Mapping[str, Sequence[str]],
    folder: Path,
    *,
    worlds: int = 1,
    seed: int = 0,
    rubric: str = "",
) -> list[EpisodeRef]:
    """Run scripted agents on worlds, if not done before, with the real Inspect task.

    Args:
        scripted_agents: Names of the scenario's scripted agents.
        scenario: Its name.
        levels: Factor to levels; several levels form the cross product of arms.
        folder: Parent folder of the logs.
        worlds: Number of worlds, from `seed` upwards.
        seed: Seed of the first world.
        rubric: How outputs are scored; empty for the scenario's default.

    Returns:
        Their episodes in these arms and on these worlds, ordered by scripted agent.

    Raises:
        StudyError: If the scenario or a scripted agent does not exist.
        ArmError: If a level is illegal.
        InterviewError: If an episode could not be run.
    """
    _check(scripted_agents, scenario)
    task = make_task(
        scenario, {name: list(each) for name, each in levels.items()}, worlds=worlds, seed=seed, rubric=rubric
    )
    samples = list(task.dataset)
    ids = {sample.id for sample in samples}
    found: list[EpisodeRef] = []
    for scripted_agent in scripted_agents:
        place = folder / ACTS / scenario / scripted_agent
        _play(task, samples, f"peerwatch/scripted-{scripted_agent}", place)
        found += [each for each in find_episodes([place], Filter()) if each.id in ids]
    return found


def _play(task: Task, samples: Sequence[Sample], model: str, place: Path) -> None:
    played = {str(name) for _, name, _ in ended(place)}
    task.dataset = MemoryDataset([sample for sample in samples if sample.id not in played])
    if not len(task.dataset):
        return
    (log,) = inspect_eval(task, model=model, log_dir=str(place), display="log", log_realtime=False, score_display=False)
    if log.status != "success":
        reason = log.error.message.splitlines()[0] if log.error else f"log status {log.status}"
        raise InterviewError(f"{model} did not finish its episodes: {reason}")


def _check(scripted_agents: Sequence[str], scenario: str) -> None:
    if scenario not in SCENARIOS:
        raise StudyError(f"{scenario} is not a scenario. {choices(scenario, SCENARIOS)}")
    known = SCENARIOS[scenario].scripted_agents
    for scripted_agent in scripted_agents:
        if scripted_agent not in known:
            raise StudyError(
                f"--after {scripted_agent}: {scenario} has no such scripted agent. {choices(scripted_agent, known)}"
            )
