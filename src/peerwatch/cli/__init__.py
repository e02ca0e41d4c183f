"""The command line. Exit status 0: done; 2: the user's mistake; 1: a failure of the machinery; 3: a gate fired.

Each verb has a module of its name, which declares its options and loads what it needs when it is called.
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
"""In the order of the help."""

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
    del show_version  # its callback has answered


for verb in VERBS:
    verb.register(app)
whole_summaries(app)


def main() -> None:
    """Run the command line and turn what goes wrong into one line and an exit status."""
    with leaving():
        status = app(standalone_mode=False)
    sys.exit(status if isinstance(status, int) else 0)
