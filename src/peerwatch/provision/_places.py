"""Where the root file system and the coding agents are kept."""

import os
from pathlib import Path

IMAGE = "peerwatch-machines:1"
"""The container image of a machine, for Docker and Kubernetes."""

BIND = "/opt/agents"
"""Where a machine shows the folder of the agents, read-only."""


def rootfs_folder() -> Path:
    """The root file system of the `netns` sandbox: $PEERWATCH_ROOTFS, or `rootfs` in the user's cache."""
    return _place("PEERWATCH_ROOTFS", "rootfs")


def agents_folder() -> Path:
    """The coding agents: $PEERWATCH_AGENTS, or `agents` in the user's cache. Programs are in `node_modules/.bin`."""
    return _place("PEERWATCH_AGENTS", "agents")


def _place(variable: str, name: str) -> Path:
    if named := os.environ.get(variable):
        return Path(named).expanduser().absolute()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (caches / "peerwatch" / name).absolute()
