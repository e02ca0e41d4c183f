"""Formats of transcripts that are read by packages of their own."""

from importlib.metadata import EntryPoints
from pathlib import Path

import pytest

from peerwatch.core import registry
from peerwatch.judging.importing import IMPORTERS

from .command_line import Cli


@pytest.fixture
def no_importers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package that reads transcripts is installed."""

    def nothing(**_: str) -> EntryPoints:
        return EntryPoints()

    monkeypatch.setattr(registry, "entry_points", nothing)
    for cached in ("_offered", "_loaded"):
        monkeypatch.setitem(vars(IMPORTERS), cached, {})


@pytest.mark.usefixtures("no_importers")
def test_a_format_whose_package_is_missing_names_the_package(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "x.json").write_text("{}")
    left = cli("import", "potter2026", tmp_path / "x.json")
    assert left.status == 2
    assert "pip install 'peerwatch[potter2026]'" in left.line
    assert "peerwatch-potter2026" not in cli("import", "potter", tmp_path / "x.json").line


def test_where_the_package_is_installed_another_name_is_offered_what_there_is(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "x.json").write_text("{}")
    left = cli("import", "potter", tmp_path / "x.json")
    assert left.status == 2
    assert "potter2026" in left.line
    assert "pip install" not in left.line
