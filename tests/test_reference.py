"""The pages of the command line and of the API are those that the code makes."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[1] / "tools" / "reference.py"


@pytest.fixture(scope="module")
def program() -> Any:  # noqa: ANN401 - a module
    spec = importlib.util.spec_from_file_location("reference", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_those_of_the_code(program: Any) -> None:  # noqa: ANN401 - a module
    stale = [path.name for path, text in program.pages().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run python tools/reference.py"


def test_a_changed_page_is_stale(program: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 - a module
    monkeypatch.setattr(program, "PAGES", tmp_path)
    monkeypatch.setattr("sys.argv", ["reference.py"])
    assert program.main() == 0
    monkeypatch.setattr("sys.argv", ["reference.py", "--check"])
    assert program.main() == 0
    page = tmp_path / "cli.md"
    page.write_text(page.read_text(encoding="utf-8").replace("--worlds", "--world"), encoding="utf-8")
    assert program.main() == 1


def test_a_docstring_becomes_markdown(program: Any) -> None:  # noqa: ANN401 - a module
    text = """Do it.

    Args:
        first: What comes
            first.
        *rest: The rest.

    Raises:
        ValueError: If it cannot be done.
    """
    assert program.markdown(text) == (
        "Do it.\n\n**Args**\n\n* `first`: What comes first.\n* `*rest`: The rest.\n\n"
        "**Raises**\n\n* `ValueError`: If it cannot be done."
    )


def test_every_command_and_option_is_on_the_page(program: Any) -> None:  # noqa: ANN401 - a module
    page = program.cli_page()
    from typer.main import get_command

    from peerwatch.cli import app

    for path, command in program.commands(get_command(app), "peerwatch"):
        section = page.partition(f"## `{path}`\n")[2].partition("\n## ")[0]
        shown = [each for each in command.params if not getattr(each, "hidden", False)]
        assert all(each.opts[0] in section for each in shown if each.param_type_name == "option"), path
