"""Episodes and journals as Parquet: written as a shard or a run ends, read back out of core through DuckDB.

A place with tables holds `parquet/episodes/model=.../scenario=.../part-0.parquet`, the same below `parquet/journal`,
and `parquet/summary.json`, which is written last: without it the tables are not complete, and the logs are read.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.errors import UserError
from peerwatch.core.factors import FACTORS
from peerwatch.core.log_places import ARCHIVE
from peerwatch.core.outcomes import AXES
from peerwatch.core.scenarios import CANARY
from peerwatch.core.storage import fetch, is_copy, listing
from peerwatch.core.writing import write_bytes
from peerwatch.records._episodes import Episode, JournalLine
from peerwatch.records._files import INTERVIEWS
from peerwatch.records._folder import LOGS
from peerwatch.records._judgements import JUDGEMENTS
from peerwatch.records._reading import Reading
from peerwatch.records._shards import SHARDS

FORMAT = 1
"""Of the tables; tables of another format are not read."""

FOLDER = "parquet"
SUMMARY = "summary.json"
SCALE = "pip install 'peerwatch[scale]'"

ROWS = 50_000
"""Rows of a file at most."""

_GROUP = 5_000
"""Rows of a row group: how much of a file is decoded for the journal of one episode."""


class EpisodeSummary(NamedTuple):
    """What a list of episodes shows of one without its conversation.

    Attributes:
        key: Its name in links and exports.
        act: The decisive call in words.
        quote: The words that tell most: kind, words, and whether they name the subject.
        evidence: Number of the file beside the tables that holds everything about it, and its place in that file.
    """

    key: str
    act: str
    quote: tuple[str, str, bool] | None
    evidence: tuple[int, int]


class TableSummary(BaseModel):
    """What tables were made from.

    Attributes:
        format: Of the tables.
        version: Of Peerwatch.
        episodes: Number of rows.
        models: What slots call a model to its name for Inspect.
        reading: How the logs were read.
        sources: Each log, and each file with later judgements, relative to the place, to its size in bytes. If one of
            them differs, the tables are older than the logs and are not read.
        evidence: The files with everything about each episode, relative to the place, by number.
        files: Each file of the tables and of the evidence, relative to the place, to its size in bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    version: str
    episodes: int
    models: dict[str, str]
    reading: Reading
    sources: dict[str, int]
    evidence: tuple[str, ...] = ()
    files: dict[str, int] = {}


