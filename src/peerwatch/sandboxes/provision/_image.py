"""The container image of machines."""

import shutil
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

from peerwatch.sandboxes.provision._keeping import digest
from peerwatch.sandboxes.provision._places import machine_image
from peerwatch.sandboxes.provision._run import SetupError, carry_out, program

LABEL = "peerwatch.made-of"
"""Image label with a digest of its sources; not visible inside a container."""

_FILES = ("Dockerfile", "packages.txt", "agents/package.json", "agents/package-lock.json", "agents/check.mjs")


def made_of() -> str:
    """Digest of the sources of this version's image, as in the label."""
    return digest(*((files("peerwatch.sandboxes.provision") / name).read_text(encoding="utf-8") for name in _FILES))


def write_image_context(folder: Path) -> None:
    """Write the context for `docker build` to a folder."""
    for name in _FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with as_file(files("peerwatch.sandboxes.provision") / name) as file:
            shutil.copyfile(file, folder / name)
    with (folder / "Dockerfile").open("a", encoding="utf-8") as file:
        file.write(f"LABEL {LABEL}={made_of()}\n")


def build_image(name: str = "") -> None:
    """Build the image with this machine's Docker engine.

    Args:
        name: Name of the image; by default the one used for the machines of worlds.

    Raises:
        SetupError: If Docker is missing or failed.
    """
    if program("docker") is None:
        raise SetupError("docker was not found; `peerwatch doctor` prints how to install it")
    with tempfile.TemporaryDirectory() as place:
        write_image_context(Path(place))
        carry_out(["docker", "build", "--tag", name or machine_image(), place])
