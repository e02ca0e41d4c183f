"""Runs and logs as typed data frames, and the tables that they and exported files are made from."""

from peerwatch.frames._columns import Column, Kind, Layout, column_table, layouts
from peerwatch.frames._drawing import Drawing
from peerwatch.frames._load import Frames, UnreadWarning, load, plain
from peerwatch.frames._rows import tables
from peerwatch.frames._table import Table, changed, json_text

__all__ = [
    # Data frames
    "Drawing",
    "Frames",
    "UnreadWarning",
    "load",
    # Tables
    "Table",
    "tables",
    "changed",
    "json_text",
    "plain",
    # What their columns mean
    "Column",
    "Kind",
    "Layout",
    "column_table",
    "layouts",
]
