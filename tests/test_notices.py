"""The third-party notices name everything that is locked, under the license that its own metadata states."""

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "THIRD_PARTY_NOTICES.md").read_text("utf-8")


@pytest.fixture(scope="module")
def notices() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notices", ROOT / ".ci/notices.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_installed_package_stands_there_with_its_license(notices: ModuleType) -> None:
    rows = notices.python_rows()
    assert len(rows) > 60
    assert [row for row in rows.values() if row not in TEXT] == []


def test_every_locked_package_stands_there(notices: ModuleType) -> None:
    listed = set(re.findall(r"^\| (\S+) \|", TEXT, re.MULTILINE))
    # Only for other systems or versions of Python.
    elsewhere = {"colorama", "tzdata", "exceptiongroup", "pywin32", "async-timeout", "pyyaml-ft", "httpx2-jsfetch"}
    locked = set(notices.closure(tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))))
    assert locked - listed <= elsewhere
    assert [row for row in [*notices.npm_rows(), *notices.weights_rows()] if row not in TEXT] == []


def test_the_bill_of_materials_has_every_locked_package(notices: ModuleType, tmp_path: Path) -> None:
    made = tmp_path / "python.cdx.json"
    words = ["export", "--quiet", "--frozen", "--no-default-groups", "--all-extras", "--format", "cyclonedx1.5"]
    uv = Path(sys.executable).with_name("uv")
    if not uv.is_file():
        pytest.skip("uv is not in this environment")
    subprocess.run([uv, *words, "--output-file", made], cwd=ROOT, check=True, timeout=120)  # noqa: S603 - a fixed program
    found = json.loads(made.read_text("utf-8"))
    locked = set(notices.closure(tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))))
    assert found["bomFormat"] == "CycloneDX"
    assert locked <= {each["name"] for each in found["components"]} | {"peerwatch"}
