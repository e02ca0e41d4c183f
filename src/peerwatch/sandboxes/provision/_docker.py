"""Checks whether Inspect's `docker` sandbox works on this machine."""

import re

from peerwatch.sandboxes.provision._health import Check, Component, checked
from peerwatch.sandboxes.provision._image import LABEL, made_of
from peerwatch.sandboxes.provision._places import machine_image
from peerwatch.sandboxes.provision._run import ask, program

ENGINE = (24, 0, 6)
COMPOSE = (2, 21, 0)
"""The minimum Compose version required by Inspect."""

OTHER_VERSION = "of another version of Peerwatch"
"""Description of an image that this version does not build, such as a user's own."""


def docker() -> Component:
    """Check the engine, Compose and the machine image."""
    return Component("docker", "sandbox", tuple(_checks()))


def _checks() -> list[Check]:
    path = program("docker")
    found = [checked("docker program", path is not None, path or "not found")]
    if path is None:
        return found
    engine = ask([path, "version", "--format", "{{.Server.Version}}"])
    found.append(checked("docker engine", engine.ok, _last(engine.text)))
    if engine.ok:
        found.append(_at_least("docker version", engine.text, ENGINE))
    compose = ask([path, "compose", "version", "--short"])
    found.append(
        _at_least("docker compose", compose.text, COMPOSE)
        if compose.ok
        else checked("docker compose", ok=False, found=_last(compose.text))
    )
    if engine.ok:
        found.append(_image(path))
    return found


def _image(docker: str) -> Check:
    """Check whether the image exists and belongs to this version of Peerwatch; it includes the coding agents."""
    name = machine_image()
    said = ask([docker, "image", "inspect", "--format", f'{{{{index .Config.Labels "{LABEL}"}}}}', name])
    if not said.ok:
        return checked("docker image", ok=False, found=f"no image {name}")
    ok = said.text == made_of()
    return checked("docker image", ok, name if ok else f"{name} is {OTHER_VERSION}")


def version_of(text: str) -> tuple[int, ...]:
    """The numbers of the first version in a text; empty if it contains none."""
    # Matches "2.29.1" in "Docker Compose version v2.29.1".
    numbers = re.search(r"\d+(?:\.\d+)+", text)
    return tuple(int(each) for each in numbers.group().split(".")) if numbers else ()


def _at_least(name: str, text: str, least: tuple[int, ...]) -> Check:
    version = version_of(text)
    wanted = ".".join(map(str, least))
    return checked(name, version >= least, _last(text) if version >= least else f"{_last(text)}, needs {wanted}")


def _last(text: str) -> str:
    return text.splitlines()[-1] if text else "no answer"
