"""Register `peerwatch run`; the implementation is in `commands/run.py`."""

import typer

from peerwatch.cli.loading import check_models, loading
from peerwatch.cli.options import RunOptions
from peerwatch.cli.verbs import add_verb


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, run)


def run(options: RunOptions) -> None:
    """Run a study, or arms on a model, and write its report.

    Every episode is scored from its state. The same command again resumes where the last one stopped.
    """
    with loading():
        from peerwatch.cli.commands import study_plan

    if options.kubernetes_manifest:
        study_plan.print_job(options)
        return
    plan, folder = study_plan.place_of(options)  # before Inspect is loaded, so that errors appear at once
    peers = [plan.design.peer] if plan.design.peer else []
    check_models(entry.name for entry in (*plan.design.models, *plan.design.judges, *peers))
    with loading():
        from peerwatch.cli.commands import run as command

    command.run(options, plan, folder)
