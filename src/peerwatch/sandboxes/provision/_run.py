"""Programs of this machine: found, asked something, or run to the end."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from peerwatch.core.errors import UserError


class SetupError(UserError):
    """Something that a machine needs cannot be made here; the message says what is missing and how it is mended."""


@dataclass(frozen=True)
class Answer:
    """What a program said.

    Attributes:
        ok: Whether it left with status 0.
        text: Its output, without space around it; its errors where there is none.
    """

    ok: bool
    text: str


def program(name: str) -> str | None:
    """Path of a program, also in the folders for administration, which a user's PATH often leaves out."""
    return shutil.which(name) or shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin")


def ask(words: Sequence[str | Path], *, seconds: float = 20, env: Mapping[str, str] | None = None) -> Answer:
    """Run a program that answers at once.

    Args:
        words: The program and its arguments.
        seconds: How long it may take.
        env: Variables in place of those of this process.

    Returns:
        Its answer. A program that is missing, or takes longer, has none.
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
    """Run a program that makes something; its output is shown only if it fails.

    Args:
        words: The program and its arguments.
        env: Further variables.

    Raises:
        SetupError: It is missing, or failed.
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
        raise SetupError(f"{line} left with status {done.returncode}: {last}")
