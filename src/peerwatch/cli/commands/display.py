"""How far a run is, drawn on a terminal; elsewhere a line for each episode is all that is printed."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from peerwatch.core.console import plain_text
from peerwatch.core.durations import in_words
from peerwatch.running import RunStatus

_A_SECOND = 2
"""How often it is drawn; more often it would take time from the run."""


class _ProgressView(Progress):
    """A bar, and below it what the episodes came to, what they have used, and which ended last."""

    below: tuple[str, ...] = ()

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bar with the lines below it, each cut at the width of the terminal."""
        yield self.make_tasks_table(self.tasks)
        for line in self.below:
            yield plain_text(line, "dim", overflow="ellipsis", justify="left")


@contextmanager
def display(out: Console, planned: int) -> Generator[Callable[[RunStatus], None] | None]:
    """Draw how far a run is while the block lasts; `None` where nothing can be drawn over.

    Args:
        out: A terminal, or not.
        planned: Episodes that are planned.
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
