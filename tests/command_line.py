"""Calls the command line as its user does, in this process."""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from peerwatch.cli import main


@dataclass(frozen=True)
class Left:
    """How the command line left."""

    status: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line on standard error."""
        (line,) = self.err.strip().splitlines()
        return line


Cli = Callable[..., Left]


def commander(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*words: object) -> Left:
        monkeypatch.setattr(sys, "argv", ["peerwatch", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        return Left(int(left.value.code or 0), out, err)

    return call


def called(*words: object) -> Left:
    """Call the command line from a fixture that several tests share, where pytest captures nothing."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["peerwatch", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
    return Left(int(left.value.code or 0), out.getvalue(), err.getvalue())
