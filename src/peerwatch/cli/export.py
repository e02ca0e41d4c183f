"""`peerwatch export`: data, figures, tables and a data card in one folder."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from peerwatch.cli.loading import check_folder, check_places
from peerwatch.cli.options import Places
from peerwatch.cli.output import console, insist_on_all, print_json, scrubber
from peerwatch.cli.verbs import Json, add_verb
from peerwatch.core.storage import pull, replace, work_folder


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """The options of `peerwatch export`."""

    places: Places
    out: Annotated[
        Path,
        typer.Option(
            parser=work_folder, metavar="FOLDER", help="Folder to make, or an older export to replace; or its URL."
        ),
    ]
    formats: Annotated[
        str | None,
        typer.Option(
            "--format", help="Kinds of data files: parquet, csv.", show_default="both; csv alone without PyArrow"
        ),
    ] = None
    figures: Annotated[str, typer.Option(help="Kinds of figures: svg, png; or none.")] = "svg,png"
    tables: Annotated[str, typer.Option(help="Kinds of tables: md, latex; or none.")] = "md,latex"
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, export)


def export(options: ExportOptions) -> None:
    """Write the data, figures and tables of runs into a folder, with a data card."""
    check_places(options.places)
    check_folder("--out", options.out)
    from peerwatch.reports import exports
    from peerwatch.running._read_studies import read_studies

    shown, out, formats = console(as_json=options.as_json), options.out, options.formats
    if formats is None:
        formats, why = exports.usual_formats()
        if why:
            shown.print(why, markup=False)
    chosen = exports.choice(formats, options.figures, options.tables)
    pull(out, lambda _: True)
    exports.check_place(out)
    study, validation = read_studies(options.places)
    words = ["peerwatch", "export", *map(str, options.places), "--out", str(out), "--format", formats]
    words += ["--figures", options.figures, "--tables", options.tables]
    made = exports.export(study, validation, out, chosen, command=shlex.join(words), scrub=scrubber())
    replace(out)
    if options.as_json:
        print_json({"folder": str(out.resolve()), "rows": made.rows, "files": list(made.files)})
    for name, rows in made.rows.items():
        shown.print(f"{name}: {rows}", markup=False)
    shown.print(f"Export: {out.resolve()} ({len(made.files)} files; README.md describes them)", markup=False)
    insist_on_all(study.reading.unread)
