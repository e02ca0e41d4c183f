"""The options of `peerwatch import`; the implementation is in `commands/import_.py`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_models, loading
from peerwatch.cli.options import Judges, SameFamily
from peerwatch.cli.verbs import Json, add_verb
from peerwatch.core.errors import UserError
from peerwatch.judging.importing import IMPORTERS


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """The options of `peerwatch import`."""

    format: Annotated[
        str, typer.Argument(metavar="FORMAT", help="Format of the files, such as potter2026; packages add formats.")
    ]
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Published transcripts.")]
    judges: Judges = field(default_factory=list[str])
    rubric: Annotated[
        str, typer.Option(metavar="FILE", help="Questions for the judges. [default: the shipped rubric]")
    ] = ""
    same_family: SameFamily = False
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, import_, "import")


def import_(options: ImportOptions) -> None:
    """Score transcripts that another study has published."""
    _check(options)
    if gone := next((each for each in options.files if not each.exists()), None):
        raise UserError(f"{gone} does not exist. Give files of transcripts in the format {options.format}.")
    check_models(options.judges)
    with loading():
        from peerwatch.cli.commands import import_ as command

    command.import_transcripts(options)


def _check(options: ImportOptions) -> None:
    """Refuse unknown formats, and judge options without a judge.

    Raises:
        NotRegisteredError: If no installed package reads the format.
        UserError: If an option needs a judge and none is named.
    """
    if options.format not in IMPORTERS:
        IMPORTERS[options.format]  # raises an error that lists the installed formats; loads nothing
    if not options.judges and (options.rubric or options.same_family):
        given = "--rubric" if options.rubric else "--same-family"
        raise UserError(f"{given} needs a judge. Name one with --judge MODEL, or drop {given}.")
