"""Read logs into data frames of pandas or polars."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from pydantic import JsonValue

from peerwatch.analysis import Summary, answers, summarise
from peerwatch.analysis.frames import Kind, Table, json_text, tables
from peerwatch.core import storage
from peerwatch.core.errors import UserError
from peerwatch.core.plain_text import shown
from peerwatch.records import in_one
from peerwatch.reports._drawing import Drawing
from peerwatch.reports._figure_files import stills
from peerwatch.reports._head import question_of
from peerwatch.running._read_studies import read_studies

if TYPE_CHECKING:
    from pandas import DataFrame  # pyright: ignore[reportMissingTypeStubs] - it is annotated, not marked as typed

Frame = TypeVar("Frame")
Library = Literal["pandas", "polars"]
Place = str | Path

PANDAS: dict[Kind, str] = {"text": "string", "flag": "boolean", "whole": "Int64", "number": "Float64"}
"""Nullable pandas types that distinguish null from 0. Lists and records are objects."""


MOST_ANSWERS = 6
"""Maximum number of answers in the printed form of a study's frames."""


class UnreadWarning(UserWarning):
    """Some files could not be read; the message says which and why."""


@dataclass(frozen=True, slots=True, repr=False)
class Frames(Generic[Frame]):
    """The tables of a study. The documentation's page on exports explains the columns.

    Attributes:
        episodes: One row per planned episode that has ended.
        journal: One row per tool call.
        rates: One row per arm and axis.
        composition: One row per arm: counts of its planned episodes by result.
        contrasts: One row per pair of arms that differ in one factor.
        paper: One row per number in the published study's tables; empty if none of its arms was run.
    """

    episodes: Frame
    journal: Frame
    rates: Frame
    composition: Frame
    contrasts: Frame
    paper: Frame
    _summary: Summary = field(repr=False, compare=False)

    def plot_rates(self) -> Drawing:
        """Return the report's first figure: rates with intervals, peer next to object, one group per model.

        Raises:
            UserError: If no pair of arms was measured.
        """
        return self._drawn("rates")

    def plot_composition(self) -> Drawing:
        """Return a figure of the results of all planned episodes, arm by arm.

        Raises:
            UserError: If nothing was planned.
        """
        return self._drawn("composition")

    def plot_contrasts(self) -> Drawing:
        """Return a figure of differences with intervals: planned contrasts or, if there are none, exploratory ones.

        Raises:
            UserError: If no pair of arms was measured.
        """
        return self._drawn("contrasts-planned", "contrasts-exploratory")

    def _drawn(self, *kinds: str) -> Drawing:
        found = [each for each in stills(self._summary) if each.drawing is not None]
        for name in (f"{prefix}{kind}" for kind in kinds for prefix in ("", "scripted-")):
            # A figure with too many rows continues in further ones; the first is shown.
            for each in found:
                if each.drawing is not None and each.name in (name, f"{name}-1"):
                    return Drawing(each.name, each.caption, each.drawing)
        raise UserError(
            f"There is nothing to draw: no measured data for {' or '.join(kinds)}. `frames` lists what there is."
        )

    def __repr__(self) -> str:
        """Return the title, the answers and the number of rows of each table."""
        answered = [each.sentence for each in answers(self._summary.contrasts)]
        return "\n".join([question_of(self._summary), *answered[:MOST_ANSWERS], *_sizes(self)])

    def _repr_html_(self) -> str:
        """Return the same as HTML for a notebook, with all text escaped."""
        answered = [each.sentence for each in answers(self._summary.contrasts)][:MOST_ANSWERS]
        items = "".join(f"<li>{escape(shown(each))}</li>" for each in answered)
        sizes = "".join(f"<li><code>{escape(each)}</code></li>" for each in _sizes(self))
        asked = escape(shown(question_of(self._summary)))
        return f"<p><b>{asked}</b></p><ul>{items}</ul><details><summary>Tables</summary><ul>{sizes}</ul></details>"


def _sizes(frames: Frames[Any]) -> list[str]:
    names = [each.name for each in fields(frames) if not each.name.startswith("_")]
    return [f".{name}: {len(getattr(frames, name)):,} rows" for name in names]


@overload
def load(places: Place | Sequence[Place], *, library: Literal["pandas"] = "pandas") -> "Frames[DataFrame]": ...
@overload
def load(places: Place | Sequence[Place], *, library: Literal["polars"]) -> Frames[Any]: ...
def load(places: Place | Sequence[Place], *, library: Library = "pandas") -> Frames[Any]:
    """Read runs and individual logs into typed data frames.

    Args:
        places: A folder of a run, a log, a folder of logs, each as a path or a URL; or several of these.
        library: `pandas`, or `polars` if it is installed.

    Returns:
        The frames. Null means "not measured" or "absent", never 0. Rates are shares in [0, 1]. In polars, a record is a
        JSON string.

    Warns:
        UnreadWarning: If some files could not be read; the frames then hold the others.

    Raises:
        UserError: If a place contains no logs, several places can't be combined, or the library is not installed.
    """
    makers = {"pandas": to_pandas, "polars": to_polars}
    if library not in makers:
        raise UserError(f"library={library!r} is not known. Legal: {', '.join(makers)}.")
    if library == "polars":
        _polars()
    listed = [places] if isinstance(places, str | Path) else places
    if not listed:
        raise UserError("no place is given. Give the folder of a run, a log, or a folder of logs.")
    study, validation = read_studies([storage.place(each) for each in listed])
    if study.reading.unread:
        warnings.warn(f"{in_one(study.reading.unread)} The frames hold the other logs.", UnreadWarning, stacklevel=2)
    summary = summarise(study, validation)
    found = {name: makers[library](each) for name, each in tables(summary).items()}
    return Frames(**found, _summary=summary)


def to_pandas(table: Table) -> "DataFrame":
    """Convert a table to a pandas frame."""
    pandas = import_module("pandas")
    columns = table.layout.columns
    return pandas.DataFrame(
        {each.name: pandas.Series(table.values[each.name], dtype=PANDAS.get(each.type, "object")) for each in columns}
    )


def to_polars(table: Table) -> Any:  # noqa: ANN401 - a polars.DataFrame; polars is not installed with Peerwatch
    """Convert a table to a polars frame.

    Raises:
        UserError: If polars is not installed.
    """
    polars = _polars()
    types: dict[Kind, Any] = {
        "text": polars.String,
        "flag": polars.Boolean,
        "whole": polars.Int64,
        "number": polars.Float64,
        "texts": polars.List(polars.String),
        "wholes": polars.List(polars.Int64),
        "record": polars.String,
    }
    columns = table.layout.columns
    return polars.DataFrame(
        {each.name: plain(table.values[each.name], each.type) for each in columns},
        schema={each.name: types[each.type] for each in columns},
        strict=False,
    )


def plain(values: list[JsonValue], kind: Kind) -> list[JsonValue]:
    """Convert values for libraries with fixed column types: records, whose keys vary by row, become JSON strings."""
    return [None if value is None else json_text(value) for value in values] if kind == "record" else values


def _polars() -> Any:  # noqa: ANN401 - the module
    try:
        return import_module("polars")
    except ImportError as error:
        raise UserError("polars is not installed. Run `pip install polars`, or load with pandas.") from error
