"""The command `export`: data, figures, tables and a data card in one folder."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from peerwatch._commands.output import console, insist_on_all, print_json, scrubber


def export(
    places: Annotated[
        list[Path], typer.Argument(metavar="PLACE...", help="Folders of runs, and Inspect logs of Peerwatch tasks.")
    ],
    out: Annotated[Path, typer.Option(help="Folder to make, or an older export to replace.")],
    formats: Annotated[
        str | None,
        typer.Option(
            "--format", help="Kinds of data files: parquet, csv.", show_default="both; csv alone without PyArrow"
        ),
    ] = None,
    figures: Annotated[str, typer.Option(help="Kinds of figures: svg, png; or none.")] = "svg,png",
    tables: Annotated[str, typer.Option(help="Kinds of tables: md, latex; or none.")] = "md,latex",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write the data, figures and tables of runs into a folder, with a data card that says what they are."""
    from peerwatch import exports
    from peerwatch._gathering import gathered

    shown = console(as_json=as_json)
    if formats is None:
        formats, why = exports.usual_formats()
        if why:
            shown.print(why, markup=False)
    chosen = exports.choice(formats, figures, tables)
    exports.check_place(out)
    study, certification = gathered(places)
    words = ["peerwatch", "export", *map(str, places), "--out", str(out), "--format", formats]
    words += ["--figures", figures, "--tables", tables]
    made = exports.export(study, certification, out, chosen, command=shlex.join(words), scrub=scrubber())
    if as_json:
        print_json({"folder": str(out.resolve()), "rows": made.rows, "files": list(made.files)})
    for name, rows in made.rows.items():
        shown.print(f"{name}: {rows}", markup=False)
    shown.print(f"Export: {out.resolve()} ({len(made.files)} files; README.md says what they are)", markup=False)
    insist_on_all(study.reading.unread)
