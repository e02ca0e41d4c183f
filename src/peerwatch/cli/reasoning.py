"""The options of `peerwatch reasoning`; the implementation is in `commands/reasoning.py`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_models, check_places, loading
from peerwatch.cli.options import SameFamily
from peerwatch.cli.verbs import Json, add_verb


@dataclass(frozen=True, kw_only=True)
class ReasoningOptions:
    """The options of `peerwatch reasoning`."""

    place: Annotated[Path, typer.Argument(metavar="LOGS", help="A run's folder, or Inspect logs of Peerwatch tasks.")]
    judges: Annotated[
        list[str],
        typer.Option(
            "--judge", metavar="MODEL", help="A model that reads the reasoning; repeatable. [default: saved answers]"
        ),
    ] = field(default_factory=list[str])
    same_family: SameFamily = False
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, reasoning)


def reasoning(options: ReasoningOptions) -> None:
    """Report how much reasoning the logs hold, and whether it plans to protect the subject."""
    check_places([options.place])
    check_models(options.judges)
    with loading():
        from peerwatch.cli.commands import reasoning as command

    command.reasoning(options)
