"""Whether a place can hold Inspect logs, from names and the start of files alone: Inspect is not loaded for it."""

import os
import time
import zipfile
from pathlib import Path

ARCHIVE = ".eval"
"""The file suffix of Inspect's compressed logs."""

TEXT = ".json"
"""The file suffix of Inspect's other log format."""

TABLES = ".parquet"
"""The file suffix of a run's tables, from which reports are made without its logs."""

JUST_WRITTEN = 5
"""File age in seconds up to which a process may still be writing a log."""


def why_no_logs(place: Path) -> str:
    """Return why an existing path certainly holds no logs; empty if it may hold some.

    A folder is searched only until the first file that may be one.
    """
    if place.is_dir():
        closed: list[OSError] = []
        for _, folders, names in os.walk(place, onerror=closed.append):
            if closed or any(name.endswith((ARCHIVE, TEXT, TABLES)) for name in (*folders, *names)):
                return ""  # what is odd about such a file, or a folder that can't be read, is told when it is opened
        return "" if closed else no_logs(place)
    if not place.is_file():
        return ""  # a pipe, or a link to nowhere: opening it may block
    if place.suffix not in (ARCHIVE, TEXT):
        return not_a_log(place)
    complete = place.suffix == TEXT or time.time() - place.stat().st_mtime < JUST_WRITTEN or zipfile.is_zipfile(place)
    return "" if complete else incomplete(place)


def no_logs(folder: Path) -> str:
    """Return the message about a folder without logs."""
    return f"{folder} holds no Inspect logs ({ARCHIVE} or {TEXT}). Give the folder of a run, or of its logs."


def not_a_log(file: Path) -> str:
    """Return the message about a file that is not named like a log."""
    return f"{file} is not an Inspect log ({ARCHIVE} or {TEXT}). Give a log, the folder of a run, or of its logs."


def incomplete(file: Path) -> str:
    """Return the message about a compressed log that was cut off or overwritten."""
    return (
        f"{file} is damaged or is not an Inspect log: it is not a complete {ARCHIVE} archive. "
        "Move it out of the folder; its episodes run again when the run is resumed."
    )
