"""Where the coding agents are kept, and what the image is called."""

import os
from pathlib import Path

IMAGE = "peerwatch-machines:1"
"""The container image of a machine, for Docker and Kubernetes."""

BIND = "/opt/agents"
"""Where a machine shows the folder of the agents, read-only."""


def agents_folder() -> Path:
    """The coding agents: $PEERWATCH_AGENTS, or `agents` in the user's cache. Programs are in `node_modules/.bin`."""
    return Path(os.environ.get("PEERWATCH_AGENTS") or Path.home() / ".cache" / "peerwatch" / "agents").absolute()
