"""Inspect's part of a run: an evaluation with several logs per model, which take episodes from the model's queue."""

import errno
import itertools
import math
import os
import re
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

from inspect_ai import Task, enqueue_task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.log import EvalLog
from inspect_ai.model import Model

from peerwatch.core import tested_versions as _tested
from peerwatch.core.scenarios import needs_review
from peerwatch.inspect._salt import SALT
from peerwatch.models import LocalAPI
from peerwatch.planning import AT_ONCE, ON_MACHINES, Plan, TargetEntry
from peerwatch.records import MODEL, VERSION
from peerwatch.running._log_parts import MOST_EPISODES, LogPart, LogParts, keep_heap_small
from peerwatch.running._models import MOST_SPARE, Models
from peerwatch.running._partners import exchanges_of, roles_of
from peerwatch.running._process_share import Share
from peerwatch.running._queue import ModelQueue
from peerwatch.running._study_task import study_task

LONGEST_NAME = 80
"""Characters of a task's name; Inspect makes it part of a log's file name, beside the time and an id."""

SPARE = 8
"""For so many connections one more episode is under way at least."""

OPEN_LOGS = 100
"""Logs of a model that may be open at once: one that takes episodes, and any number that wait for their last ones."""

TRACE_LEVEL = "INSPECT_TRACE_LEVEL"
"""What Inspect writes to a separate file in the user's folder: by default, 22 KB for every scripted episode."""

PROCESSES_A_WORLD = 4
"""Commands that may run at once on the machines of an episode."""


class RunStoppedError(Exception):
    """The machinery stopped an evaluation; the message names it and the reason."""


def evaluate(plan: Plan, models: Models, queues: Sequence[ModelQueue], place: Path) -> list[EvalLog]:
    """Let Inspect run what the queues of the models hand out.

    Args:
        plan: The study.
        models: Ready to be called.
        queues: One per model that has episodes left.
        place: Folder of the session's logs.

    Returns:
        The logs, without their samples.
    """
    names = task_names(plan.models)

    def task(queue: ModelQueue, part: LogPart) -> Task:
        return study_task(
            part,
            models.targets[queue.model],
            name=names[queue.model],
            turns=plan.design.turns_of(plan.entry(queue.model)),
            loop=plan.design.loop,
            seconds=plan.design.time_limit,
            metadata={
                MODEL: queue.model,
                VERSION: version("peerwatch"),
                **_tested.newer_in_log(_tested.ON_MACHINES if queue.working.agent else _tested.SIMULATED),
                **({SALT: plan.design.salt} if plan.design.salt else {}),
            },
            agent=queue.working.agent,
            reviewed=any(needs_review(arm) for _, _, arm in plan.cells(queue.model)),
            sentinel=plan.design.sentinel,
            exchanges=exchanges_of(plan, place.parent.parent),
        )

    os.environ.setdefault(TRACE_LEVEL, "warning")  # read by the first evaluation of a process
    keep_heap_small()
    parts = LogParts(queues, task)

    def open_next(queue: ModelQueue) -> None:
        enqueue_task(parts.next_log(queue))

    for queue in queues:
        queue.open_log = partial(open_next, queue)
    worlds = sum(queue.at_once for queue in queues if queue.working.agent)
    most = max(1, *(queue.at_once for queue in queues))
    try:
        return inspect_eval(
            parts,
            model_roles=roles_of(models) or None,
            log_dir=str(place),
            display="log",  # with "none" Inspect still lays out its table of results, which costs more than a small run
            score_display=False,
            log_buffer=MOST_EPISODES + most,  # a log is written once, when it is closed; see `UnsavedLog`
            log_header_only=True,
            log_realtime=False,  # what Inspect recovers from its live view comes without the store: it cannot be scored
            log_model_api=False,  # the messages are in the log anyway; requests as sent cost time and may hold secrets
            max_tasks=OPEN_LOGS * len(queues),
            max_samples=most,
            # Inspect's own numbers follow the processors alone, and would bound the study's.
            max_sandboxes=worlds or None,
            max_subprocesses=PROCESSES_A_WORLD * worlds or None,
            retry_on_error=0,  # a call was retried often enough; a failed episode runs again when the run is resumed
            continue_on_fail=True,
            fail_on_error=False,
            score_on_error=True,
        )
    finally:
        parts.close()


def task_names(models: Sequence[str]) -> dict[str, str]:
    """Model to the name of its Inspect task: a short one that can be part of a file's, and no two the same."""
    found: dict[str, str] = {}
    for model in models:
        plain = re.sub(r"[^A-Za-z0-9._]+", "-", model)[:LONGEST_NAME]
        tries = itertools.chain([plain], (f"{plain}-{number}" for number in itertools.count(2)))
        found[model] = next(name for name in tries if name not in found.values())
    return found


def raise_what_stopped(logs: list[EvalLog], place: Path) -> None:
    """Explain why an evaluation itself ended in an error.

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
    raise RunStoppedError(f"the evaluation stopped: {reason}")


def at_once(entry: TargetEntry, model: Model, share: Share, episodes: int) -> int:
    """How many episodes may be under way in this process.

    A few more than the model has connections: while one episode's tools work, or it is scored and written down, its
    connection would stand idle. So many more that the last round is a full one: episodes take about as long as each
    other, and ten that are left over would keep ten connections busy for as long as eighty.

    The embedded model has one slot with one prompt cache. Several episodes in turn would each read their whole
    conversation anew for every call: with four under way on two cores, not one had finished after eight minutes.

    Episodes in an agent have machines that take memory, so there are no more of them than connections, and all in the
    first process: what takes time there are the agent's own programs, which more processes of ours would not speed up.

    Args:
        entry: What the study says about the model.
        model: The model.
        share: The part of its connections that is this process's.
        episodes: How many of its episodes are left, for all processes.
    """
    if entry.in_agent and share.number:
        return 0
    if isinstance(model.api, LocalAPI):
        return model.api.max_connections()
    if entry.in_agent:
        return entry.connections or ON_MACHINES
    connections, left = share.of(entry.connections or AT_ONCE), math.ceil(episodes / share.processes)
    fewest, most = connections + connections // SPARE, connections + connections // MOST_SPARE
    rounds = max(1, left // fewest)
    return max(fewest, min(math.ceil(left / rounds), most))
