"""`peerwatch doctor`: show what works on this machine, and how to fix the rest."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peerwatch.cli.output import console, print_json
from peerwatch.cli.verbs import Json, add_verb

if TYPE_CHECKING:
    from peerwatch.sandboxes.provision import Component


@dataclass(frozen=True, kw_only=True)
class DoctorOptions:
    """The options of `peerwatch doctor`."""

    agent: Annotated[str, typer.Option(metavar="NAME", help="Start this agent once on a machine.")] = ""
    agent_command: Annotated[str, typer.Option(metavar="COMMAND", help="Start your own agent once on a machine.")] = ""
    agent_folder: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of your own agent.")] = None
    sandbox: Annotated[str, typer.Option(metavar="NAME", help="Where that machine runs.")] = "docker"
    as_json: Json = False


def register(app: typer.Typer) -> None:
    """Register the command."""
    add_verb(app, doctor)


def doctor(options: DoctorOptions) -> None:
    """Check which sandboxes and coding agents work here, and print how to fix the others."""
    from peerwatch.sandboxes.provision import examine

    if options.agent or options.agent_command:
        _try(options)
        return
    parts = examine()
    if options.as_json:
        print_json([_plain(part) for part in parts])
    shown = console(as_json=options.as_json)
    for part in parts:
        shown.print(f"{'works' if part.works else 'no':<6}{part.kind:<8} {part.name}", markup=False)
        for check in part.checks:
            mark = "  " if check.ok else "! "
            shown.print(f"      {mark}{check.name}: {check.found}", markup=False)
    fixes = list(dict.fromkeys(check.fix for part in parts for check in part.checks if check.fix))
    if fixes:
        shown.print("\nHow to fix the rest:\n" + "\n".join(f"  {fix}" for fix in fixes), markup=False)
    simulated = next(part for part in parts if part.kind == "setting")
    state = "works" if simulated.works else "does not work"
    shown.print(f"\nThe simulated setting, which every scenario supports, {state}.", markup=False)
    if not simulated.works:
        raise typer.Exit(1)


def _try(options: DoctorOptions) -> None:
    """Start one agent, as `peerwatch run` does before its first episode.

    Raises:
        UserError: If the agent is unknown, the sandbox does not work, or the agent does not start.
    """
    from peerwatch.agents.coding import shell_agent, try_agent
    from peerwatch.core.agent_names import COMMAND
    from peerwatch.sandboxes.provision import OWN_FOLDER, check_sandbox

    command, sandbox = options.agent_command, options.sandbox
    if options.agent_folder is not None:
        os.environ[OWN_FOLDER] = str(options.agent_folder)
    chosen = shell_agent(options.agent or COMMAND, command)
    check_sandbox(sandbox)
    found = try_agent(chosen, sandbox)
    if options.as_json:
        print_json({"agent": chosen.name, "command": command, "sandbox": sandbox, "works": True, "found": found})
    else:
        console(as_json=False).print(found, markup=False)


def _plain(part: "Component") -> dict[str, object]:
    checks = [{"name": each.name, "ok": each.ok, "found": each.found, "fix": each.fix} for each in part.checks]
    return {"name": part.name, "kind": part.kind, "works": part.works, "checks": checks}
