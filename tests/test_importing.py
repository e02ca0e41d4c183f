"""Formats of transcripts that are read by packages of their own."""

from importlib.metadata import EntryPoints
from pathlib import Path

import pytest

from peerwatch.core import registry
from peerwatch.judging.importing import IMPORTERS

from .command_line import Cli


def test_a_format_whose_package_is_missing_names_the_package(
    tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(**_: str) -> EntryPoints:
        return EntryPoints()

    monkeypatch.setattr(registry, "entry_points", nothing)
    for cached in ("_offered", "_loaded"):
        monkeypatch.setitem(vars(IMPORTERS), cached, {})
    (tmp_path / "x.json").write_text("{}")
    left = cli("score", "--from", "potter2026", tmp_path / "x.json")
    assert left.status == 2
    assert "pip install 'peerwatch[potter2026]'" in left.line
