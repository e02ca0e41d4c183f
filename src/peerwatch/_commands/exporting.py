"""The command `export`: data, figures, tables and a data card in one folder."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from peerwatch._commands.output import console, print_json, scrubbed
from peerwatch._gathering import gathered
from peerwatch.exports import check_place, choice, export


def run_export(places: Sequence[Path], out: Path, formats: str, figures: str, tables: str, *, as_json: bool) -> None:
    """Write the export and say what is in it.

    Raises:
        Mistake: If an option names what there is not, the folder holds something else, or a place holds no logs.
    """
    chosen = choice(formats, figures, tables)
    check_place(out)
    study, certification = gathered(places)
    words = ["peerwatch", "export", *map(str, places), "--out", str(out), "--format", formats]
    words += ["--figures", figures, "--tables", tables]
    made = export(study, certification, out, chosen, command=shlex.join(words), scrub=scrubbed)
    if as_json:
        print_json({"folder": str(out.resolve()), "rows": made.rows, "files": list(made.files)})
    shown = console(as_json=as_json)
    for name, rows in made.rows.items():
        shown.print(f"{name}: {rows}", markup=False)
    shown.print(f"Export: {out.resolve()} ({len(made.files)} files; README.md says what they are)", markup=False)
