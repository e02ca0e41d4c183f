"""Where the coding agents are kept, and what the image is called."""

import os
from pathlib import Path

IMAGE = "peerwatch-machines:1"
"""The container image of a machine, for Docker and Kubernetes, where no other is named."""

BIND = "/opt/agents"
"""Where a machine has the agents: in the image, or the folder of the machine below, read-only."""


def agents_folder() -> Path:
    """The coding agents: $PEERWATCH_AGENTS, or `agents` in the user's cache. Programs are in `node_modules/.bin`."""
    return Path(os.environ.get("PEERWATCH_AGENTS") or Path.home() / ".cache" / "peerwatch" / "agents").absolute()


def machine_image() -> str:
    """The container image of a machine: $PEERWATCH_IMAGE, such as one in a registry, or `IMAGE`."""
    return os.environ.get("PEERWATCH_IMAGE") or IMAGE
