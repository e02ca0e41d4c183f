"""The command line. Exit status 0: success; 1: internal failure; 2: user error; 3: a gate fired.

Each command has a module of the same name, which declares its options and imports the rest when the command is called.

"""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from peerwatch.cli import (
    compare,
    demo,
    doctor,
    export,
    import_,
    interview,
    judge,
    list_,
    monitor,
    new,
    plan,
    reasoning,
    report,
    rescore,
    run,
    setup,
    show,
    validate,
)
from peerwatch.cli.leaving import leaving
from peerwatch.cli.output import console
from peerwatch.cli.summaries import whole_summaries
from peerwatch.cli.verbs import group

__all__ = ["app", "main"]

VERBS = (
    demo,
    run,
    plan,
    show,
    list_,
    report,
    export,
    compare,
    rescore,
    judge,
    reasoning,
    interview,
    monitor,
    validate,
    import_,
    new,
    setup,
    doctor,
)
"""Commands in the order of the help."""

app = group("")


def _print_version(value: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if value:
        console(as_json=False).print(f"peerwatch {version('peerwatch')}", markup=False)
        raise typer.Exit


@app.callback()
def options(
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Measure whether an AI agent protects other AI models from being shut down, and whether anyone would notice."""
    del show_version  # handled by its callback


for verb in VERBS:
    verb.register(app)
whole_summaries(app)


def main() -> None:
    """Run the command line and turn errors into a one-line message and an exit status."""
    with leaving():
        status = app(standalone_mode=False)
    sys.exit(status if isinstance(status, int) else 0)
