"""`peerwatch import`: `commands/import_.py` does the work."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch._mistakes import Mistake, choices
from peerwatch.cli.loading import check_models, check_places, loading
from peerwatch.cli.options import Judges, SameFamily
from peerwatch.cli.verbs import Json, add_verb

FORMATS = ("potter2026",)
"""Formats of published transcripts that can be read."""


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
    _check(options)
    check_places(options.files)
    check_models(options.judges)
    with loading():
        from peerwatch.cli.commands import import_ as command

    command.import_transcripts(options)


def _check(options: ImportOptions) -> None:
    """Refuse a format that does not exist, and options that only a judge would heed.

    Raises:
        Mistake: If there is one.
    """
    if options.format not in FORMATS:
        raise Mistake(f"{options.format} is not a format of transcripts. {choices(options.format, FORMATS)}")
    if not options.judges and (options.rubric or options.same_family):
        given = "--rubric" if options.rubric else "--same-family"
        raise Mistake(f"{given} is for judges, and no judge is named. Name one with --judge MODEL, or leave it out.")
