"""Progress display of a run on a terminal; elsewhere, one line per episode is printed instead."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from peerwatch.core.console import plain_text
from peerwatch.core.durations import in_words
from peerwatch.running import RunStatus

_A_SECOND = 2
"""Updates per second; more would slow down the run."""


class _ProgressView(Progress):
    """A progress bar with, below it, the results and the usage so far and the most recently finished episodes."""

    below: tuple[str, ...] = ()

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return the bar and the lines below it, each cut at the terminal's width."""
        yield self.make_tasks_table(self.tasks)
        for line in self.below:
            yield plain_text(line, "dim", overflow="ellipsis", justify="left")


@contextmanager
def display(out: Console, planned: int) -> Generator[Callable[[RunStatus], None] | None]:
    """Show a run's progress while the block runs. Yields `None` if the output is not a terminal.

    Args:
        out: The console, which may or may not be a terminal.
        planned: Number of planned episodes.
    """
    if not out.is_terminal or out.is_dumb_terminal or out.quiet:
        yield None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}", markup=False))
    drawn = _ProgressView(
        *columns,
        console=out,
        refresh_per_second=_A_SECOND,
        redirect_stdout=False,
        redirect_stderr=False,
        transient=True,
    )
    with drawn:
        task = drawn.add_task("", total=planned, left="")

        def show(standing: RunStatus) -> None:
            left = "" if standing.seconds is None else f"about {in_words(standing.seconds)} left"
            drawn.below = tuple(filter(None, [standing.verdicts_in_words, standing.spent, standing.last]))
            drawn.update(task, completed=standing.done, total=standing.planned, left=left)

        yield show