def library(name: str) -> Any:  # noqa: ANN401 - duckdb or pyarrow, which have no complete types
    """DuckDB or PyArrow, which come with the extra `scale`.

    Raises:
        UserError: If it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise UserError(
            f"{name.partition('.')[0]} is not installed. Reading and writing tables needs: {SCALE}"
        ) from error


def write_tables(
    place: Path,
    episodes: Sequence[Episode],
    shown: Sequence[EpisodeSummary],
    summary: TableSummary,
    clean: Callable[[str], str] = str,
) -> TableSummary:
    """Write the tables of a folder, and their summary last.

    Writing again replaces them file by file. Until the new summary is there, readers see that the tables are not
    complete, and read the logs.

    Args:
        place: The folder.
        episodes: In the order in which the logs were read.
        shown: What lists show of each.
        summary: What they were made from; its `files` are those that were written already.
        clean: Takes secrets out of a text.

    Returns:
        The summary with all files.

    Raises:
        UserError: If PyArrow is not installed.
        OSError: If the folder cannot be written.
    """
    base = place / FOLDER
    # The summary marks the tables as complete. It goes first and comes back last, so that a kill in between leaves no
    # table that looks complete.
    (base / SUMMARY).unlink(missing_ok=True)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, each in enumerate(episodes):
        groups[each.slot.model, each.slot.scenario].append(number)
    sizes = dict(summary.files)

    def keep(file: Path, data: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(file, data)
        sizes[file.relative_to(place).as_posix()] = len(data)

    for (model, scenario), numbers in groups.items():
        within = Path(f"model={quote(model, safe='')}", f"scenario={quote(scenario, safe='')}")
        for part, start in enumerate(range(0, len(numbers), ROWS)):
            chosen = numbers[start : start + ROWS]
            rows = [_row(number, episodes[number], shown[number]) for number in chosen]
            calls = [call for number in chosen for call in _calls(number, episodes[number], shown[number])]
            name = f"part-{part}.parquet"
            keep(base / "episodes" / within / name, _table(rows, EPISODE_COLUMNS, clean))
            keep(base / "journal" / within / name, _table(calls, JOURNAL_COLUMNS, clean))
    done = summary.model_copy(update={"files": sizes})
    base.mkdir(parents=True, exist_ok=True)
    write_bytes(base / SUMMARY, done.model_dump_json().encode())
    return done


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], clean: Callable[[str], str]) -> bytes:
    """Rows as a file of Parquet."""
    pyarrow, parquet = library("pyarrow"), library("pyarrow.parquet")
    types = {
        "text": pyarrow.string(),
        "number": pyarrow.float64(),
        "whole": pyarrow.int64(),
        "flag": pyarrow.bool_(),
        "texts": pyarrow.list_(pyarrow.string()),
        "wholes": pyarrow.list_(pyarrow.int64()),
    }
    fields = [pyarrow.field(name, types[kind]) for name, kind in columns.items()]
    arrays = [
        pyarrow.array([_cleaned(row.get(name), clean) for row in rows], type=types[kind])
        for name, kind in columns.items()
    ]
    made = pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields, metadata={"canary": CANARY}))
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(made, sink, compression="zstd", row_group_size=_GROUP)
    return bytes(sink.getvalue())


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:  # noqa: ANN401 - a cell
    """A cell without secrets; halves of a pair of surrogates, which UTF-8 cannot represent, are spelt out."""
    if isinstance(value, str):
        # For example, the lone surrogate U+D83D becomes a backslash and "ud83d".
        return clean(value).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_cleaned(each, clean) for each in cast("list[Any]", value)]
    return value


EPISODE_COLUMNS: dict[str, str] = {
    "number": "whole",
    **dict.fromkeys(("episode", "model", "scenario", "rubric", "agent", "agent_command", "environment"), "text"),
    **dict.fromkeys(FACTORS, "text"),
    "arm": "text",
    "world_seed": "whole",
    "epoch": "whole",
    "verdict": "text",
    **dict.fromkeys(AXES, "number"),
    "other_axes": "text",
    "axis_names": "text",
    "survived_because": "texts",
    "decisive": "wholes",
    "turns": "whole",
    "seconds": "number",
    "tokens": "whole",
    "failed_before": "whole",
    "failure_kind": "text",
    "failure_reason": "text",
    "score_origin": "text",
    "served": "text",
    **dict.fromkeys(("sample_id", "world_hash", "stimulus_hash", "log"), "text"),
    **dict.fromkeys(("subject_name", "statement", "submitted", "evidence", "judgement"), "text"),
    **dict.fromkeys(("act", "quote", "quote_kind"), "text"),
    "quote_names_subject": "flag",
    "evidence_file": "whole",
    "evidence_place": "whole",
    "more": "text",
}
"""The columns of the table of episodes, with their types."""

JOURNAL_COLUMNS: dict[str, str] = {
    "number": "whole", "episode": "text", "model": "text", "scenario": "text", "index": "whole", "turn": "whole",
    "tool": "text", "arguments": "text", "ok": "flag", "effect": "text", "reached": "flag", "approval": "text",
    "decisive": "flag", "more": "text",
}  # fmt: skip
"""The columns of the table of journal entries, with their types."""


def _row(number: int, episode: Episode, shown: EpisodeSummary) -> dict[str, Any]:
    slot, failure = episode.slot, episode.failure
    known = {axis: value for axis, value in episode.axes.items() if axis in AXES}
    others = {axis: value for axis, value in episode.axes.items() if axis not in AXES}
    words = shown.quote or (None, None, None)
    return {
        **{factor: level for factor, level in slot.arm.items() if factor in FACTORS},
        **known,
        "number": number,
        "episode": shown.key,
        "model": slot.model,
        "scenario": slot.scenario,
        "rubric": slot.rubric,
        "agent": slot.agent,
        "agent_command": slot.agent_command,
        "environment": episode.setting,
        "arm": json.dumps(slot.arm),
        "world_seed": slot.world_seed,
        "epoch": slot.epoch,
        "verdict": episode.verdict,
        "other_axes": json.dumps(others) if others else None,
        "axis_names": ",".join(episode.axes),
        "survived_because": [*episode.survived_because],
        "decisive": sorted({act.index for act in episode.evidence}),
        "turns": episode.turns,
        "seconds": episode.seconds,
        "tokens": episode.tokens,
        "failed_before": episode.failed_before,
        "failure_kind": failure.kind if failure else None,
        "failure_reason": failure.reason if failure else None,
        "score_origin": episode.score,
        "served": json.dumps(episode.served) if episode.served else None,
        "sample_id": episode.sample_id,
        "world_hash": episode.world_hash,
        "stimulus_hash": episode.stimulus_hash,
        "log": episode.log,
        "subject_name": episode.subject_name,
        "statement": episode.statement,
        "submitted": json.dumps(episode.submitted) if episode.submitted else None,
        "evidence": json.dumps([each.model_dump(mode="json") for each in episode.evidence])
        if episode.evidence
        else None,
        "judgement": episode.judged.model_dump_json() if episode.judged else None,
        "act": shown.act,
        "quote": words[1],
        "quote_kind": words[0],
        "quote_names_subject": words[2],
        "evidence_file": shown.evidence[0],
        "evidence_place": shown.evidence[1],
        "more": episode.model_dump_json(include=OTHER_FIELDS),
    }


OTHER_FIELDS = {"assets", "decisive"}
"""Fields of an episode that are in the column `more`: those that no query is about."""


def _calls(number: int, episode: Episode, shown: EpisodeSummary) -> Iterator[dict[str, Any]]:
    decisive = {act.index for act in episode.evidence}
    for line in episode.journal:
        yield {
            **line.model_dump(),
            "arguments": json.dumps(line.arguments),
            "more": line.model_dump_json(exclude=JOURNAL_COLUMNS.keys() & JournalLine.model_fields.keys()),
            "number": number,
            "episode": shown.key,
            "model": episode.slot.model,
            "scenario": episode.slot.scenario,
            "decisive": line.index in decisive,
        }


class Tables(NamedTuple):
    """Complete tables that are as new as the logs they were made from.

    Attributes:
        place: The folder that holds them.
        summary: What they were made from.
    """

    place: Path
    summary: TableSummary

    def files(self, kind: Literal["episodes", "journal"]) -> list[str]:
        """Return the files of one of the two tables, as DuckDB takes them."""
        names = [name for name in self.summary.files if name.startswith(f"{FOLDER}/{kind}/")]
        return [str(self.place / name) for name in sorted(names)]


def can_read_tables() -> bool:
    """Return whether DuckDB and PyArrow are installed."""
    return all(find_spec(name) for name in ("duckdb", "pyarrow"))


def require_tables() -> None:
    """Make sure that tables can be written and read.

    Raises:
        UserError: If DuckDB or PyArrow is not installed.
    """
    library("duckdb")
    library("pyarrow")


def sources_at(place: Path) -> dict[str, int]:
    """Return every file in a folder that its episodes come from, relative to it, with its size in bytes."""
    return _sources(_sizes(place))


def tables_at(place: Path) -> dict[Path, Tables]:
    """Return the tables of a folder and of its shards, by the folder that holds them.

    Tables that are not complete, of another format, or older than the logs beside them are left out. Tables whose logs
    have all been moved away are included. Of a URL, the table of episodes is copied to this machine.

    Raises:
        UserError: If DuckDB or PyArrow is not installed, and there are tables but no logs.
        StorageError: If the store of a URL does not answer.
    """
    sizes = _sizes(place)
    ending = f"{FOLDER}/{SUMMARY}"
    homes = [name.removesuffix(ending) for name in sizes if name == ending or name.endswith(f"/{ending}")]
    if homes and not can_read_tables():
        if not any(name.endswith(ARCHIVE) for name in sizes):
            library("duckdb")
        return {}
    fetch(place, wanted=lambda name: name.endswith(ending))
    found: dict[Path, Tables] = {}
    for home in homes:
        try:
            summary = TableSummary.model_validate_json((place / home / ending).read_bytes())
        except (ValidationError, OSError):
            continue
        here = {name.removeprefix(home): size for name, size in sizes.items() if name.startswith(home)}
        whole = all(here.get(name) == size for name, size in summary.files.items())
        if summary.format == FORMAT and whole and _current(summary.sources, _sources(here)):
            found[place / home] = Tables(place / home, summary)
    wanted = {
        (each.place / name).relative_to(place).as_posix() for each in found.values() for name in each.summary.files
    }
    fetch(place, wanted=lambda name: name in wanted and f"{FOLDER}/episodes/" in name)
    return found


def _sizes(place: Path) -> dict[str, int]:
    """The files in a folder, or in the store that it is a copy of."""
    if is_copy(place):
        return {each.name: each.size for each in listing(place)}
    inside = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else []
    return {path.relative_to(place).as_posix(): path.stat().st_size for path in inside}


def _current(then: Mapping[str, int], now: Mapping[str, int]) -> bool:
    return then == now or not any(name != JUDGEMENTS for name in now)


def _sources(sizes: Mapping[str, int]) -> dict[str, int]:
    """Logs and later judgements among files; those of shards are not their parent's."""
    found: dict[str, int] = {}
    for name, size in sorted(sizes.items()):
        folders = name.split("/")[:-1]
        if not {INTERVIEWS, FOLDER, SHARDS}.isdisjoint(folders):
            continue
        if name.endswith(ARCHIVE) or (name.endswith(".json") and folders[:1] == [LOGS]) or name == JUDGEMENTS:
            found[name] = size
    return found
