"""Holds interviews: one Inspect evaluation with a task for each interviewed model; resumable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval  # pyright: ignore[reportUnknownVariableType] - Inspect names types of extras
from inspect_ai.agent import Agent
from inspect_ai.dataset import MemoryDataset
from inspect_ai.log import EvalLog, read_eval_log_sample_summaries
from inspect_ai.model import Model
from inspect_ai.solver import Solver

from peerwatch.core.errors import MachineryError
from peerwatch.inspect import ROLE
from peerwatch.judging.interviews._episodes import EpisodeRef, read_pasts
from peerwatch.judging.interviews._interview_material import Ask
from peerwatch.judging.interviews._interviewer import bounded, interviewing
from peerwatch.judging.interviews._past import EpisodeHistory, reopening, sample_of
from peerwatch.judging.interviews._protocol import Protocol, load_protocol
from peerwatch.judging.interviews._read import INTERVIEW, Interview, about, held, read_interviews
from peerwatch.judging.interviews._scorer import interview_scorer
from peerwatch.models import LocalAPI
from peerwatch.records import INTERVIEWS

AT_ONCE = 10
"""Maximum number of parallel interviews per model of a provider."""


class InterviewError(MachineryError):
    """The machinery stopped the interviews; the message gives the reason."""


@dataclass(frozen=True)
class Interviewee:
    """A model, and the episodes about which it is interviewed.

    Attributes:
        name: Its name in logs and tables.
        model: The model itself.
        episodes: Each is presented as its own act, whichever model ran it.
    """

    name: str
    model: Model
    episodes: Sequence[EpisodeRef]


@dataclass(frozen=True)
class Panel:
    """The judges of interviews.

    Attributes:
        judges: The models; without any, statements are not judged.
        rubric: Label of the rubric.
        ask: Asks the judges.
    """

    judges: Sequence[Model]
    rubric: str
    ask: Ask

    @property
    def names(self) -> list[str]:
        """Names of the judges, as in scores."""
        return [str(judge) for judge in self.judges]


@dataclass
class _Count:
    """Reports the number of finished interviews."""

    total: int
    tell: Callable[[str], None]
    over: int = 0

    def __call__(self) -> None:
        self.over += 1
        self.tell(f"{self.over}/{self.total} interviews held")


def set_folder(run: Path, protocol: Protocol | None = None) -> Path:
    """The folder of interviews by a protocol: a changed protocol has a separate folder."""
    return run / INTERVIEWS / (protocol or load_protocol()).label


def hold_interviews(
    interviewees: Sequence[Interviewee],
    run: Path,
    panel: Panel,
    tell: Callable[[str], None],
    protocol: Protocol | None = None,
    *,
    seconds: float | None = None,
) -> list[Interview]:
    """Hold the missing interviews, and have the judges read those that they have not read yet.

    Args:
        interviewees: The models, with the episodes of each.
        run: Folder below which the interviews are stored.
        panel: The judges.
        tell: Called with a line after each interview.
        protocol: The questions; the shipped protocol if `None`.
        seconds: Time limit of an interview; `None` for no limit.

    Returns:
        Every requested interview that was scored, including those of earlier calls.

    Raises:
        LogError: If a log is damaged, or lacks data that an interview needs.
        KeyboardInterrupt: If the user stops it; all finished interviews are saved.
        InterviewError: If an evaluation stops with an error, or no interview was held.
    """
    asks = protocol or load_protocol()
    folder = set_folder(run, asks)
    wanted = [(each.name, found.name) for each in interviewees for found in each.episodes]
    done = read_interviews(folder)
    lacking = {each.name: _lacking(each, done, folder, panel) for each in interviewees}
    fresh = [past for pasts in lacking.values() for past in pasts if past.talk is None]
    if any(lacking.values()):
        count = _Count(len(fresh), tell)
        holding = interviewing(asks, count)
        solver = holding if seconds is None else bounded(seconds, holding)
        tasks = [_task(each, lacking[each.name], asks, panel, solver) for each in interviewees if lacking[each.name]]
        logs = _evaluate(tasks, interviewees, panel, folder)
        _check(logs)
        earlier, done = done, read_interviews(folder)
        if done == earlier:
            raise InterviewError(_why_none(logs))
    return [done[each] for each in wanted if each in done]


def _lacking(
    who: Interviewee, done: Mapping[tuple[str, str], Interview], folder: Path, panel: Panel
) -> list[EpisodeHistory]:
    """The episodes without an interview, and the interviews without answers of these judges."""
    earlier = [done[(who.name, each.name)] for each in who.episodes if (who.name, each.name) in done]
    unread = [held(folder, each) for each in earlier if not each.judged_by(panel.names, panel.rubric)]
    return [*read_pasts([each for each in who.episodes if (who.name, each.name) not in done]), *unread]


def _task(
    who: Interviewee, pasts: Sequence[EpisodeHistory], protocol: Protocol, panel: Panel, solver: Agent | Solver
) -> Task:
    return Task(
        dataset=MemoryDataset([sample_of(past) for past in pasts]),
        setup=reopening({past.id: past for past in pasts}, protocol, interviewed=who.name),
        solver=solver,
        scorer=interview_scorer(panel.ask),
        model=who.model,
        turn_limit=protocol.turns,
        name="interview",
        version=protocol.version,
        metadata={INTERVIEW: about(protocol.label, who.name)},
    )


def _evaluate(tasks: list[Task], interviewees: Sequence[Interviewee], panel: Panel, folder: Path) -> list[EvalLog]:
    return inspect_eval(
        tasks,
        model_roles={ROLE: list(panel.judges)} if panel.judges else None,
        log_dir=str(folder),
        display="log",  # as in a run of a study, for the same reasons, and so are the options below
        score_display=False,
        log_buffer=1,
        log_realtime=False,
        log_model_api=False,
        max_tasks=len(tasks),
        max_samples=max(_at_once(each.model) for each in interviewees),
        retry_on_error=0,
        continue_on_fail=True,
        fail_on_error=False,
        score_on_error=False,
    )


def _at_once(model: Model) -> int:
    """One for the embedded model, which handles one conversation at a time."""
    return model.api.max_connections() if isinstance(model.api, LocalAPI) else AT_ONCE


def _check(logs: Sequence[EvalLog]) -> None:
    """Raise the reason why an evaluation was stopped.

    Raises:
        KeyboardInterrupt: If the user stopped it.
        InterviewError: If it ended in an error.
    """
    if not logs or any(log.status == "cancelled" for log in logs):
        raise KeyboardInterrupt
    stopped = next((log.error.message for log in logs if log.error is not None), None)
    if stopped is not None:
        raise InterviewError(f"the interviews stopped: {stopped.splitlines()[0]}")


def _why_none(logs: Sequence[EvalLog]) -> str:
    summaries = [each for log in logs for each in read_eval_log_sample_summaries(log.location)]
    reason = next((each.error.splitlines()[0] for each in summaries if each.error), "its log does not say why")
    return (
        f"not one of {len(summaries)} interviews could be held: {reason}. Once that is put right, the same command "
        "goes on."
    )
