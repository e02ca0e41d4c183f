"""What is to be exported."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from peerwatch.core.errors import UserError

INSTALL = "pip install 'peerwatch[export]'"
LEGAL = {"format": ("parquet", "csv"), "figures": ("svg", "png"), "tables": ("md", "latex")}


@dataclass(frozen=True, slots=True)
class Choice:
    """Kinds of files, each of `LEGAL`; an empty tuple for none.

    Attributes:
        formats: Of the data.
        figures: Of the figures.
        tables: Of the tables.
    """

    formats: tuple[str, ...] = LEGAL["format"]
    figures: tuple[str, ...] = LEGAL["figures"]
    tables: tuple[str, ...] = LEGAL["tables"]


def choice(formats: str, figures: str, tables: str) -> Choice:
    """Read the options of the command line, each a list with commas.

    Raises:
        UserError: If a kind is not known, no data would be written, or what writes them is not installed.
    """
    chosen = Choice(_kinds("format", formats), _kinds("figures", figures), _kinds("tables", tables))
    if not chosen.formats:
        raise UserError("--format names no kind of data. Legal: parquet, csv, or both.")
    if "parquet" in chosen.formats:
        arrow()
    return chosen


def usual_formats() -> tuple[str, str]:
    """The kinds of data files that are written if none is named, and why it is not both; empty if it is."""
    try:
        arrow()
    except UserError:
        return "csv", "PyArrow is not installed, so the data is written as CSV alone. For Parquet: " + INSTALL
    return ",".join(LEGAL["format"]), ""


def arrow(module: str = "pyarrow") -> Any:  # noqa: ANN401 - the module, which has no types
    """PyArrow, which comes with the extra `export`.

    Raises:
        UserError: If it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise UserError(
            f"pyarrow, which writes Parquet, is not installed. Run `{INSTALL}`, or export with --format csv."
        ) from error


def _kinds(option: str, words: str) -> tuple[str, ...]:
    named = dict.fromkeys(word.strip() for word in words.split(",") if word.strip() not in ("", "none"))
    for word in named:
        if word not in LEGAL[option]:
            raise UserError(f"--{option} {word} is not known. Legal: {', '.join(LEGAL[option])}, or none.")
    return tuple(named)
