"""The choice of what to export."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from peerwatch.core.errors import UserError

INSTALL = "pip install 'peerwatch[export]'"
LEGAL = {"format": ("parquet", "csv"), "figures": ("svg", "png"), "tables": ("md", "latex")}


@dataclass(frozen=True, slots=True)
class Choice:
    """Kinds of files, each from `LEGAL`; an empty tuple for none.

    Attributes:
        formats: Formats of the data.
        figures: Formats of the figures.
        tables: Formats of the tables.
    """

    formats: tuple[str, ...] = LEGAL["format"]
    figures: tuple[str, ...] = LEGAL["figures"]
    tables: tuple[str, ...] = LEGAL["tables"]


def choice(formats: str, figures: str, tables: str) -> Choice:
    """Read the command-line options, each a comma-separated list.

    Raises:
        UserError: If a kind is unknown, no data would be written, or a required package is not installed.
    """
    chosen = Choice(_kinds("format", formats), _kinds("figures", figures), _kinds("tables", tables))
    if not chosen.formats:
        raise UserError("--format is empty. Legal: parquet, csv, or both.")
    if "parquet" in chosen.formats:
        arrow()
    return chosen


def usual_formats() -> tuple[str, str]:
    """Return the default data formats, and the reason if Parquet is missing; the reason is empty otherwise."""
    try:
        arrow()
    except UserError:
        return "csv", "PyArrow is not installed, so the data is written as CSV alone. For Parquet: " + INSTALL
    return ",".join(LEGAL["format"]), ""


def arrow(module: str = "pyarrow") -> Any:  # noqa: ANN401 - the module, which has no types
    """Return the PyArrow module, which is part of the extra `export`.

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
            raise UserError(f"--{option} {word} is unknown. Legal: {', '.join(LEGAL[option])}, or none.")
    return tuple(named)
