"""Write a study's data, figures, tables and data card into one folder."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import vl_convert

from peerwatch.analysis import summarise
from peerwatch.analysis.frames import Table, changed, tables
from peerwatch.core.scenarios import CANARY
from peerwatch.records import Study, Validation
from peerwatch.reports._figure_files import FigureFile, stills
from peerwatch.reports.exports._card import card
from peerwatch.reports.exports._choice import Choice
from peerwatch.reports.exports._data import to_csv, to_parquet
from peerwatch.reports.exports._finding import finding
from peerwatch.reports.exports._folder import MANIFEST, hashes_of, new_folder, write_manifest
from peerwatch.reports.exports._tables import printed, to_latex, to_markdown

CARD = "README.md"
FINDING = "finding"
SCALE = 2
"""Pixels in a PNG per pixel of the drawing."""


@dataclass(frozen=True, slots=True)
class Export:
    """The result of an export.

    Attributes:
        folder: The folder that was written.
        rows: Number of rows of each table.
        files: Paths relative to the folder, without the manifest.
    """

    folder: Path
    rows: dict[str, int]
    files: tuple[str, ...]


def export(
    study: Study,
    validation: Validation | None,
    out: Path,
    choice: Choice,
    *,
    command: str,
    scrub: Callable[[str], str] = str,
) -> Export:
    """Write a study's tables, figures and data card.

    Args:
        study: The plan and its results.
        validation: Results of the scripted agents; `None` if they were not run.
        out: Folder to create, or an older export to replace.
        choice: What to write.
        command: Command that repeats the export, for the card.
        scrub: Removes secrets from every text.

    Raises:
        UserError: If the folder contains files that are not from an export.
        OSError: If the export can't be written; an older export then remains unchanged.
    """
    clean = cache(scrub)
    summary = summarise(study, validation)
    data = {name: table.changed(clean) for name, table in tables(summary).items()}
    figures = stills(summary) if choice.figures else []
    with new_folder(out) as folder:
        _write_data(data.values(), choice.formats, folder)
        _write_figures(figures, choice.figures, folder, clean)
        if choice.figures:
            _write_finding(finding(summary, clean), choice.figures, folder)
        for table in printed(summary, clean) if choice.tables else []:
            if "md" in choice.tables:
                _text(folder / "tables" / f"{table.name}.md", to_markdown(table))
            if "latex" in choice.tables:
                _text(folder / "tables" / f"{table.name}.tex", to_latex(table))
        _text(folder / CARD, card(summary, data, figures, choice, command, hashes_of(folder), clean))
        write_manifest(folder, {"canary": CANARY, "command": clean(command)})
        files = tuple(hashes_of(folder, without=MANIFEST))
    return Export(out, {name: table.rows for name, table in data.items()}, files)


def _write_data(found: Iterable[Table], formats: Sequence[str], folder: Path) -> None:
    for table in found:
        if "parquet" in formats:
            to_parquet(table, folder / f"{table.name}.parquet")
        if "csv" in formats:
            to_csv(table, folder / f"{table.name}.csv")


def _write_figures(
    figures: Sequence[FigureFile], kinds: Sequence[str], folder: Path, clean: Callable[[str], str]
) -> None:
    for figure in figures:
        if figure.drawing is None:
            continue
        drawing = json.dumps(changed(figure.drawing, clean))
        if "svg" in kinds:
            _text(
                folder / "figures" / f"{figure.name}.svg", f"{vl_convert.vegalite_to_svg(drawing)}\n<!-- {CANARY} -->\n"
            )
        if "png" in kinds:
            (folder / "figures").mkdir(exist_ok=True)
            (folder / "figures" / f"{figure.name}.png").write_bytes(vl_convert.vegalite_to_png(drawing, scale=SCALE))


def _write_finding(svg: str, kinds: Sequence[str], folder: Path) -> None:
    """Write the main finding as one picture, for slides and messages."""
    if "svg" in kinds:
        _text(folder / "figures" / f"{FINDING}.svg", svg)
    if "png" in kinds:
        (folder / "figures").mkdir(exist_ok=True)
        (folder / "figures" / f"{FINDING}.png").write_bytes(vl_convert.svg_to_png(svg, scale=SCALE))


def _text(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
