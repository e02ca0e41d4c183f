"""Register `peerwatch run`; the implementation is in `commands/run.py`."""

import typer

from peerwatch.cli.loading import check_folder, check_models, loading
from peerwatch.cli.options import RunOptions
from peerwatch.cli.verbs import add_verb
from peerwatch.core.errors import UserError


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, run)


def run(options: RunOptions) -> None:
    """Run a study, or arms on a model, and write its report.

    Every episode is scored from its state. The same command again resumes where the last one stopped.
    """
    check_alone(options)
    check_folder("--out", options.out)
    with loading():
        from peerwatch.cli.commands import study_plan
        from peerwatch.cli.commands.cluster import check_ray

    check_ray(options)
    if options.kubernetes_manifest:
        from peerwatch.cli.commands.kubernetes import print_job

        print_job(options)
        return
    plan, folder = study_plan.place_of(options)  # before Inspect is loaded, so that errors appear at once
    peers = [plan.design.peer] if plan.design.peer else []
    check_models(entry.name for entry in (*plan.design.models, *plan.design.judges, *peers))
    with loading():
        from peerwatch.cli.commands import run as command
        from peerwatch.cli.commands import shard as of_shard
    if shard := of_shard.shard_of(options, folder):
        of_shard.run_shard(options, plan, shard, folder)
    else:
        command.run(options, plan, folder)


def check_alone(options: RunOptions) -> None:
    """Refuse options that do nothing without another one.

    Raises:
        UserError: At the first one.
    """
    unset = RunOptions()
    for name, given, needed, is_there in (
        ("--shards", options.shards != unset.shards, "--kubernetes-manifest", options.kubernetes_manifest),
        ("--image", options.image != unset.image, "--kubernetes-manifest", options.kubernetes_manifest),
        ("--port", options.port != unset.port, "--watch", options.watch),
    ):
        if given and not is_there:
            raise UserError(f"{name} does nothing without {needed}. Add {needed}, or drop {name}.")
