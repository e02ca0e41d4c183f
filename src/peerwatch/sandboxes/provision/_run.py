"""Finds and runs programs of this machine."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from peerwatch.core.errors import UserError


class SetupError(UserError):
    """A requirement of machines cannot be installed; the message states what is missing and how to fix it."""


@dataclass(frozen=True)
class Answer:
    """The output of a program.

    Attributes:
        ok: Whether it exited with status 0.
        text: Its output without surrounding space, or its errors if there is none.
    """

    ok: bool
    text: str


def program(name: str) -> str | None:
    """Path of a program, also searched in administration folders that a user's PATH often omits."""
    return shutil.which(name) or shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin")


def ask(words: Sequence[str | Path], *, seconds: float = 20, env: Mapping[str, str] | None = None) -> Answer:
    """Run a program that answers immediately.

    Args:
        words: The program and its arguments.
        seconds: Time limit.
        env: Environment variables that replace those of this process.

    Returns:
        Its answer; an empty one if the program is missing or too slow.
    """
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            list(map(str, words)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env=env,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(ok=False, text=f"no answer in {seconds:g} seconds")
    except OSError as error:
        return Answer(ok=False, text=error.strerror or str(error))
    return Answer(ok=done.returncode == 0, text=done.stdout.strip() or done.stderr.strip())


def carry_out(words: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> None:
    """Run a program that builds something; its output is shown only if it fails.

    Args:
        words: The program and its arguments.
        env: Additional environment variables.

    Raises:
        SetupError: If it is missing or failed.
    """
    line = " ".join(map(str, words[:2]))
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            list(map(str, words)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **(env or {})},
            umask=0o022,  # other users read what is made: the agent in a world is one
            check=False,
        )
    except OSError as error:
        raise SetupError(f"{line}: {error.strerror}") from error
    if done.returncode:
        last = " | ".join(done.stdout.strip().splitlines()[-6:])
        raise SetupError(f"{line} exited with status {done.returncode}: {last}")
