"""Episodes read from tables: what analysis needs at once, texts when they are first asked for, journals one by one."""

import gc
import json
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from inspect_ai.log import EvalSample, read_eval_log_sample
from numpy.typing import NDArray

from peerwatch.core.outcomes import AXES, EpisodeFailure
from peerwatch.core.scenarios import SCENARIOS
from peerwatch.core.storage import fetch
from peerwatch.records._episodes import Episode, Evidence, JournalLine, RubricAnswers
from peerwatch.records._files import LogError
from peerwatch.records._parquet import JOURNAL_COLUMNS, OTHER_FIELDS, Tables, library
from peerwatch.records._read import exchanged, passages
from peerwatch.records._reading import Reading, merged
from peerwatch.records._slots import Slot

MEMORY = "512MB"
"""What DuckDB may hold in memory; it spills to disk beyond."""

Kind = Literal["episodes", "journal"]

_CALLS = 500_000
"""Journal entries that are kept, of files whose episodes are asked for one after the other."""

_TEXTS = (
    "sample_id", "world_hash", "stimulus_hash", "subject_name", "statement", "act", "quote",
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
        files: The file of each row.
        numbers: The number of each row's episode in its tables.
    """

    def __init__(self, tables: Sequence[Tables]) -> None:
        self.tables = tuple(tables)
        self.files: list[str] = []
        self.numbers: list[int] = []
        self._connection: Any = None
        self._columns: dict[str, Any] = {}
        self._homes: list[int] | None = None
        self._evidence: dict[tuple[int, int], Path] = {}
        self._journals: dict[str, tuple[Any, Any]] = {}

    def rows(self, names: Sequence[str], kind: Kind = "episodes", only: Sequence[str] = (), more: str = "") -> Any:  # noqa: ANN401 - a table of PyArrow
        """Some columns of all files, in the order of files and rows.

        Args:
            names: Of the columns; empty for all.
            kind: Which of the two tables.
            only: Files to read in place of all.
            more: What follows in the query, without any text of a user's.
        """
        library("pyarrow")
        files = list(only) or [path for each in self.tables for path in each.files(kind)]
        # Model and scenario are read from the files, which hold them as well: as they are, not encoded for a path.
        source = "read_parquet($files, union_by_name=true, hive_partitioning=false, filename=true)"
        sql = f"SELECT {', '.join(map(_quoted, names)) or '*'} FROM {source} {more}"  # noqa: S608 - names are quoted
        return self._open().sql(sql, params={"files": files}).to_arrow_table()

    def row(self, row: int, names: Sequence[str]) -> dict[str, Any]:
        """Some columns of one episode, which are not kept."""
        return self.rows(names, only=[self.files[row]], more=f"WHERE number = {self.numbers[row]}").to_pylist()[0]

    def calls(self, row: int, names: Sequence[str]) -> list[dict[str, Any]]:
        """The journal of an episode, in order. What its file holds of others is kept for a while."""
        file, number = self.files[row], self.numbers[row]
        if file not in self._journals:
            beside = "/parquet/journal/".join(file.rsplit("/parquet/episodes/", 1))
            fetch(Path(beside), wanted=lambda _: True)
            found = self.rows(["number", *names], "journal", [beside], "ORDER BY number, index")
            self._journals[file] = (found, found.column("number").to_numpy())
            while sum(len(numbers) for _, numbers in self._journals.values()) > _CALLS and len(self._journals) > 1:
                del self._journals[next(iter(self._journals))]
        held, numbers = self._journals[file]
        start, end = (int(place) for place in np.searchsorted(numbers, [number, number + 1]))
        return held.slice(start, end - start).to_pylist()

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
            self._homes = [of_file[name] for name in self.files]
        return self._homes

    def evidence_file(self, row: int, number: int) -> Path:
        """A file with evidence, by its number in the tables that a row is in."""
        home = self.homes[row]
        if (home, number) not in self._evidence:
            tables = self.tables[home]
            self._evidence[home, number] = tables.place / tables.summary.evidence[number]
        return self._evidence[home, number]

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
        if name == "served":
            return {}
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
        held = self.__dict__
        return held["_table"].column(name)[held["_row"]].as_py()


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
    if not table.column("decisive")[row].as_py():
        return ()
    found = table.row(row, ["evidence"])["evidence"]
    return tuple(Evidence.model_validate(each) for each in json.loads(found)) if found else ()


def _journal(table: EpisodeTable, row: int) -> tuple[JournalLine, ...]:
    names = [name for name in JournalLine.model_fields if name in JOURNAL_COLUMNS]
    return tuple(
        JournalLine.model_validate(
            {name: each[name] for name in names}
            | {"arguments": json.loads(each["arguments"])}
            | json.loads(each["more"])
        )
        for each in table.calls(row, [*names, "more"])
    )


def _other(name: str) -> Callable[[EpisodeTable, int], Any]:
    def read(table: EpisodeTable, row: int) -> Any:  # noqa: ANN401 - a field of an episode
        found = _record(table.column("more")[row].as_py()).get(name, Episode.model_fields[name].default)
        return tuple(cast("list[str]", found)) if isinstance(found, list) else found

    return read


def _from_log(table: EpisodeTable, row: int) -> EvalSample:
    """The log's sample of an episode, for what was said, which tables do not hold."""
    home, name = table.tables[table.homes[row]], table.column("log")[row].as_py()
    path = next((each for each in home.summary.sources if each.rpartition("/")[2] == name), name)
    sample, epoch = table.column("sample_id")[row].as_py(), table.column("epoch")[row].as_py()
    try:
        fetch(home.place / path)
        return read_eval_log_sample(str(home.place / path), id=sample, epoch=epoch)
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
    "said": lambda table, row: passages(_from_log(table, row)),
    "exchange": lambda table, row: exchanged(_from_log(table, row)),
    **{name: _other(name) for name in OTHER_FIELDS},
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
    with _without_collection(count):
        reader = _Reader(table)
        files = [file for each in tables for file in each.files("episodes")]
        for start in range(0, len(files), _FILES):
            some = files[start : start + _FILES]
            # Tables of an earlier version lack the axes that came later.
            axes = AXES.keys() & table.rows([], only=some, more="LIMIT 0").column_names
            reader.take(table.rows(["filename", "number", *_AT_ONCE, *sorted(axes)], only=some))
        order: NDArray[np.int64] = np.lexsort((table.numbers, table.homes))
        episodes: list[Episode] = [reader.episodes[row] for row in order.tolist()]
    return episodes, merged([each.summary.reading for each in tables])


_MANY = 20_000
"""Episodes from which garbage is not collected while they are made."""

_FILES = 64
"""Files that are read at a time: texts that many rows share, such as the levels of an arm, take most of the memory."""

_AT_ONCE = (
    "model", "scenario", "rubric", "agent", "agent_command", "arm", "world_seed", "epoch", "verdict", "axis_names",
    "other_axes", "survived_because", "failed_before", "failure_kind", "failure_reason", "served", "score_origin",
    "judgement",
)  # fmt: skip
"""Columns that every episode holds from the beginning, in addition to its axes."""


@contextmanager
def _without_collection(count: int) -> Generator[None]:
    """Make many objects without collecting garbage in between, which would look at all of them again and again."""
    if count < _MANY:
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Reader:
    """Makes episodes of rows; what is equal in many of them is one object."""

    def __init__(self, table: EpisodeTable) -> None:
        self.episodes: list[Episode] = []
        self._table = table
        self._texts: dict[str, str] = {}
        self._arms: dict[tuple[str, str], dict[str, str]] = {}
        self._failures: dict[tuple[str, str], EpisodeFailure] = {}
        self._because: dict[str, tuple[str, ...]] = {}
        self._axes: dict[tuple[object, ...], dict[str, float | None]] = {}

    def take(self, rows: Any) -> None:  # noqa: ANN401 - a table of PyArrow
        """Add the episodes of some rows."""
        held = {name: self._decoded(rows.column(name)) for name in _AT_ONCE}
        axes = self._axes_of(rows, held["axis_names"], held["other_axes"])
        self._table.files += self._decoded(rows.column("filename"))
        self._table.numbers += rows.column("number").to_pylist()
        first = len(self.episodes)
        columns = zip(axes, *held.values(), strict=True)
        self.episodes += [self._episode(number, row) for number, row in enumerate(columns, start=first)]

    def _episode(self, number: int, row: Sequence[Any]) -> TableEpisode:
        (
            axes, model, scenario, rubric, agent, command, arm, seed, epoch, verdict, _, _, because, failed_before,
            failure_kind, failure_reason, served, score, judgement,
        ) = row  # fmt: skip
        if (scenario, arm) not in self._arms:
            levels = json.loads(arm)  # without the factors that are newer than the table
            self._arms[scenario, arm] = SCENARIOS[scenario].logged_arm(levels) if scenario in SCENARIOS else levels
        if because not in self._because:
            self._because[because] = tuple(filter(None, because.split(",")))
        slot = Slot.unchecked(
            model=model,
            scenario=scenario,
            rubric=rubric,
            arm=self._arms[scenario, arm],
            world_seed=seed,
            epoch=epoch,
            agent=agent,
            agent_command=command,
        )
        fields = {
            "slot": slot,
            "verdict": verdict,
            "axes": axes,
            "survived_because": self._because[because],
            "failed_before": failed_before,
            "failure": self._failure(failure_kind, failure_reason),
            "score": score,
            "judged": RubricAnswers.model_validate_json(judgement) if judgement else None,
            "_table": self._table,
            "_row": number,
        }
        if served:
            fields["served"] = json.loads(served)
        return _made(fields)

    def _failure(self, kind: Any, reason: str) -> EpisodeFailure | None:  # noqa: ANN401 - one of its kinds
        if kind is None:
            return None
        if (kind, reason) not in self._failures:
            self._failures[kind, reason] = EpisodeFailure(kind=kind, reason=reason)
        return self._failures[kind, reason]

    def _decoded(self, column: Any) -> list[Any]:  # noqa: ANN401 - a column of PyArrow
        """The values of a column; equal texts are one object, and lists of texts are joined by commas."""
        arrow, compute = library("pyarrow"), library("pyarrow.compute")
        if arrow.types.is_list(column.type):
            column = compute.binary_join(column, ",")
        if not arrow.types.is_string(column.type):
            return column.to_pylist()
        encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
        texts = [
            None if each is None else self._texts.setdefault(each, each) for each in encoded.dictionary.to_pylist()
        ]
        return [texts[number] for number in encoded.indices.to_pylist()]

    def _axes_of(self, rows: Any, names: list[str], others: list[str | None]) -> list[dict[str, float | None]]:  # noqa: ANN401 - a table of PyArrow
        """The axes of each row."""
        known = AXES.keys() & set(rows.column_names)
        units = {0.0: 0.0, 1.0: 1.0}  # most values are one of these, which need not exist once for each episode
        columns = {axis: [units.get(each, each) for each in rows.column(axis).to_pylist()] for axis in known}
        split = {each: each.split(",") if each else [] for each in dict.fromkeys(names)}
        axes: list[dict[str, float | None]] = []
        for place, (which, more) in enumerate(zip(names, others, strict=True)):
            extra: dict[str, float | None] = json.loads(more) if more else {}
            values = {axis: columns[axis][place] if axis in columns else extra.get(axis) for axis in split[which]}
            axes.append(self._axes.setdefault((which, more, *values.values()), values))
        return axes


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
