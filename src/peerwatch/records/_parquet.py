"""Episodes and journals as Parquet: written as a shard or a run ends, read back out of core through DuckDB.

A place with tables holds `parquet/episodes/model=.../scenario=.../part-0.parquet`, the same below `parquet/journal`,
and `parquet/summary.json`, which is written last: without it the tables are not complete, and the logs are read.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from peerwatch.core.errors import UserError
from peerwatch.core.factors import FACTORS
from peerwatch.core.outcomes import AXES
from peerwatch.core.scenarios import CANARY
from peerwatch.core.storage import listing, read, url_of, write
from peerwatch.records._episodes import Episode
from peerwatch.records._files import INTERVIEWS
from peerwatch.records._judgements import JUDGEMENTS
from peerwatch.records._reading import Reading

FORMAT = 1
"""Of the tables; tables of another format are not read."""

FOLDER = "parquet"
SUMMARY = "summary.json"
SHARDS = "shards"
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
        evidence: Paths of the files with everything about each episode, relative to the place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    version: str
    episodes: int
    models: dict[str, str]
    reading: Reading
    sources: dict[str, int]
    evidence: tuple[str, ...] = ()


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
) -> None:
    """Write the tables of a place, and its summary last.

    Writing again replaces them file by file. Until the new summary is there, readers see that the tables are not
    complete, and read the logs.

    Args:
        place: A folder, or the local path of a URL: the tables are written to the store.
        episodes: In the order in which the logs were read.
        shown: What lists show of each.
        summary: What they were made from.
        clean: Takes secrets out of a text.

    Raises:
        UserError: If PyArrow is not installed.
        StorageError: If the store refuses a file.
        OSError: If the folder cannot be written.
    """
    base = place / FOLDER
    write(base / SUMMARY, b"")
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, each in enumerate(episodes):
        groups[each.slot.model, each.slot.scenario].append(number)
    for (model, scenario), numbers in groups.items():
        within = Path(f"model={quote(model, safe='')}", f"scenario={quote(scenario, safe='')}")
        for part, start in enumerate(range(0, len(numbers), ROWS)):
            chosen = numbers[start : start + ROWS]
            rows = [_row(number, episodes[number], shown[number]) for number in chosen]
            calls = [call for number in chosen for call in _calls(number, episodes[number], shown[number])]
            name = f"part-{part}.parquet"
            write(base / "episodes" / within / name, _table(rows, EPISODE_COLUMNS, clean))
            write(base / "journal" / within / name, _table(calls, JOURNAL_COLUMNS, clean))
    write(base / SUMMARY, summary.model_dump_json().encode())


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
        return clean(value).encode("utf-8", "backslashreplace").decode()
    return [_cleaned(each, clean) for each in value] if isinstance(value, list) else value


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
}
"""The columns of the table of episodes, with their types."""

JOURNAL_COLUMNS: dict[str, str] = {
    "number": "whole", "episode": "text", "model": "text", "scenario": "text", "index": "whole", "turn": "whole",
    "tool": "text", "arguments": "text", "ok": "flag", "effect": "text", "reached": "flag", "approval": "text",
    "decisive": "flag",
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
    }


def _calls(number: int, episode: Episode, shown: EpisodeSummary) -> Iterator[dict[str, Any]]:
    decisive = {act.index for act in episode.evidence}
    for line in episode.journal:
        yield {
            **line.model_dump(),
            "arguments": json.dumps(line.arguments),
            "number": number,
            "episode": shown.key,
            "model": episode.slot.model,
            "scenario": episode.slot.scenario,
            "decisive": line.index in decisive,
        }


class Tables(NamedTuple):
    """Complete tables that are as new as the logs they were made from.

    Attributes:
        place: The folder that holds them, or the local path of its URL.
        summary: What they were made from.
        episodes: Files with episodes, as DuckDB takes them.
        journal: Files with journal entries.
    """

    place: Path
    summary: TableSummary
    episodes: tuple[str, ...]
    journal: tuple[str, ...]


def sources_at(place: Path) -> dict[str, int]:
    """Return every file that the episodes at a place come from, relative to it, with its size in bytes."""
    return _sources({each.name: each.size for each in listing(place)})


def tables_at(place: Path) -> dict[str, Tables]:
    """Return the tables of a place and of its shards, by the folder that holds them, relative to the place.

    Tables that are not complete, of another format, or older than the logs beside them are left out. Tables whose logs
    have all been moved away are included.
    """
    sizes = {each.name: each.size for each in listing(place)}
    ending = f"{FOLDER}/{SUMMARY}"
    found: dict[str, Tables] = {}
    for name in sizes:
        home = name.removesuffix(ending).rstrip("/")
        if not (name == ending or name.endswith(f"/{ending}")):
            continue
        try:
            summary = TableSummary.model_validate_json(read(place / name))
        except ValidationError:
            continue
        above = f"{home}/" if home else ""
        within = {each.removeprefix(above): size for each, size in sizes.items() if each.startswith(above)}
        if summary.format == FORMAT and _current(summary.sources, _sources(within)):
            kinds = (
                tuple(address(place / home / each) for each in within if _is_part(each, kind))
                for kind in ("episodes", "journal")
            )
            found[home] = Tables(place / home, summary, *kinds)
    return found


def _is_part(name: str, kind: str) -> bool:
    return name.startswith(f"{FOLDER}/{kind}/") and name.endswith(".parquet")


def address(path: Path) -> str:
    """Return a path, or the URL that it stands for, as other libraries take it."""
    return url_of(path) or str(path)


def _current(then: Mapping[str, int], now: Mapping[str, int]) -> bool:
    return then == now or not any(name != JUDGEMENTS for name in now)


def _sources(sizes: Mapping[str, int]) -> dict[str, int]:
    """Logs and later judgements among files; those of shards are not their parent's."""
    found: dict[str, int] = {}
    for name, size in sorted(sizes.items()):
        folders = name.split("/")[:-1]
        if not {INTERVIEWS, FOLDER, SHARDS}.isdisjoint(folders):
            continue
        if name.endswith(".eval") or (name.endswith(".json") and folders[:1] == ["logs"]) or name == JUDGEMENTS:
            found[name] = size
    return found
