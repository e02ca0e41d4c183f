"""Where the coding agents are kept, and what the image is called."""

import os
from pathlib import Path

from peerwatch.sandboxes.provision._run import SetupError

IMAGE = "peerwatch-machines:1"
"""The container image of a machine, for Docker and Kubernetes, where no other is named."""

BIND = "/opt/agents"
"""Where a machine has the agents: in the image, or the folder of the machine below, read-only."""


OWN_FOLDER = "PEERWATCH_AGENT_FOLDER"
"""The variable that names a folder with an agent of the user's own, as `--agent-folder` sets it."""

OWN_BIND = "/opt/mine"
"""Where the agent's machine, and no other, has that folder, read-only."""


def agents_folder() -> Path:
    """The coding agents: $PEERWATCH_AGENTS, or `agents` in the user's cache. Programs are in `node_modules/.bin`."""
    return Path(os.environ.get("PEERWATCH_AGENTS") or Path.home() / ".cache" / "peerwatch" / "agents").absolute()


def rootfs_folder() -> Path:
    """The root file system of the hosts in `netns`: $PEERWATCH_ROOTFS, or `rootfs` in the user's cache."""
    return Path(os.environ.get("PEERWATCH_ROOTFS") or Path.home() / ".cache" / "peerwatch" / "rootfs").absolute()


def own_folder() -> Path | None:
    """A folder with an agent of the user's own: $PEERWATCH_AGENT_FOLDER; `None` where there is none.

    Raises:
        SetupError: If it is no folder.
    """
    named = os.environ.get(OWN_FOLDER)
    if not named:
        return None
    folder = Path(named).absolute()
    if not folder.is_dir():
        raise SetupError(f"{named} is no folder. Give the folder in which the agent's program is.")
    if ":" in str(folder):
        raise SetupError(f"{named} has a colon in its path, which Compose takes for a separator. Rename it.")
    return folder


def machine_image() -> str:
    """The container image of a machine: $PEERWATCH_IMAGE, such as one in a registry, or `IMAGE`."""
    return os.environ.get("PEERWATCH_IMAGE") or IMAGE
