"""The container image of a machine."""

import shutil
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

from peerwatch.sandboxes.provision._keeping import digest
from peerwatch.sandboxes.provision._places import machine_image
from peerwatch.sandboxes.provision._run import SetupError, carry_out, program

LABEL = "peerwatch.made-of"
"""A label of the image, which says what it was made of; nothing inside a container shows it."""

_FILES = ("Dockerfile", "packages.txt", "agents/package.json", "agents/package-lock.json", "agents/check.mjs")


def made_of() -> str:
    """What the image of this version of Peerwatch is made of, as the label has it."""
    return digest(*((files("peerwatch.sandboxes.provision") / name).read_text(encoding="utf-8") for name in _FILES))


def write_image_context(folder: Path) -> None:
    """Write what `docker build` needs into a folder."""
    for name in _FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with as_file(files("peerwatch.sandboxes.provision") / name) as file:
            shutil.copyfile(file, folder / name)
    with (folder / "Dockerfile").open("a", encoding="utf-8") as file:
        file.write(f"LABEL {LABEL}={made_of()}\n")


def build_image(name: str = "") -> None:
    """Build the image with the Docker engine of this machine.

    Args:
        name: What it is called; by default what the machines of a world are made of.

    Raises:
        SetupError: Docker is missing or failed.
    """
    if program("docker") is None:
        raise SetupError("docker was not found; `peerwatch doctor` says how to install it")
    with tempfile.TemporaryDirectory() as place:
        write_image_context(Path(place))
        carry_out(["docker", "build", "--tag", name or machine_image(), place])
