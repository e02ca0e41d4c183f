"""Which Debian packages a machine has: an image or an archive made next month has others, and a log must say which."""

import hashlib
import re
from typing import Any

from inspect_ai.util import SandboxEnvironment

PACKAGES = "peerwatch:packages"
"""Key in the sample's store: hash and list of the packages of the machines."""

STATUS = "/var/lib/dpkg/status"

# A paragraph of dpkg's database: lines of `Name: value`, of which some go on in indented lines.
_FIELD = re.compile(r"^(Package|Status|Version|Architecture): (.*)$", re.MULTILINE)

_seen: dict[str, dict[str, Any]] = {}
"""What was read in this process, by the kind of sandbox: its machines are all made of one image."""


async def installed_packages(kind: str, host: SandboxEnvironment) -> dict[str, Any]:
    """What is installed on a machine, as `sha256` and `packages`; read without starting a program on it.

    Args:
        kind: Of the sandbox; read once for each in a process.
        host: A machine.
    """
    if kind not in _seen:
        _seen[kind] = described(await host.read_file(STATUS))
    return _seen[kind]


def described(status: str) -> dict[str, Any]:
    """Names and versions in dpkg's database, and one hash over all of them."""
    found: list[str] = []
    for paragraph in status.split("\n\n"):
        fields = dict(_FIELD.findall(paragraph))
        if fields.get("Status") == "install ok installed":
            found.append(f"{fields['Package']}:{fields.get('Architecture', '')} {fields.get('Version', '')}")
    return {"sha256": hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest(), "packages": sorted(found)}
