"""The command `demo` as the command line has it; what it does is in `demo.py`, which takes long to load."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[
        Path | None, typer.Option(help="Folder of the demo. [default: peerwatch-runs/demo]", show_default=False)
    ] = None,
    minutes: Annotated[float, typer.Option(min=0, help="Begin no episode of the real model after this time.")] = 8.0,
    model: Annotated[
        str,
        typer.Option(help="A model of your own for the second part. [default: peerwatch/local]", show_default=False),
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Never download the model's weights.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Show a planted finding and a real model's episodes on one page, within ten minutes.

    The same command again resumes where the last one stopped.
    """
    from peerwatch._commands.demo import demo as show

    show(out, model=model, minutes=minutes, weights=not offline, json_wanted=json)
