"""Data types for the results of the doctor's checks."""

import getpass
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from peerwatch.core.yaml_files import from_yaml

Kind = Literal["setting", "sandbox", "agent"]


@dataclass(frozen=True)
class Check:
    """One requirement.

    Attributes:
        name: Name of the requirement.
        ok: Whether it exists and works.
        found: What was found: a version, a path, or what is wrong.
        fix: The command that fixes it; empty if it is fine.
    """

    name: str
    ok: bool
    found: str
    fix: str = ""


@dataclass(frozen=True)
class Component:
    """A setting, a sandbox or an agent, with all its requirements.

    Attributes:
        name: Its name for `--sandbox` and `-T agent=`.
        kind: Setting, sandbox or agent.
        checks: Its requirements; later ones are omitted if they could not be checked without an earlier one.
    """

    name: str
    kind: Kind
    checks: tuple[Check, ...]

    @property
    def works(self) -> bool:
        """Whether all requirements are met."""
        return all(check.ok for check in self.checks)


@cache
def _fixes() -> dict[str, str]:
    return from_yaml((files("peerwatch.sandboxes.provision") / "fixes.yaml").read_text(encoding="utf-8"))


def checked(name: str, ok: bool, found: str, fix: str = "") -> Check:  # noqa: FBT001 - the three columns of a table
    """Build a check; if it failed, add the command that fixes it, looked up by `fix` or else by the check's name."""
    if ok:
        return Check(name, ok, found)
    return Check(name, ok, found, _fixes()[fix or name].format(user=getpass.getuser()))
