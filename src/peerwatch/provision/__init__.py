"""What real machines and coding agents need: looked for by `peerwatch doctor`, made by `peerwatch provision`."""

from peerwatch.provision._agents import Program, install_agents, programs
from peerwatch.provision._doctor import examine
from peerwatch.provision._health import Check, Part
from peerwatch.provision._image import build_image, write_image_context
from peerwatch.provision._places import BIND, IMAGE, agents_folder
from peerwatch.provision._rootfs import SUITE, make_rootfs, packages
from peerwatch.provision._run import ProvisionMistake

__all__ = [
    # places
    "BIND",
    "IMAGE",
    "agents_folder",
    # the doctor
    "Check",
    "Part",
    "examine",
    # making
    "SUITE",
    "Program",
    "build_image",
    "install_agents",
    "make_rootfs",
    "packages",
    "programs",
    "write_image_context",
    # errors
    "ProvisionMistake",
]
