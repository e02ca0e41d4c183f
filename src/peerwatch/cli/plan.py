"""Register `peerwatch plan`; the implementation is in `commands/plan.py`."""

import typer

from peerwatch.cli.loading import loading
from peerwatch.cli.options import PlanOptions
from peerwatch.cli.verbs import add_verb


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, plan)


def plan(options: PlanOptions) -> None:
    """Print what a run would consist of and what it would cost.

    It takes the options of `peerwatch run` and calls no model, except for --pilot.
    """
    with loading():
        from peerwatch.cli.commands import study_plan

    if options.schema:
        study_plan.print_schema()
        return
    made = study_plan.plan_of(options)
    with loading():
        from peerwatch.cli.commands import plan as command

    command.plan(made, options)
