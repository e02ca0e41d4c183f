"""The container image of a machine."""

import shutil
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

from peerwatch.provision._places import IMAGE
from peerwatch.provision._run import ProvisionMistake, carry_out, program

_FILES = ("Dockerfile", "packages.txt")


def write_image_context(folder: Path) -> None:
    """Write what `docker build` needs into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        with as_file(files("peerwatch.provision") / name) as file:
            shutil.copyfile(file, folder / name)


def build_image(name: str = IMAGE) -> None:
    """Build the image with the Docker engine of this machine.

    Raises:
        ProvisionMistake: Docker is missing or failed.
    """
    if program("docker") is None:
        raise ProvisionMistake("docker was not found; `peerwatch doctor` says how to install it")
    with tempfile.TemporaryDirectory() as place:
        write_image_context(Path(place))
        carry_out(["docker", "build", "--tag", name, place])
