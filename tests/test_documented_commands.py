"""Commands on the pages exist, with the options that the pages give them."""

import ast
import re
import shlex
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from peerwatch.cli import app

ROOT = Path(__file__).parent.parent
GENERATED = ROOT / "docs" / "reference" / "cli.md"
PAGES = [
    *sorted({*(ROOT / "docs").rglob("*.md")} - {GENERATED}),
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING")),
]

# A command in a block of a console, up to a comment; a backslash continues its line, and variables may come first.
BLOCK = re.compile(r"^```(?:console)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
START = re.compile(r"^(?:[A-Z_]+=\S+ )*(?:sudo )?peerwatch (?P<words>.*)$", re.MULTILINE)

# The same in running text: `peerwatch run --resume FOLDER`.
INLINE = re.compile(r"`peerwatch ([a-z][^`]*)`")


def documented(text: str) -> Iterator[str]:
    """What follows `peerwatch` in the commands of a page; HTML comments are marks of programs."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    for block in BLOCK.findall(text):
        for found in START.finditer(block.replace("\\\n", " ")):
            yield re.sub(r"\s#.*$", "", found["words"])
    yield from (" ".join(found.split()).replace("\\|", "|") for found in INLINE.findall(text))


def command(words: list[str]) -> Any:  # noqa: ANN401 - Typer brings its own Click
    """The command that words name; `None` if there is none, a group if they name no more than that."""
    found: Any = get_command(app)
    for word in words:
        if not isinstance(found, TyperGroup) or not found.commands:
            break
        if word.startswith("-"):
            break
        # A table may name several at once, as in `judge run|sample`.
        named = [found.commands.get(each) for each in word.split("|")]
        if None in named:
            return None
        found = named[0]
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_and_option_exists(path: Path) -> None:
    unknown: list[str] = []
    for line in documented(path.read_text(encoding="utf-8")):
        words = shlex.split(line) if line.count('"') % 2 == 0 and line.count("'") % 2 == 0 else line.split()
        found = command(words)
        if found is None:
            unknown.append(line)
            continue
        legal = {name for each in found.params for name in (*each.opts, *each.secondary_opts)} | {"--help"}
        unknown += [f"{line}: {word}" for word in words if word.startswith("--") and word.split("=")[0] not in legal]
    assert unknown == []


# A block of Python on a page; the code may be indented as a whole, as in a list.
PYTHON = re.compile(r"^( *)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def imported(text: str) -> Iterator[tuple[str, str]]:
    """Module and name of each import from Peerwatch in the Python of a page; the name of a whole module is empty."""
    for _, block in PYTHON.findall(text):
        try:
            tree = ast.parse(textwrap.dedent(block))
        except SyntaxError:  # a signature or a fragment, which nobody can paste
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "peerwatch":
                yield from ((node.module or "", name.name) for name in node.names)
            elif isinstance(node, ast.Import):
                yield from ((name.name, "") for name in node.names if name.name.split(".")[0] == "peerwatch")


def exists(module: str, name: str) -> bool:
    """Whether a name can be imported, or would be with an extra that is not installed here."""
    try:
        return not name or hasattr(import_module(module), name)
    except ModuleNotFoundError as error:
        return not (error.name or "").startswith("peerwatch")


def test_every_import_on_a_page_works() -> None:
    found = {each for path in PAGES for each in imported(path.read_text(encoding="utf-8"))}
    assert ("peerwatch.api", "SCENARIOS") in found
    assert [f"{module} {name}" for module, name in sorted(found) if not exists(module, name)] == []
