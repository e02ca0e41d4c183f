"""`peerwatch run --ray`: what is checked before, and the run itself."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from peerwatch.cli.options import RunOptions
from peerwatch.core.errors import UserError

if TYPE_CHECKING:  # `check_ray` must not wait for Inspect
    from peerwatch.planning import Plan
    from peerwatch.running import Limits, Models, RunStatus


def check_ray(options: RunOptions) -> None:
    """Make sure that Ray is installed, if it is asked for, and that nothing else divides the run.

    Raises:
        UserError: If not.
    """
    if not options.ray:
        return
    others = {"--shard": options.shard, "--kubernetes-manifest": options.kubernetes_manifest}
    if given := [name for name, value in others.items() if value]:
        raise UserError(f"--ray and {given[0]} both divide the run among machines. Give one of them.")
    if options.processes > 1:
        raise UserError("--ray starts as many processes as the cluster has CPUs. Drop --processes.")
    if find_spec("ray") is None:
        raise UserError("--ray needs Ray, which is not installed. Install it with: pip install 'peerwatch[ray]'")


@contextmanager
def cluster(options: RunOptions) -> Generator[None]:
    """Stay connected to the cluster that a run asks for, if it does.

    Raises:
        UserError: If there is none, or it cannot be used.
    """
    if not options.ray:
        yield
        return
    from peerwatch.running._ray import connected  # not at the top: Ray is an extra

    with connected(options.ray):
        yield


def run_on_cluster(
    plan: "Plan",
    models: "Models",
    folder: Path,
    tell: Callable[[str], None],
    limits: "Limits",
    show: "Callable[[RunStatus], None] | None" = None,
) -> str:
    """Run what a plan still lacks on the cluster; takes and returns what `run_plan` does."""
    from peerwatch.running import prepare_run
    from peerwatch.running._ray import run_on_ray

    prepare_run(plan, models, folder, tell)
    return run_on_ray(plan, folder, tell, limits, show)
