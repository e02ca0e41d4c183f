"""The shape of the source, measured: `python -m tools.shape [--root CHECKOUT] [--json]`.

Prints the top-level packages by layer, the arrows between them, and how large files, functions and faces are. Exits
with 1 if an arrow points upward. Tests do not count.
"""

import argparse
import ast
import json
import statistics
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeGuard

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"core", "stats"}),
    frozenset({"domains", "models"}),
    frozenset({"inspect"}),
    frozenset({"sandboxes", "agents", "records"}),
    frozenset({"judging", "monitors", "planning", "running", "analysis", "reports", "validation"}),
    frozenset({"cli"}),
)
"""Six layers, the lowest first. A package may import all packages of lower layers."""

BESIDE: dict[str, frozenset[str]] = {
    "agents": frozenset({"sandboxes"}),
    "records": frozenset({"agents"}),
    "monitors": frozenset({"judging"}),
    "planning": frozenset({"judging"}),
    "running": frozenset({"judging", "monitors", "planning"}),
    "reports": frozenset({"analysis", "monitors", "running"}),
    "validation": frozenset({"judging", "monitors", "planning", "running"}),
}
"""Package to the packages of its own layer that it may import as well. `analysis` rests on records alone."""

ENTRY = frozenset({"", "__main__", "_registry", "api", "agreement", "filings", "judges"})
"""The package itself, the program, what Inspect loads and what other distributions import: they gather names."""


def legal_for(package: str) -> frozenset[str]:
    """The parts that a package may import, by the layers."""
    for number, layer in enumerate(LAYERS):
        if package in layer:
            lower = frozenset[str]().union(*LAYERS[:number])
            return lower | BESIDE.get(package, frozenset())
    return frozenset()


def is_test(path: Path) -> bool:
    """Whether a file beside the source is one of its tests."""
    return path.name.startswith(("test_", "conftest"))


@cache
def imported(path: Path, source: Path) -> frozenset[str]:
    """Every module that a file imports, also inside functions and for type checking only."""
    return _imported(ast.walk(ast.parse(path.read_text(encoding="utf-8"))), path, source)


def _imported(nodes: Iterable[ast.AST], path: Path, source: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = path.parents[node.level - 1].relative_to(source.parent).parts if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return frozenset(found)


@dataclass
class Shape:
    """A source tree, measured.

    Attributes:
        source: The folder of the package `peerwatch`.
        arrows: Importing and imported part to the number of files that import.
        where: Importing and imported part to the files that hold the imports.
        files: Files of each part.
        names: Public names in the `__all__` of each part's faces.
        code: Lines of each file that are neither blank, comment, docstring, import nor `__all__`.
        lines: All lines.
        comments: Lines that begin with a comment.
        functions: Lines of each function, by its place.
    """

    source: Path
    arrows: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    where: dict[tuple[str, str], set[str]] = field(default_factory=dict[tuple[str, str], set[str]])
    files: Counter[str] = field(default_factory=Counter[str])
    names: Counter[str] = field(default_factory=Counter[str])
    code: dict[str, int] = field(default_factory=dict[str, int])
    lines: int = 0
    comments: int = 0
    functions: dict[str, int] = field(default_factory=dict[str, int])

    def part_of(self, path: Path) -> str:
        """The top-level package or module that a file belongs to; empty for the package itself."""
        first = path.relative_to(self.source).parts[0].removesuffix(".py")
        return "" if first == "__init__" else first

    @property
    def packages(self) -> list[str]:
        """Top-level packages; single modules are none."""
        return sorted(each.name for each in self.source.iterdir() if (each / "__init__.py").is_file())

    def upward(self) -> list[str]:
        """Every import that the layers do not allow, in words; a part that no layer holds is one too."""
        wrong: list[str] = []
        for (one, other), places in sorted(self.where.items()):
            if one not in ENTRY and other not in legal_for(one):
                wrong += [f"{place} imports {other}, which is not below {one}" for place in sorted(places)]
        known = frozenset[str]().union(*LAYERS) | ENTRY
        return wrong + [f"{part} is in no layer" for part in sorted(self.files) if part not in known]


def measure(source: Path) -> Shape:
    """Read the shape of a source tree.

    Args:
        source: The folder of the package `peerwatch`.
    """
    shape = Shape(source)
    for path in sorted(source.rglob("*.py")):
        if not is_test(path):
            _read(shape, path)
    return shape


def _read(shape: Shape, path: Path) -> None:
    part, name = shape.part_of(path), path.relative_to(shape.source).as_posix()
    text = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(text)))
    shape.files[part] += 1
    shape.lines += len(text.splitlines())
    shape.comments += sum(line.lstrip().startswith("#") for line in text.splitlines())
    shape.code[name] = _code_lines(text, nodes)
    for module in _imported(nodes, path, shape.source):
        top, _, rest = module.partition(".")
        other = rest.partition(".")[0]
        if top == "peerwatch" and other not in ("", part) and _exists(shape.source, other):
            shape.where.setdefault((part, other), set()).add(name)
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            shape.functions[f"{name}:{node.name}"] = (node.end_lineno or node.lineno) - node.lineno + 1
        if path.name == "__init__.py" and _is_list_of_names(node) and isinstance(node.value, ast.List):
            shape.names[part] += len(node.value.elts)
    for pair, places in shape.where.items():
        shape.arrows[pair] = len(places)


