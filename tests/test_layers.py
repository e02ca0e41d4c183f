"""The direction of imports, and the shape of the packages, read from the source."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "peerwatch"

ORDER = (
    "_mistakes",
    "_deferred",
    "_writing",
    "_caching",
    "_yaml",
    "_tested",
    "_inspect_internals",
    "_plain",
    "_secrets",
    "_console",
    "_provider",
    "_thinking",
    "_stop_reasons",
    "registry",
    "answers",
    "worlds",
    "factors",
    "scenarios",
    "registry",
    "machines",
    "provision",
    "presets",
    "tools",
    "outcomes",
    "domains",
    "reasoning",
    "judges",
    "importing",
    "monitoring",
    "agents",
    "_samples",
    "_salt",
    "_setting",
    "shells",
    "_interrupting",
    "_study_task",
    "logs",
    "_calibration",
    "_tasks",
    "audits",
    "studies",
    "traces",
    "interviews",
    "agreement",
    "certification",
    "reports",
    "_gathering",
    "frames",
    "exports",
    "comparisons",
    "demos",
    "cli",
)
"""What stands later may import what stands earlier, never the other way round."""

APART = {"stats": set[str](), "models": {"_caching", "_mistakes", "_yaml"}}
"""Packages outside the order, with all that they may import of Peerwatch; anything may import them."""

ENTRY = {"", "__main__", "_registry", "api"}
"""The package itself, the program, what Inspect loads and what plug-ins import: they gather what the others offer."""

PROTOCOLS = {"outcomes/_axes.py", "registry.py", "scenarios/_domain.py", "importing.py"}
"""Files that describe what is built on them, so that their annotations name types from above."""


def is_test(path: Path) -> bool:
    return path.name.startswith(("test_", "conftest"))


MODULES = [path for path in sorted(SOURCE.rglob("*.py")) if not is_test(path)]
PACKAGES = sorted({path.parent for path in MODULES})


def part_of(path: Path) -> str:
    """The top-level package or module that a file belongs to; empty for the package itself."""
    first = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imported(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions and for type checking only."""
    found: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.is_relative_to(SOURCE) and path.relative_to(SOURCE).as_posix() in PROTOCOLS:
        tree.body = [each for each in tree.body if not (isinstance(each, ast.If) and "TYPE_CHECKING" in ast.dump(each))]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = path.parents[node.level - 1].relative_to(SOURCE.parent).parts if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def parts_imported(path: Path) -> set[str]:
    """The top-level parts of Peerwatch that a file imports, its own left out."""
    found = {name.split(".")[1] for name in imported(path) if name.startswith("peerwatch.")}
    return found - {part_of(path)}


def imports(path: Path, package: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for name in imported(path))


def test_every_part_of_the_package_has_its_place() -> None:
    assert {part_of(path) for path in MODULES} == {*ORDER, *APART, *ENTRY}


@pytest.mark.parametrize("part", ORDER)
def test_imports_point_one_way(part: str) -> None:
    legal = {*ORDER[: ORDER.index(part)], *APART}
    wrong = {
        f"{path.relative_to(SOURCE)} imports {each}"
        for path in MODULES
        if part_of(path) == part
        for each in parts_imported(path) - legal
    }
    assert wrong == set()


@pytest.mark.parametrize("part", APART)
def test_what_stands_apart_imports_next_to_nothing_of_peerwatch(part: str) -> None:
    found = {each for path in MODULES if part_of(path) == part for each in parts_imported(path)}
    assert found <= APART[part]


def test_the_sandbox_is_a_distribution_that_needs_nothing_of_peerwatch() -> None:
    folder = ROOT / "packages" / "inspect-netns"
    modules = [*folder.rglob("*.py")]
    assert len(modules) > 20
    assert [path for path in modules if re.search(r"(import|from) peerwatch", path.read_text(encoding="utf-8"))] == []
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not any(each.startswith("peerwatch") for each in project["dependencies"])


@pytest.mark.parametrize(
    "part", ["registry", "worlds", "factors", "scenarios", "domains", "machines", "presets", "stats"]
)
def test_the_ground_knows_nothing_of_inspect(part: str) -> None:
    assert [path for path in MODULES if part_of(path) == part and imports(path, "inspect_ai")] == []


@pytest.mark.parametrize("part", ["worlds", "domains", "outcomes"])
def test_what_decides_an_outcome_calls_no_model(part: str) -> None:
    assert [path for path in MODULES if part_of(path) == part and imports(path, "inspect_ai.model")] == []


def test_the_command_line_starts_without_inspect() -> None:
    """Modules that `peerwatch --help` loads; Inspect takes seconds."""
    packages = ("tools", "outcomes", "judges", "studies", "agreement", "frames", "exports")
    heavy = ("inspect_ai", "peerwatch._tasks", *(f"peerwatch.{name}" for name in packages))
    for path in [SOURCE / "__init__.py", *(SOURCE / "cli").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top = {node.module for node in tree.body if isinstance(node, ast.ImportFrom) and node.module}
        assert [name for name in top if name.startswith(heavy)] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_says_what_it_offers(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    assigned = [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    private = package.relative_to(SOURCE).parts == ("cli", "commands")
    assert private or "__all__" in assigned
    assert ast.get_docstring(tree)


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "misc", "common", "base", "core"}
    files = [*MODULES, *(ROOT / "tests").glob("*.py")]
    assert [path for path in files if path.stem.strip("_") in vague] == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    files = [path for folder in (SOURCE, ROOT / "tests", ROOT / "packages") for path in folder.rglob("*.py")]
    assert [path for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []
