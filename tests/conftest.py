"""The command line, for all tests."""

import pytest

from .command_line import Cli, commander


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Calls the command line."""
    return commander(monkeypatch, capsys)
