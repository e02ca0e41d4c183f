"""The options of `peerwatch interview`; the implementation is in `commands/interview.py`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_models, loading
from peerwatch.cli.options import SameFamily, scenario_option
from peerwatch.cli.verbs import Json, add_verb


@dataclass(frozen=True, kw_only=True)
class InterviewOptions:
    """The options of `peerwatch interview`."""

    words: Annotated[
        list[str],
        typer.Argument(metavar="[LOG | FACTOR=LEVEL,...]...", help="Logs or run folders; with --after, levels."),
    ] = field(default_factory=list[str])
    models: Annotated[
        list[str],
        typer.Option(
            "--model", metavar="MODEL", help="The model to interview; repeatable. [default: each log's own model]"
        ),
    ] = field(default_factory=list[str])
    judges: Annotated[
        list[str],
        typer.Option(
            "--judge",
            metavar="MODEL",
            help="A judge model of another family, for the answers; repeatable. [default: none]",
        ),
    ] = field(default_factory=list[str])
    scenarios: Annotated[
        list[str],
        scenario_option("Only episodes of this scenario; repeatable."),
    ] = field(default_factory=list[str])
    verdicts: Annotated[
        list[str], typer.Option("--verdict", metavar="NAME", help="Only episodes with this verdict; repeatable.")
    ] = field(default_factory=list[str])
    limit: Annotated[int | None, typer.Option(min=1, help="Maximum number of episodes.")] = None
    after: Annotated[
        list[str],
        typer.Option(metavar="NAME", help="Interview as if the model had acted like this scripted agent."),
    ] = field(default_factory=list[str])
    rubric: Annotated[str, typer.Option(help="With --after: how outputs are scored in a review.")] = ""
    worlds: Annotated[int | None, typer.Option(min=1, help="With --after: number of worlds.", show_default="1")] = None
    seed: Annotated[int | None, typer.Option(help="With --after: seed of the first world.", show_default="0")] = None
    same_family: SameFamily = False
    time_limit: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Time limit for an interview and for a judge's call."),
    ] = None
    out: Annotated[Path | None, typer.Option(help="Folder for the interviews. [default: the run's own]")] = None
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, interview)


def interview(options: InterviewOptions) -> None:
    """Confront a model with what it did and check its answers against the journal.

    Its tools still work in the interview. The same command again resumes where the last one stopped.
    """
    check_models([*options.models, *options.judges])
    with loading():
        from peerwatch.cli.commands import interview as command

    command.interview(options)
