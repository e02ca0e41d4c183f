"""Calls the command line as its user does, in this process."""

import sys
from collections.abc import Callable
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
