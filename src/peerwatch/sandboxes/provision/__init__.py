"""Requirements of real machines and coding agents: checked by `peerwatch doctor`, installed by `peerwatch setup`."""

from peerwatch.sandboxes.provision._agents import Program, install_agents, programs
from peerwatch.sandboxes.provision._doctor import examine
from peerwatch.sandboxes.provision._health import Check, Component
from peerwatch.sandboxes.provision._image import LABEL, build_image, made_of, write_image_context
from peerwatch.sandboxes.provision._places import (
    BIND,
    IMAGE,
    OWN_BIND,
    OWN_FOLDER,
    agents_folder,
    machine_image,
    own_folder,
    rootfs_folder,
)
from peerwatch.sandboxes.provision._ready import check_sandbox
from peerwatch.sandboxes.provision._rootfs import SUITE, make_rootfs, packages
from peerwatch.sandboxes.provision._run import SetupError

__all__ = [
    # Paths
    "BIND",
    "IMAGE",
    "OWN_BIND",
    "OWN_FOLDER",
    "own_folder",
    "LABEL",
    "agents_folder",
    "machine_image",
    "rootfs_folder",
    # Doctor
    "Check",
    "Component",
    "check_sandbox",
    "examine",
    # Installation
    "SUITE",
    "Program",
    "build_image",
    "install_agents",
    "made_of",
    "make_rootfs",
    "packages",
    "programs",
    "write_image_context",
    # Errors
    "SetupError",
]
