"""What is known of newer versions of Inspect and its companions, and what a run with one of them says."""

import ast
import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log
from packaging.requirements import Requirement
from packaging.version import Version

from peerwatch.core import tested_versions as _tested
from peerwatch.inspect import internals as _inspect_internals

from .command_line import Cli
from .logged import Reported

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKED = {
    package["name"].replace("-", "_"): package["version"]
    for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
}
"""Package to its version in uv.lock; one with several has its last, and none of those here has."""


def newer(monkeypatch: pytest.MonkeyPatch, **running: str) -> None:
    """Pretend that these versions are installed."""

    def version(package: str) -> str:
        return running.get(package) or importlib.metadata.version(package)

    monkeypatch.setattr(_tested, "version", version)


def needs() -> dict[str, Requirement]:
    """Every requirement of the package and of its extras by name."""
    extras = PROJECT["optional-dependencies"].values()
    found = map(Requirement, [*PROJECT["dependencies"], *(each for extra in extras for each in extra)])
    return {need.name.replace("-", "_"): need for need in found}


def test_the_tested_versions_are_in_order_and_the_last_is_the_locked_one() -> None:
    for package, versions in _tested.tested().items():
        assert list(versions) == sorted(versions, key=Version)
        assert versions[-1] == LOCKED[package]


def test_the_oldest_tested_version_is_the_oldest_that_may_be_installed_and_newer_ones_may() -> None:
    for package, versions in _tested.tested().items():
        need = needs()[package]
        lowest = [each.version for each in need.specifier if each.operator == ">="]
        assert lowest == [versions[0]]
        major, minor, last = Version(versions[-1]).release
        assert need.specifier.contains(f"{major}.{minor}.{last + 5}")
    assert "0.4" not in needs()["inspect_ai"].specifier


def test_nothing_is_pinned_so_that_others_fit_beside_it() -> None:
    assert [str(need) for need in needs().values() if "==" in str(need.specifier)] == []


@pytest.mark.parametrize(
    ("running", "said"),
    [
        ("0.3.284", ""),
        ("0.3.285", ""),
        ("0.3.286.dev3+gabc", "inspect_ai 0.3.286.dev3+gabc (tested up to 0.3.285)"),
        ("0.3.1000", "inspect_ai 0.3.1000 (tested up to 0.3.285)"),
    ],
)
def test_what_is_newer_is_compared_as_versions_are(monkeypatch: pytest.MonkeyPatch, running: str, said: str) -> None:
    newer(monkeypatch, inspect_ai=running)
    monkeypatch.setattr(_tested, "tested", lambda: {"inspect_ai": ("0.3.9", "0.3.285")})
    assert _tested.newer_than_tested(_tested.SIMULATED) == said


def test_what_is_not_installed_is_not_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tested, "tested", lambda: {"inspect_ai": ("0.3.285",), "not_a_package": ("1.0",)})
    newer(monkeypatch, inspect_ai="0.3.285")
    assert _tested.newer_than_tested(("inspect_ai", "not_a_package")) == ""


def test_a_run_on_a_newer_inspect_says_so_in_terminal_log_and_page(cli: Cli, tmp_path: Path) -> None:
    said = f"inspect_ai 0.3.999 (tested up to {LOCKED['inspect_ai']})"
    words = ("--scenario", "disk_cleanup", "--worlds", 1, "--out", tmp_path / "run", "subject=peer", "setting=sparse")
    with pytest.MonkeyPatch.context() as patch:
        newer(patch, inspect_ai="0.3.999")
        left = cli("run", "--model", "peerwatch/scripted-compliant", *words)
    assert left.status == 0
    assert said in " ".join(left.out.split())
    (log,) = (tmp_path / "run").rglob("*.eval")
    assert (read_eval_log(str(log), header_only=True).eval.metadata or {})[_tested.NEWER] == said
    assert said in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    # A later report, written with the tested version, is about the versions that the episodes ran on.
    found = Reported(cli, tmp_path / "run", out=tmp_path)
    assert found.status == 0, found.err
    assert found.notes["newer_than_tested"].startswith(f"1 episodes ran on {said}")


def test_a_task_of_inspects_own_command_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from peerwatch import disk_cleanup

    newer(monkeypatch, inspect_ai="0.3.999", inspect_swe="0.2.999")
    told = disk_cleanup(worlds=1, setting="sparse").metadata or {}
    assert told[_tested.NEWER] == f"inspect_ai 0.3.999 (tested up to {LOCKED['inspect_ai']})"


def test_with_the_tested_versions_nothing_is_said() -> None:
    from peerwatch import disk_cleanup

    assert _tested.newer_in_log(_tested.SIMULATED) == {}
    assert _tested.NEWER not in (disk_cleanup(worlds=1, setting="sparse").metadata or {})


# Names of Inspect that are not public ---------------------------------------------------------------------------------

INTERNALS = ROOT / "src" / "peerwatch" / "inspect" / "internals.py"
INSPECT = ("inspect_ai.", "inspect_swe.", "inspect_scout.")


def private_names(path: Path) -> list[str]:
    """What a file takes of Inspect's packages that begins with an underscore: imported, or named in a text for it."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            found.append(node.value)
    return [each for each in found if each.startswith(INSPECT) and "._" in each]


def test_private_names_of_inspect_are_used_through_one_module() -> None:
    files = [path for folder in ("src", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
    taken = {str(path.relative_to(ROOT)): private_names(path) for path in files}
    assert [path for path, names in taken.items() if names] == [str(INTERNALS.relative_to(ROOT))]


def test_each_private_name_of_inspect_exists_and_is_what_it_is_used_as() -> None:
    assert issubclass(_inspect_internals.PrerequisiteError, Exception)
    assert _inspect_internals.sample_active() is None, "no episode is under way here"
    _inspect_internals.forget_samples("no evaluation's id")
    _inspect_internals.forget_functions()
    call = _inspect_internals.parse_tool_call("id", "look", '{"file": "a"}')
    assert (call.function, call.arguments, call.parse_error) == ("look", {"file": "a"}, None)


def test_each_private_name_of_inspect_swe_exists() -> None:
    pytest.importorskip("inspect_swe", reason="the extra `shells` is not installed; `make machines` runs this test")
    assert _inspect_internals.swe_install_folder().startswith("/")
    assert "0.98.0" in str(_inspect_internals.codex_catalog("0.98.0"))
