"""Episodes read from tables: what analysis needs at once, texts when they are first asked for, journals one by one."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from inspect_ai.log import read_eval_log_sample

from peerwatch.core.outcomes import AXES, EpisodeFailure
from peerwatch.core.storage import fetch
from peerwatch.records._episodes import Episode, Evidence, JournalLine, Passage, RubricAnswers
from peerwatch.records._files import LogError
from peerwatch.records._parquet import Tables, library
from peerwatch.records._read import passages
from peerwatch.records._reading import Reading, merged
from peerwatch.records._slots import Slot

MEMORY = "512MB"
"""What DuckDB may hold in memory; it spills to disk beyond."""

Kind = Literal["episodes", "journal"]

_TEXTS = (
    "sample_id", "world_hash", "stimulus_hash", "subject_name", "statement", "submitted", "evidence", "act", "quote",
    "quote_kind", "quote_names_subject", "decisive",
)  # fmt: skip
"""Columns that are read together, when the first of them is asked for."""

_HELD = frozenset(
    {"slot", "verdict", "axes", "survived_because", "failed_before", "failure", "served", "score", "judged"}
)
_NAMES = frozenset(Episode.model_fields)


class EpisodeTable:
    """The episodes of some tables.

    Attributes:
        tables: Where they are.
    """

    def __init__(self, tables: Sequence[Tables]) -> None:
        self.tables = tuple(tables)
        self._connection: Any = None
        self._columns: dict[str, Any] = {}
        self._homes: list[int] | None = None
        self._evidence: dict[tuple[int, int], Path] = {}

    def rows(self, names: Sequence[str], kind: Kind = "episodes", only: Sequence[str] = (), more: str = "") -> Any:  # noqa: ANN401 - a table of PyArrow
        """Some columns of all files, in the order of files and rows.

        Args:
            names: Of the columns.
            kind: Which of the two tables.
            only: Files to read in place of all.
            more: What follows in the query, without any text of a user's.
        """
        library("pyarrow")
        files = list(only) or [path for each in self.tables for path in each.files(kind)]
        # Model and scenario are read from the files, which hold them as well: as they are, not encoded for a path.
        source = "read_parquet($files, union_by_name=true, hive_partitioning=false, filename=true)"
        sql = f"SELECT {', '.join(map(_quoted, names))} FROM {source} {more}"  # noqa: S608 - names are quoted
        return self._open().sql(sql, params={"files": files}).to_arrow_table()

    def column(self, name: str) -> Any:  # noqa: ANN401 - an array of PyArrow
        """A column of all episodes."""
        if name not in self._columns:
            wanted = [each for each in _TEXTS if each not in self._columns] if name in _TEXTS else [name]
            found = self.rows(wanted)
            self._columns.update({each: found.column(each).combine_chunks() for each in wanted})
        return self._columns[name]

    @property
    def homes(self) -> list[int]:
        """Which of the tables each row is in."""
        if self._homes is None:
            of_file = {path: place for place, each in enumerate(self.tables) for path in each.files("episodes")}
            self._homes = [of_file[name] for name in self.values("filename")]
        return self._homes

    def evidence_file(self, row: int, number: int) -> Path:
        """A file with evidence, by its number in the tables that a row is in."""
        home = self.homes[row]
        if (home, number) not in self._evidence:
            tables = self.tables[home]
            self._evidence[home, number] = tables.place / tables.summary.evidence[number]
        return self._evidence[home, number]

    def values(self, name: str) -> list[Any]:
        """A column as a list."""
        return self.rows([name]).column(0).to_pylist()

    def _open(self) -> Any:  # noqa: ANN401 - a connection of DuckDB
        if self._connection is None:
            duckdb = library("duckdb")
            self._connection = duckdb.connect(config={"memory_limit": MEMORY})
        return self._connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class TableEpisode(Episode):
    """An episode of a table: what is not held is read when it is asked for."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any field
        if name in _NAMES and name not in _HELD:
            table: EpisodeTable = self.__dict__["_table"]
            return _LATER[name](table, self.__dict__["_row"])
        return super().__getattr__(name)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType] - pydantic hides it from type checkers

    @property
    def evidence_at(self) -> tuple[Path, int] | None:
        """The file with everything about it that was written with the table, and its place there."""
        number = self.text("evidence_file")
        if number is None:
            return None
        table: EpisodeTable = self.__dict__["_table"]
        return table.evidence_file(self.__dict__["_row"], number), self.text("evidence_place")

    def text(self, name: str) -> Any:  # noqa: ANN401 - a text, a number, a flag or none
        """A column of its row."""
        return self.__dict__["_table"].column(name)[self.__dict__["_row"]].as_py()


def _plain(column: str) -> Callable[[EpisodeTable, int], Any]:
    return lambda table, row: table.column(column)[row].as_py()


def _submitted(table: EpisodeTable, row: int) -> dict[str, Any]:
    found = table.column("submitted")[row].as_py()
    return _record(found) if found else {}


@lru_cache(4096)
def _record(text: str) -> dict[str, Any]:
    """A record from its JSON; a list reads that of every episode several times, and nothing changes it."""
    return json.loads(text)


def _evidence(table: EpisodeTable, row: int) -> tuple[Evidence, ...]:
    found = table.column("evidence")[row].as_py()
    return tuple(Evidence.model_validate(each) for each in json.loads(found)) if found else ()


