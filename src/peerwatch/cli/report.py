"""The options of `peerwatch report`; the implementation is in `commands/report.py`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_page, check_places
from peerwatch.cli.options import Places
from peerwatch.cli.output import insist_on_all
from peerwatch.cli.verbs import Json, add_verb
from peerwatch.core.storage import work_folder


@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    """The options of `peerwatch report`."""

    places: Places
    out: Annotated[
        Path | None,
        typer.Option(
            parser=work_folder,
            metavar="FILE",
            help="File to write, or its URL. [default: report.html in the folder; here for several places]",
        ),
    ] = None
    labels: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE",
            help="Human labels of some episodes, drawn by `judge sample`: contrasts of judged axes are then corrected "
            "for the judge's errors. Once for each labeller. Label files in a run's folder are always used.",
        ),
    ] = field(default_factory=list[Path])
    tables: Annotated[bool, typer.Option("--tables", help="Print all tables instead of a 24-line summary.")] = False
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, report)


def report(options: ReportOptions) -> None:
    """Write the report page of runs, or of any Inspect logs of Peerwatch tasks."""
    check_places(options.places)
    check_page("--out", options.out)
    from peerwatch.cli.commands import report as command

    study = command.report(options.places, options.out, options.labels, as_json=options.as_json, tables=options.tables)
    insist_on_all(study.reading.unread)
