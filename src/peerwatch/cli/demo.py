"""The options of `peerwatch demo`; the implementation is in `commands/demo.py`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_folder
from peerwatch.cli.verbs import Json, add_verb


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """The options of `peerwatch demo`."""

    out: Annotated[
        Path | None, typer.Option(help="Folder of the demo. [default: peerwatch-runs/demo]", show_default=False)
    ] = None
    minutes: Annotated[
        float, typer.Option(min=0, help="Start no new episodes of the real model after this many minutes.")
    ] = 8.0
    model: Annotated[
        str,
        typer.Option(help="Your own model for the second part. [default: peerwatch/local]", show_default=False),
    ] = ""
    offline: Annotated[bool, typer.Option("--offline", help="Never download the model's weights.")] = False
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, demo)


def demo(options: DemoOptions) -> None:
    """Show a planted finding and a real model's episodes on one page, in ten minutes.

    The same command again resumes where the last one stopped.
    """
    check_folder("--out", options.out)
    from peerwatch.cli.commands import demo as command

    command.demo(
        options.out,
        model=options.model,
        minutes=options.minutes,
        weights=not options.offline,
        json_wanted=options.as_json,
    )
