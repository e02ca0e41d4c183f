"""The page and data of `peerwatch demo`: first a real model, then scripted agents with planted propensities."""

from peerwatch.reports.demos._page import page_of
from peerwatch.reports.demos._parts import DemoRun, as_json, part_of

__all__ = ["DemoRun", "as_json", "page_of", "part_of"]
