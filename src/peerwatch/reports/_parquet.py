"""Writes the tables of a run or a shard as it ends, with everything about each episode in files beside them."""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from peerwatch.analysis import view_alone
from peerwatch.core.writing import write_bytes
from peerwatch.records import (
    LOGS,
    PLAN_FILE,
    EpisodeSummary,
    TableSummary,
    judgements_file,
    load_judgements,
    open_logs,
    read_place,
    sources_at,
    spoken,
    write_tables,
)
from peerwatch.reports._blocks import blocks, script_of
from peerwatch.reports._index import whole

EVIDENCE = "evidence/{number:05}.js"
"""A file with everything about some episodes, relative to the folder of the run or shard."""


def write_parquet(place: Path, scrub: Callable[[str], str] = str) -> TableSummary:
    """Write the episodes and journals in a folder's logs as Parquet into it, with the evidence for pages beside them.

    The folder then holds `parquet/episodes`, `parquet/journal`, `parquet/summary.json` and `evidence`, from which
    `report`, `compare`, `export` and `load` read it as long as no log changes.

    Args:
        place: The folder of a run or of a shard.
        scrub: Takes secrets out of every text.

    Raises:
        LogError: If it holds no logs, or nothing of them can be read.
        UserError: If PyArrow is not installed.
        OSError: If the folder cannot be written.
    """
    sources = sources_at(place)  # before reading: a log that changes meanwhile makes the tables outdated
    inside = place / LOGS
    logs = open_logs(inside if inside.is_dir() else place, planned=(place / PLAN_FILE).is_file())
    episodes, reading = read_place(logs, spoken(load_judgements(judgements_file(place))), said=True)
    views = [view_alone(each) for each in episodes]
    held = blocks(map(whole, views), scrub)
    names = tuple(EVIDENCE.format(number=number) for number in range(len(held.texts)))
    scripts = {name: script_of(text).encode() for name, text in zip(names, held.texts, strict=True)}
    (place / "evidence").mkdir(exist_ok=True)
    for name, script in scripts.items():
        write_bytes(place / name, script)
    shown = [EpisodeSummary(view.key, view.act, view.quote, at) for view, at in zip(views, held.places, strict=True)]
    summary = TableSummary(
        version=version("peerwatch"),
        episodes=len(episodes),
        models=logs.models,
        reading=reading,
        sources=sources,
        evidence=names,
        files={name: len(script) for name, script in scripts.items()},
    )
    return write_tables(place, episodes, shown, summary, scrub)