def _journal(table: EpisodeTable, row: int) -> tuple[JournalLine, ...]:
    file = table.column("filename")[row].as_py()
    number = int(table.column("number")[row].as_py())
    beside = "/parquet/journal/".join(file.rsplit("/parquet/episodes/", 1))
    fetch(Path(beside))
    more = f"WHERE number = {number} ORDER BY index"
    found = table.rows([*JournalLine.model_fields], "journal", [beside], more).to_pylist()
    return tuple(JournalLine.model_validate({**each, "arguments": json.loads(each["arguments"])}) for each in found)


def _said(table: EpisodeTable, row: int) -> tuple[Passage, ...]:
    """What the target wrote, which tables do not hold: from its log."""
    home, name = table.tables[table.homes[row]], table.column("log")[row].as_py()
    path = next((each for each in home.summary.sources if each.rpartition("/")[2] == name), name)
    sample, epoch = table.column("sample_id")[row].as_py(), table.column("epoch")[row].as_py()
    try:
        fetch(home.place / path)
        return passages(read_eval_log_sample(str(home.place / path), id=sample, epoch=epoch))
    except OSError as error:
        raise LogError(
            f"{home.place / path}, which holds what was said in {sample}, cannot be read: {error}."
        ) from error


_LATER: dict[str, Callable[[EpisodeTable, int], Any]] = {
    **{name: _plain(name) for name in ("sample_id", "world_hash", "stimulus_hash", "subject_name", "statement")},
    **{name: _plain(name) for name in ("turns", "seconds", "tokens", "log")},
    "setting": _plain("environment"),
    "submitted": _submitted,
    "evidence": _evidence,
    "journal": _journal,
    "said": _said,
}


def read_tables(tables: Sequence[Tables]) -> tuple[list[Episode], Reading]:
    """The episodes of some tables, in their order, and how their logs were read.

    Raises:
        UserError: If DuckDB or PyArrow is not installed.
    """
    table = EpisodeTable(tables)
    count = sum(each.summary.episodes for each in tables)
    if not count:
        return [], merged([each.summary.reading for each in tables])
    names = (
        "model", "scenario", "rubric", "agent", "agent_command", "arm", "world_seed", "epoch", "verdict", "axis_names",
        "other_axes", "survived_because", "failed_before", "failure_kind", "failure_reason", "served", "score_origin",
        "judgement",
    )  # fmt: skip
    found = table.rows([*names, *AXES])
    held = {name: _shared(found.column(name).to_pylist()) for name in names}
    axes = _axes(found, held["axis_names"], held["other_axes"])
    arms: dict[str, dict[str, str]] = {}
    failures: dict[tuple[str, str], EpisodeFailure] = {}
    reasons: dict[tuple[str, ...], tuple[str, ...]] = {}
    episodes: list[Episode] = []
    for row, arm in enumerate(held["arm"]):
        if arm not in arms:
            arms[arm] = json.loads(arm)
        kind, why = held["failure_kind"][row], held["failure_reason"][row]
        if kind is not None and (kind, why) not in failures:
            failures[kind, why] = EpisodeFailure(kind=kind, reason=why)
        because = tuple(held["survived_because"][row])
        judgement, served = held["judgement"][row], held["served"][row]
        slot = Slot.unchecked(
            model=held["model"][row],
            scenario=held["scenario"][row],
            rubric=held["rubric"][row],
            arm=arms[arm],
            world_seed=held["world_seed"][row],
            epoch=held["epoch"][row],
            agent=held["agent"][row],
            agent_command=held["agent_command"][row],
        )
        fields = {
            "slot": slot,
            "verdict": held["verdict"][row],
            "axes": axes[row],
            "survived_because": reasons.setdefault(because, because),
            "failed_before": held["failed_before"][row],
            "failure": failures[kind, why] if kind is not None else None,
            "served": json.loads(served) if served else _NOTHING,
            "score": held["score_origin"][row],
            "judged": RubricAnswers.model_validate_json(judgement) if judgement else None,
            "_table": table,
            "_row": row,
        }
        episodes.append(_made(fields))
    order = _order(table)
    return [episodes[row] for row in order], merged([each.summary.reading for each in tables])


_NOTHING: dict[str, int] = {}


def _made(fields: dict[str, Any]) -> TableEpisode:
    """An episode with these fields, without checking them again: they were checked when the table was written."""
    made = TableEpisode.__new__(TableEpisode)
    for name, value in (
        ("__dict__", fields),
        ("__pydantic_fields_set__", _HELD),
        ("__pydantic_extra__", None),
        ("__pydantic_private__", None),
    ):
        object.__setattr__(made, name, value)
    return made


def _order(table: EpisodeTable) -> list[int]:
    """Rows in the order in which the logs were read: shard by shard, and by number within a shard."""
    return [int(row) for row in np.lexsort((table.values("number"), table.homes))]


def _shared(values: list[Any]) -> list[Any]:
    """The same values, equal texts as one object."""
    known: dict[str, str] = {}
    return [known.setdefault(each, each) if isinstance(each, str) else each for each in values]


def _axes(found: Any, names: list[str], others: list[str | None]) -> list[dict[str, float | None]]:  # noqa: ANN401 - a table of PyArrow
    """The axes of each row; rows with the same values share one dict."""
    columns = {axis: found.column(axis).to_pylist() for axis in AXES}
    split = {each: each.split(",") if each else [] for each in dict.fromkeys(names)}
    known: dict[tuple[object, ...], dict[str, float | None]] = {}
    axes: list[dict[str, float | None]] = []
    for row, (which, more) in enumerate(zip(names, others, strict=True)):
        extra: dict[str, float | None] = json.loads(more) if more else {}
        values = {axis: columns[axis][row] if axis in columns else extra.get(axis) for axis in split[which]}
        axes.append(known.setdefault((which, more, *values.values()), values))
    return axes
