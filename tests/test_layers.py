"""The layers, and the shape of the packages, read from the source."""

import ast
import re
from pathlib import Path

import pytest
from tools.shape import BESIDE, ENTRY, LAYERS, Shape, imported, is_test, legal_for, measure

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "peerwatch"
MODULES = [path for path in sorted(SOURCE.rglob("*.py")) if not is_test(path)]
PACKAGES = sorted({path.parent for path in MODULES})
MOST_PACKAGES = 16


@pytest.fixture(scope="module")
def shape() -> Shape:
    return measure(SOURCE)


def imports(path: Path, package: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for name in imported(path, SOURCE))


def test_arrows_point_down(shape: Shape) -> None:
    assert shape.upward() == []


def test_the_layers_have_no_circle() -> None:
    placed: set[str] = set()
    for layer in LAYERS:
        left = set(layer)
        while left:
            ready = {each for each in left if legal_for(each) <= placed}
            assert ready, f"{sorted(left)} rest on each other"
            placed |= ready
            left -= ready
    assert {other for each in BESIDE.values() for other in each} <= placed


def test_a_wrong_arrow_is_found(tmp_path: Path) -> None:
    for name, text in {"core": "from peerwatch.reports import render", "reports": "", "puzzle": ""}.items():
        package = tmp_path / "src" / "peerwatch" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(text, "utf-8")
    assert measure(tmp_path / "src" / "peerwatch").upward() == [
        "core/__init__.py imports reports, which is not below core",
        "puzzle is in no layer",
    ]


def test_the_top_level_stays_readable(shape: Shape) -> None:
    assert len(shape.packages) <= MOST_PACKAGES
    loose = {path.stem for path in SOURCE.glob("*.py")} - {"__init__"}
    assert loose <= ENTRY


@pytest.mark.parametrize("part", ["core", "stats"])
def test_the_ground_knows_nothing_of_inspect(part: str, shape: Shape) -> None:
    assert [path for path in MODULES if shape.part_of(path) == part and imports(path, "inspect_ai")] == []


def test_what_decides_an_outcome_calls_no_model(shape: Shape) -> None:
    deciding = [path for path in MODULES if shape.part_of(path) in ("core", "domains")]
    assert [path for path in deciding if imports(path, "inspect_ai.model")] == []


def test_numbers_know_nothing_of_pages(shape: Shape) -> None:
    rendering = ("jinja2", "vl_convert", "rich", "markdown_it")
    numbers = [path for path in MODULES if shape.part_of(path) in ("analysis", "records", "stats")]
    assert [path for path in numbers if any(imports(path, each) for each in rendering)] == []


def test_statistics_stand_alone(shape: Shape) -> None:
    assert {other for one, other in shape.arrows if one == "stats"} == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.relative_to(SOURCE.parent).as_posix())
def test_a_package_says_what_it_offers(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    assigned = [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]
    private = package.relative_to(SOURCE).parts[:1] == ("cli",)
    assert private or "__all__" in assigned
    assert ast.get_docstring(tree)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.relative_to(SOURCE.parent).as_posix())
def test_a_face_offers_what_its_own_modules_hold(package: Path) -> None:
    """A face that passes on another package's names gives them a second home."""
    dotted = ".".join(["peerwatch", *package.relative_to(SOURCE).parts])
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    homes = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    if package == SOURCE:  # what users import gathers names from everywhere
        return
    ours = {each for each in homes if each.startswith("peerwatch.")} - {"peerwatch.core.deferred"}
    assert {each for each in ours if not f"{each}.".startswith(f"{dotted}.")} == set()


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "misc", "common", "base"}
    files = [*MODULES, *(ROOT / "tests").glob("*.py")]
    assert [path for path in files if path.stem.strip("_") in vague] == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    files = [*SOURCE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    assert [path for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []


PARTICIPLE = re.compile(
    # Ends in "ed" ("Cached"), but not in "eed" ("Need"); or is an irregular one on its own ("Found", "_Read").
    r"^_?(?:\w*[^e\W]ed|\w*(?:Found|Held|Heard|Kept|Known|Made|Said|Seen|Sent|Shown|Spoken|Told|Given|Taken|Read))$"
)
ERRORS = {"WeightsDamaged", "FetchFailed"}
"""Errors, whose names state the problem."""


@pytest.mark.parametrize("name", ["Found", "_Read", "Observed", "_Called"])
def test_a_participle_is_recognized(name: str) -> None:
    assert PARTICIPLE.match(name)
    assert not PARTICIPLE.match("ScoredEpisode")
    assert not PARTICIPLE.match("Need")


def test_classes_are_named_for_what_they_are() -> None:
    sources = [*MODULES, *(path for path in (ROOT / "packages").glob("*/src/**/*.py") if not is_test(path))]
    classes = {
        node.name: path.relative_to(ROOT)
        for path in sources
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    assert {name: path for name, path in classes.items() if PARTICIPLE.match(name)}.keys() <= ERRORS
