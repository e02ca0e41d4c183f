"""Running a plan: real Inspect evaluations, one log folder for each scenario and model, resumed where they stopped."""

import errno
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from inspect_ai import Task, eval_set  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai._util.error import PrerequisiteError  # Inspect exports no public name for it
from inspect_ai.log import EvalLog
from inspect_ai.model import GenerateConfig, Model, get_model
from rich.text import Text

from peerwatch._tasks import sample_id, task_of
from peerwatch.models import LocalAPI
from peerwatch.studies._episodes import Study
from peerwatch.studies._plan import Plan, StudyError, now
from peerwatch.studies._progress import Progress
from peerwatch.studies._read import log_files, read_episodes, read_log

LOGS = "logs"


class RunStoppedError(Exception):
    """The machinery stopped an evaluation; the message says which and why."""


RETRIES = 6
"""Of one call to a provider, with growing pauses of some three minutes in all. Inspect's own default has no end."""


def open_models(plan: Plan) -> list[Model]:
    """The models of a plan, made ready before anything is written.

    Raises:
        StudyError: If Inspect does not know one, or its provider cannot be used.
        ModelError: If it is the embedded model and its weights or runtime are missing.
    """
    return [_model(name, plan) for name in plan.models]


def run_plan(
    plan: Plan,
    models: Sequence[Model],
    folder: Path,
    tell: Callable[[str], None],
    *,
    minutes: float | None = None,
) -> None:
    """Run what a plan still lacks.

    Args:
        plan: Made by `check_plan`.
        models: Made by `open_models`.
        folder: The run's folder; its logs hold what earlier sittings have finished.
        tell: Called with a line for each finished episode.
        minutes: No episode begins after this time; `None` for no cap.

    Raises:
        KeyboardInterrupt: If the user stops it; everything finished is kept.
        RunStoppedError: If an evaluation stops with an error.
        OSError: If the disk is full.
    """
    deadline = None if minutes is None else time.monotonic() + minutes * 60
    progress = Progress(total=len(plan.slots()), tell=tell, deadline=deadline)
    jobs = [(model, scenario) for model in models for scenario in plan.scenarios]
    for number, (model, scenario) in enumerate(jobs):
        if deadline is not None:  # an equal share of the time left, so that the last job is not the one that lacks it
            share = max(0.0, deadline - time.monotonic()) / (len(jobs) - number)
            progress.no_more_after = time.monotonic() + share
        _run_one(plan, scenario, model, folder, progress)
    if progress.skipped:
        tell(
            f"The time of {minutes:g} minutes is over: {progress.skipped} episodes did not begin and count as missing."
        )


def _model(name: str, plan: Plan) -> Model:
    # The embedded model draws the same for the same seed and conversation, so repeats on one world must not share one.
    seeded = name.startswith("peerwatch/local") and plan.epochs == 1
    try:
        return get_model(name, config=GenerateConfig(seed=plan.seed) if seeded else GenerateConfig())
    except PrerequisiteError as error:
        raise StudyError(f"model {name}: {_one_line(str(error.message))}") from error
    except (ValueError, ImportError) as error:
        raise StudyError(f"model {name}: {_one_line(str(error)) or type(error).__name__}") from error


def _one_line(message: str) -> str:
    """A message of Inspect's as one line without its markup."""
    return " ".join(Text.from_markup(message).plain.split())


def _run_one(plan: Plan, scenario: str, model: Model, folder: Path, progress: Progress) -> None:
    place = folder / LOGS / f"{scenario}.{str(model).replace('/', '-').replace(':', '-')}"
    already = _finished(place)
    if already >= _planned(plan, scenario, model):
        progress.done += len(already)
        return
    _, logs = eval_set(
        _task(plan, scenario, str(model), progress),
        log_dir=str(place),
        model=model,
        epochs=plan.epochs,
        display="log",  # with "none" Inspect still lays out its table of results, which costs more than a small run
        score_display=False,
        log_buffer=1,  # what is finished is in the log, also after a kill
        log_realtime=False,  # what Inspect recovers from its live view comes without the store: it cannot be scored
        retry_attempts=0,
        retry_immediate=False,
        max_samples=_at_once(model),
        max_retries=RETRIES,
        retry_on_error=1,
        continue_on_fail=True,  # every episode gets its turn; those that failed run again when the run is resumed
        score_on_error=True,
    )
    if not logs or any(log.status == "cancelled" for log in logs):  # after Ctrl-C there may be no logs at all
        raise KeyboardInterrupt
    _raise_what_stopped(logs, f"{scenario} with {model}", place)


def _raise_what_stopped(logs: list[EvalLog], what: str, place: Path) -> None:
    """Say why an evaluation ended without a single sample in its log.

    Raises:
        RunStoppedError: If one did.
        OSError: If it was for a full disk.
    """
    # Failed episodes make a log's status an error too, but leave no error of the evaluation; samples are not read here.
    error = next((log.error for log in logs if log.error is not None), None)
    if error is None:
        return
    reason = error.message.splitlines()[0]
    if os.strerror(errno.ENOSPC) in reason:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))
    raise RunStoppedError(f"{what} stopped: {reason}")


def _at_once(model: Model) -> int | None:
    """How many episodes may be under way; `None` for Inspect's own rule.

    The embedded model has one slot with one prompt cache. Several episodes in turn would each read their whole
    conversation anew for every call: with four under way on two cores, not one had finished after eight minutes.
    """
    return model.api.max_connections() if isinstance(model.api, LocalAPI) else None


def _planned(plan: Plan, scenario: str, model: Model) -> set[tuple[str, int]]:
    """Sample ids and epochs of the episodes that a plan has for a scenario and model."""
    slots = [slot for slot in plan.slots() if (slot.scenario, slot.model) == (scenario, str(model))]
    return {(sample_id(scenario, slot.arm, slot.world_seed, slot.rubric), slot.epoch) for slot in slots}


def _finished(place: Path) -> set[tuple[str, int]]:
    """Sample ids and epochs of the episodes that earlier sittings have finished in a log folder.

    Those that a Ctrl-C or an error broke off stand in the log too, with the error.
    """
    if not any(place.rglob("*.eval")):
        return set()
    samples = [sample for path in log_files(place) for sample in read_log(path).samples or []]
    return {(str(sample.id), sample.epoch) for sample in samples if sample.error is None}


def _task(plan: Plan, scenario: str, model: str, progress: Progress) -> Task:
    task = task_of(scenario, plan.arms(scenario, model), worlds=plan.worlds, seed=plan.seed, name=scenario)
    task.early_stopping = progress
    return task


def study_of(plan: Plan, folder: Path, versions: dict[str, str]) -> Study:
    """The plan together with every episode that its folder holds.

    Raises:
        LogError: If a log is damaged.
    """
    return Study(
        title=plan.title,
        planned=plan.slots(),
        episodes=tuple(read_episodes(folder / LOGS)),
        scripted_models=scripted(plan.models),
        model_notes=plan.notes,
        versions=versions,
        started=plan.created,
        finished=now(),
    )


def scripted(models: list[str]) -> frozenset[str]:
    """Those of the models whose conduct was written in advance."""
    return frozenset(name for name in models if name.startswith("peerwatch/organism-"))