def _exists(source: Path, part: str) -> bool:
    return (source / part).is_dir() or (source / f"{part}.py").is_file()


def _is_text(node: ast.AST) -> TypeGuard[ast.Expr]:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
        return False
    return isinstance(node.value.value, str)


def _is_list_of_names(node: ast.AST) -> TypeGuard[ast.Assign | ast.AnnAssign]:
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets)


def _code_lines(text: str, nodes: Iterable[ast.AST]) -> int:
    """Lines that are neither blank, comment, docstring (also an attribute's), import nor `__all__`."""
    left_out: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node) or _is_list_of_names(node):
            left_out |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in left_out
        for number, line in enumerate(text.splitlines(), start=1)
    )


def floors(shape: Shape) -> int:
    """How many packages the longest chain of arrows has."""
    below: dict[str, set[str]] = {}
    for one, other in shape.arrows:
        if not {one, other} & ENTRY:
            below.setdefault(one, set()).add(other)
    height: dict[str, int] = {}

    def height_of(part: str, seen: frozenset[str]) -> int:
        if part not in height:
            heights = [height_of(each, seen | {part}) for each in below.get(part, set()) - seen]
            height[part] = 1 + max(heights, default=0)
        return height[part]

    return max((height_of(part, frozenset()) for part in shape.files), default=0)


def figures(shape: Shape) -> dict[str, float | str]:
    """The figures that the decision records put side by side."""
    lengths = sorted(shape.functions.values())
    longest = max(shape.functions, key=lambda each: shape.functions[each])
    return {
        "top-level packages": len(shape.packages),
        "loose modules at the top": sum(
            path.name not in ("__init__.py", "__main__.py") for path in shape.source.glob("*.py")
        ),
        "files": sum(shape.files.values()),
        "lines": shape.lines,
        "code lines": sum(shape.code.values()),
        "code lines per file": round(sum(shape.code.values()) / len(shape.code), 1),
        "files per package": round(sum(shape.files.values()) / max(1, len(shape.packages)), 1),
        "largest package": "{} ({} files)".format(*shape.files.most_common(1)[0]),
        "median function": statistics.median(lengths),
        "longest function": f"{longest} ({shape.functions[longest]} lines)",
        "comment share": f"{100 * shape.comments / shape.lines:.1f} %",
        "public names": sum(shape.names.values()),
        "arrows between parts": len(shape.arrows),
        "floors": floors(shape),
    }


def main() -> int:
    """Print the shape; 1 if an arrow points upward."""
    parser = argparse.ArgumentParser(prog="python -m tools.shape", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="checkout to measure")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    given = parser.parse_args()
    shape = measure(given.root / "src" / "peerwatch")
    wrong = shape.upward()
    if given.json:
        print(json.dumps({"figures": figures(shape), "upward": wrong}, indent=2))
        return bool(wrong)
    width = max(len(part) for part in shape.files)
    print(f"{'package':{width}}  files   code  names  imports")
    for part in sorted(shape.files, key=lambda each: (_layer(each), each)):
        code = sum(lines for name, lines in shape.code.items() if shape.part_of(shape.source / name) == part)
        to = ", ".join(f"{other} {count}" for (one, other), count in sorted(shape.arrows.items()) if one == part)
        print(f"{part or 'peerwatch':{width}}  {shape.files[part]:5}  {code:5}  {shape.names[part]:5}  {to}")
    print()
    for name, value in figures(shape).items():
        print(f"{name}: {value}")
    for each in wrong:
        print(f"upward: {each}", file=sys.stderr)
    return bool(wrong)


def _layer(part: str) -> int:
    return next((number for number, layer in enumerate(LAYERS) if part in layer), len(LAYERS))


if __name__ == "__main__":
    sys.exit(main())
