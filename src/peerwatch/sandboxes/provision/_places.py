"""Paths of the coding agents, and the name of the image."""

import os
from pathlib import Path

from peerwatch.sandboxes.provision._run import SetupError

IMAGE = "peerwatch-machines:1"
"""The default container image of machines, for Docker and Kubernetes."""

BIND = "/opt/agents"
"""Path of the agents on a machine: in the image, or this machine's folder, mounted read-only."""


OWN_FOLDER = "PEERWATCH_AGENT_FOLDER"
"""Environment variable for a folder with a user's agent, set by `--agent-folder`."""

OWN_BIND = "/opt/mine"
"""Path of that folder on the agent's machine only, mounted read-only."""


def agents_folder() -> Path:
    """Folder of the coding agents ($PEERWATCH_AGENTS, or `agents` in the user's cache); see `node_modules/.bin`."""
    return Path(os.environ.get("PEERWATCH_AGENTS") or Path.home() / ".cache" / "peerwatch" / "agents").absolute()


def rootfs_folder() -> Path:
    """The root file system of hosts in `netns`: $PEERWATCH_ROOTFS, or `rootfs` in the user's cache."""
    return Path(os.environ.get("PEERWATCH_ROOTFS") or Path.home() / ".cache" / "peerwatch" / "rootfs").absolute()


def own_folder() -> Path | None:
    """Return the folder with a user's agent, $PEERWATCH_AGENT_FOLDER; `None` if not set.

    Raises:
        SetupError: If it is not a folder.
    """
    named = os.environ.get(OWN_FOLDER)
    if not named:
        return None
    folder = Path(named).absolute()
    if not folder.is_dir():
        raise SetupError(f"{named} is not a folder. Give the folder that contains the agent's program.")
    if ":" in str(folder):
        raise SetupError(f"{named} has a colon in its path, which Compose takes for a separator. Rename it.")
    return folder


def machine_image() -> str:
    """The container image of machines: $PEERWATCH_IMAGE, such as one in a registry, or `IMAGE`."""
    return os.environ.get("PEERWATCH_IMAGE") or IMAGE
