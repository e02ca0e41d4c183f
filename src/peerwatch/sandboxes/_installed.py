"""The Debian packages of a machine, recorded because images made at different times have different versions."""

import hashlib
import re
from typing import Any

from inspect_ai.util import SandboxEnvironment

PACKAGES = "peerwatch:packages"
"""Key in the sample store: hash and list of the machines' packages."""

STATUS = "/var/lib/dpkg/status"

# dpkg's database consists of paragraphs of `Name: value` lines; some values continue on indented lines.
# Example: "Version: 3.12.3-1".
_FIELD = re.compile(r"^(Package|Status|Version|Architecture): (.*)$", re.MULTILINE)

_seen: dict[str, dict[str, Any]] = {}
"""Results in this process by kind of sandbox: its machines all have the same image."""


async def installed_packages(kind: str, host: SandboxEnvironment) -> dict[str, Any]:
    """Return the packages of a machine as `sha256` and `packages`, without starting a program on it.

    Args:
        kind: Kind of the sandbox; read once for each in a process.
        host: A machine.
    """
    if kind not in _seen:
        _seen[kind] = described(await host.read_file(STATUS))
    return _seen[kind]


def described(status: str) -> dict[str, Any]:
    """Parse names and versions from dpkg's database, with one hash over all of them."""
    found: list[str] = []
    for paragraph in status.split("\n\n"):
        fields = dict(_FIELD.findall(paragraph))
        if fields.get("Status") == "install ok installed":
            found.append(f"{fields['Package']}:{fields.get('Architecture', '')} {fields.get('Version', '')}")
    return {"sha256": hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest(), "packages": sorted(found)}
