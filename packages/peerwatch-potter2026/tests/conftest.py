"""The command line, as Peerwatch's own tests call it."""

import pytest
from tests.command_line import Cli, commander


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Calls the command line."""
    return commander(monkeypatch, capsys)
