"""Tables for data frames and exported files, with the same numbers as a report."""

from typing import TYPE_CHECKING

from peerwatch.core.deferred import on_first_use

if TYPE_CHECKING:
    from peerwatch.analysis.frames._columns import Column, Kind, Layout, column_table, layouts
    from peerwatch.analysis.frames._rows import tables
    from peerwatch.analysis.frames._table import Table, changed, json_text
else:
    __getattr__ = on_first_use(__name__)

__all__ = [
    # The meaning of their columns
    "Column",
    "Kind",
    "Layout",
    "column_table",
    "layouts",
    # Tables
    "tables",
    "Table",
    "changed",
    "json_text",
]
