"""What was looked for on this machine, and found."""

import getpass
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from peerwatch.core.yaml_files import from_yaml

Kind = Literal["setting", "sandbox", "agent"]


@dataclass(frozen=True)
class Check:
    """One thing that is needed.

    Attributes:
        name: What it is.
        ok: Whether it is there and works.
        found: What was found: a version, a path, or what is wrong.
        fix: The command that fixes it; empty if it is right.
    """

    name: str
    ok: bool
    found: str
    fix: str = ""


@dataclass(frozen=True)
class Component:
    """A setting, a sandbox or an agent, with all that it needs.

    Attributes:
        name: As `--sandbox` and `-T agent=` take it.
        kind: Which of them it is.
        checks: What it needs; a later one is left out where it could not be looked for without an earlier one.
    """

    name: str
    kind: Kind
    checks: tuple[Check, ...]

    @property
    def works(self) -> bool:
        """Whether all that it needs is there."""
        return all(check.ok for check in self.checks)


@cache
def _fixes() -> dict[str, str]:
    return from_yaml((files("peerwatch.sandboxes.provision") / "fixes.yaml").read_text(encoding="utf-8"))


def checked(name: str, ok: bool, found: str, fix: str = "") -> Check:  # noqa: FBT001 - the three columns of a table
    """A check with the command that fixes it, if it is wrong; `fix` names it where that is not the check's name."""
    if ok:
        return Check(name, ok, found)
    return Check(name, ok, found, _fixes()[fix or name].format(user=getpass.getuser()))
