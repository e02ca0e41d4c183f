"""Folders of runs, before they begin and after."""

import json
from pathlib import Path
from typing import Any


def validated(tmp_path: Path, name: str = "run") -> Path:
    """A new folder whose scenarios count as validated already, which saves seconds."""
    folder = tmp_path / name
    folder.mkdir()
    (folder / "validation.json").write_text("[]", encoding="utf-8")
    return folder


def rows(folder: Path, kind: str) -> list[dict[str, Any]]:
    """A ledger's entries of a kind."""
    lines = (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for line in lines if line and (row := json.loads(line))["kind"] == kind]
