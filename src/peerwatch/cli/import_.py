"""`peerwatch import`: `commands/import_.py` does the work."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_places, loading
from peerwatch.cli.options import Judges, SameFamily
from peerwatch.cli.verbs import Json, add_verb


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """The options of `peerwatch import`."""

    format: Annotated[str, typer.Argument(metavar="FORMAT", help="Format of the files: potter2026.")]
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Published transcripts.")]
    judges: Judges = field(default_factory=list[str])
    rubric: Annotated[
        str, typer.Option(metavar="FILE", help="Questions for the judges. [default: the shipped rubric]")
    ] = ""
    same_family: SameFamily = False
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Add the verb."""
    add_verb(app, import_, "import")


def import_(options: ImportOptions) -> None:
    """Score transcripts that another study has published."""
    check_places(options.files)
    with loading():
        from peerwatch.cli.commands import import_ as command

    command.import_transcripts(options)
