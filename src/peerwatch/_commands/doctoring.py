"""The commands `doctor` and `provision`: what runs on this machine, and what it takes to run more."""

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peerwatch._commands.output import console, print_json

if TYPE_CHECKING:
    from peerwatch.provision import Part

provision_app = typer.Typer(no_args_is_help=True, help="Make what real machines and coding agents need.")

Into = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder to make. [default: in the user's cache]")]


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command()(doctor)
    app.add_typer(provision_app, name="provision")


def doctor(
    agent: Annotated[str, typer.Option(metavar="NAME", help="Start this agent once on a machine.")] = "",
    agent_command: Annotated[str, typer.Option(metavar="COMMAND", help="Start your own agent once on a machine.")] = "",
    agent_folder: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of your own agent.")] = None,
    sandbox: Annotated[str, typer.Option(metavar="NAME", help="Where that machine is.")] = "docker",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say which sandboxes and coding agents work on this machine, and what mends those that do not."""
    from peerwatch.provision import examine

    if agent or agent_command:
        _try(agent, agent_command, agent_folder, sandbox, as_json=as_json)
        return
    parts = examine()
    if as_json:
        print_json([_plain(part) for part in parts])
    shown = console(as_json=as_json)
    for part in parts:
        shown.print(f"{'works' if part.works else 'no':<6}{part.kind:<8} {part.name}", markup=False)
        for check in part.checks:
            mark = "  " if check.ok else "! "
            shown.print(f"      {mark}{check.name}: {check.found}", markup=False)
    mends = list(dict.fromkeys(check.mend for part in parts for check in part.checks if check.mend))
    if mends:
        shown.print("\nWhat mends the rest:\n" + "\n".join(f"  {mend}" for mend in mends), markup=False)
    simulated = next(part for part in parts if part.kind == "setting")
    said = "works" if simulated.works else "does not work"
    shown.print(f"\nThe simulated setting, which all scenarios have, {said}.", markup=False)
    if not simulated.works:
        raise typer.Exit(1)


def _try(name: str, command: str, folder: Path | None, sandbox: str, *, as_json: bool) -> None:
    """Start one agent, as `peerwatch run` does before its first episode.

    Raises:
        Mistake: If there is no such agent, the sandbox does not work, or the agent does not start.
    """
    from peerwatch.agents import COMMAND
    from peerwatch.provision import OWN_FOLDER, check_sandbox
    from peerwatch.shells import shell_agent, try_agent

    if folder is not None:
        os.environ[OWN_FOLDER] = str(folder)
    chosen = shell_agent(name or COMMAND, command)
    check_sandbox(sandbox)
    found = try_agent(chosen, sandbox)
    if as_json:
        print_json({"agent": chosen.name, "command": command, "sandbox": sandbox, "works": True, "found": found})
    else:
        console(as_json=False).print(found, markup=False)


def _plain(part: "Part") -> dict[str, object]:
    checks = [{"name": each.name, "ok": each.ok, "found": each.found, "mend": each.mend} for each in part.checks]
    return {"name": part.name, "kind": part.kind, "works": part.works, "checks": checks}


@provision_app.command()
def rootfs(
    into: Into = None,
    archive: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A tar file to keep: unpacked if it is there, otherwise made.")
    ] = None,
    sha256: Annotated[
        str, typer.Option(metavar="HEX", help="Of the archive. [default: what FILE.sha256 beside it says]")
    ] = "",
) -> None:
    """Make the root file system of the netns sandbox from Debian's packages, with mmdebstrap."""
    from peerwatch.provision import make_rootfs, rootfs_folder

    folder = into.absolute() if into else rootfs_folder()
    _make(
        folder, lambda: make_rootfs(folder, archive.absolute() if archive else None, sha256), into, "PEERWATCH_ROOTFS"
    )


@provision_app.command()
def agents(into: Into = None) -> None:
    """Install the five coding agents in their pinned versions, with npm."""
    from peerwatch.provision import agents_folder, install_agents

    folder = (into or agents_folder()).absolute()
    _make(folder, lambda: install_agents(folder), into, "PEERWATCH_AGENTS")


@provision_app.command()
def image(
    context: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the Dockerfile and its list there; build nothing.")
    ] = None,
) -> None:
    """Build the container image of a machine with this machine's Docker engine."""
    from peerwatch.provision import build_image, machine_image, write_image_context

    if context:
        write_image_context(context)
        console(as_json=False).print(
            f"Written. docker build --tag {machine_image()} {shlex.quote(str(context))}", markup=False
        )
        return
    build_image()
    console(as_json=False).print(f"Image: {machine_image()}", markup=False)


def _make(folder: Path, make: Callable[[], bool], into: Path | None, variable: str) -> None:
    shown = console(as_json=False)
    shown.print(f"Making {folder} ... (a minute or two, where it is not there yet)", markup=False)
    done = make()
    shown.print("Made." if done else "It is there, and as it should be.", markup=False)
    if into:
        shown.print(f"Say where it is: export {variable}={shlex.quote(str(folder))}", markup=False)
