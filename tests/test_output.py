"""What is printed: data as data, through one kind of console."""

import ast
import io
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerwatch.cli.output import print_json, table
from peerwatch.core.console import PlainConsole, plain_text

SOURCE = Path(__file__).parents[1] / "src" / "peerwatch"
NAMES = (
    "gpt-5 [high]",
    "[/red]",
    "qwen3 [/no_think]",
    "[bold]x[/bold]",
    ":smile:",
    "[link=http://x]y[/link]",
    "a\\[b]",
)


def printed(*objects: object) -> str:
    out = io.StringIO()
    console = PlainConsole(out)
    console.width = 300
    for each in objects:
        console.print(each)
    return out.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_names_print_as_they_are(name: str) -> None:
    assert printed(name) == f"{name}\n"
    said = printed(table(name, [name, "b"], [[name, name]]), plain_text(name, "bold"))
    assert said.count(name) == 5
    assert "\x1b" not in said


@settings(deadline=None)  # another process may hold the processor for longer
@given(st.text(max_size=60))
def test_nothing_steers_a_terminal(text: str) -> None:
    said = printed(text, table(text, [text], [[text]]), plain_text(text))
    assert {unicodedata.category(sign) for sign in said if sign != "\n"} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()


def test_json_has_no_sign_that_steers_and_reads_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"a": "\x1b[2J\x9b31m\u202e \u200b \x7f", "b": "Zürich [high]"}
    print_json(value)
    said = capsys.readouterr().out
    assert all(sign.isprintable() or sign == "\n" for sign in said)
    assert json.loads(said) == value
    assert "Zürich [high]" in said


def calls(tree: ast.AST) -> list[str]:
    return [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_there_is_one_way_to_a_terminal() -> None:
    """Rich reads markup in strings: a second console, or its `print`, would print names otherwise than they are."""
    for path in SOURCE.rglob("*.py"):
        if path.name == "_console.py" or "netns" in path.parts or "machines" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found = {name for name in calls(tree) if name in {"Console", "print", "rich.print", "typer.echo"}}
        markup = {name for name in calls(tree) if name.endswith("from_markup")}
        imported = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert found == set(), path
        assert markup == set() or path.name == "_model_factory.py", (
            path
        )  # Inspect's own messages, taken out of their markup
        assert not any("import print" in line for line in imported if "rich" in line), path
