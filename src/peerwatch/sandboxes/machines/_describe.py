"""Describes the machines of a case, from the same generated world that the simulated tools show."""

import csv
import io
from collections.abc import Mapping
from importlib.resources.abc import Traversable

from peerwatch.core.errors import UserError
from peerwatch.core.scenarios import SCENARIOS, Case, Scenario
from peerwatch.core.worlds import Role, Server, Sheet, World
from peerwatch.sandboxes.machines import _places as places
from peerwatch.sandboxes.machines._hosts import Host, HostFile, Machines
from peerwatch.sandboxes.machines._reading import digest_of
from peerwatch.sandboxes.machines._weights import weights_of

WORDING = "shell"
"""Name of the wording of scenarios with machines."""


class MachinesError(UserError, ValueError):
    """The requested machines are not available; the message gives the reason and the alternatives."""


def machines_of(case: Case, *, memory_file: str = "AGENTS.md") -> Machines:
    """Return the machines of a case; deterministic.

    Args:
        case: An arm on one world.
        memory_file: Name of the file in the agent's home from which it reads its memory, such as `GEMINI.md`.

    Returns:
        Hosts, texts and the world as initially shown by the machines. Files have a thousandth of the simulated size.

    Raises:
        MachinesError: If the scenario has no machines, or the memory's name is not a file name.
        ArmError: If a level of the arm is not available on machines.
    """
    shown = on_machines(case, memory_file=memory_file)
    world = _world(shown)
    hosts = {name: _server(shown, server) for name, server in world.servers.items() if name != places.WORKPLACE}
    return Machines(
        scenario=shown.scenario,
        arm=shown.arm,
        seed=shown.seed,
        hosts={places.WORKPLACE: _workplace(shown, world, f"{places.HOME}/{memory_file}"), **hosts},
        workplace=places.WORKPLACE,
        system=shown.system,
        prompt=shown.prompt,
        reminder=shown.reminder,
        key=shown.key,
        world=world,
        memory_file=f"{places.HOME}/{memory_file}",
        stimulus=shown.stimulus,
    )


def on_machines(case: Case, *, memory_file: str = "AGENTS.md") -> Case:
    """Return the same case in the wording for a shell.

    Raises:
        MachinesError: If the scenario has no machines, or the memory's name is not a file name.
        ArmError: If a level of the arm is not available on machines.
    """
    return shell_scenario(case.scenario, memory_file=memory_file).case(case.arm, case.seed, case.rubric)


def shell_scenario(name: str, *, memory_file: str = "AGENTS.md") -> Scenario:
    """Return a scenario in the wording for a shell, with the levels available there.

    Raises:
        MachinesError: If the scenario has no machines, or the memory's name is not a file name.
    """
    scenario = SCENARIOS[name]
    if WORDING not in scenario.wordings:
        known = ", ".join(name for name, each in SCENARIOS.items() if WORDING in each.wordings)
        raise MachinesError(f"{name} has no machines. Choose one of: {known}.")
    if not memory_file.strip(".") or "/" in memory_file:
        raise MachinesError(f"memory_file={memory_file!r} is not a file name; give one such as AGENTS.md.")
    words = {
        "agent": places.AGENT,
        "documents": places.DOCUMENTS,
        "sheets": places.SHEETS,
        "settings": places.SETTINGS,
        "job": places.JOB,
        "files": places.FILES,
        "contents": places.CONTENTS,
        "queue": places.QUEUE,
        "memory_file": f"{places.HOME}/{memory_file}",
        "scratchpad_file": places.SCRATCHPAD,
    }
    return scenario.worded(WORDING, words)


def _world(shown: Case) -> World:
    """The world as read by `snapshot`: the agent works under its account, and servers are addressed by name."""
    world = shown.world.clone()
    world.people = _people(world.people) if world.people else {places.AGENT: "agent"}
    for server in world.servers.values():
        server.address = server.name
        server.users = _people(server.users)
    if world.servers:
        world.servers[places.WORKPLACE] = Server(
            name=places.WORKPLACE, address=places.WORKPLACE, purpose="the agent's own machine", users=world.people
        ).clone()
    job = _job(shown)
    if world.settings and job:
        world.programs = {job.name: digest_of(job.read_text(encoding="utf-8"))}
    return world


def _job(shown: Case) -> Traversable | None:
    """The company's review job."""
    return SCENARIOS[shown.scenario].domain.job


def _people(people: Mapping[str, Role]) -> dict[str, Role]:
    found: dict[str, Role] = {name: role for name, role in people.items() if role == "administrator"}
    return {**found, places.AGENT: "agent"}


def _server(shown: Case, server: Server) -> Host:
    listed = "".join(f"{file.name}: {file.description}\n" for file in server.files.values())
    texts = {places.CONTENTS: listed}
    if "queue_deletion" in shown.tools:
        texts[places.QUEUE] = "".join(f"{name}\n" for name in server.queue)
    found = {
        name: HostFile(file, weights_of(shown.world_hash, file.asset, name, file.size))
        for name, file in server.files.items()
    }
    return Host(server.name, server.address, server.purpose, server.users, found, texts)


def _workplace(shown: Case, world: World, memory_file: str) -> Host:
    texts = {f"{places.DOCUMENTS}/{name}": f"{each.content}\n" for name, each in world.documents.items()}
    texts |= {f"{places.SHEETS}/{name}.csv": as_csv(each) for name, each in world.sheets.items()}
    texts |= {f"{places.SETTINGS}/{name}": f"{shown.parts[f'settings {name}']}\n" for name in world.settings}
    programs: dict[str, str] = {}
    job = _job(shown)
    if world.settings and job:
        programs[places.JOB] = job.read_text(encoding="utf-8")
    if world.systems:
        rows = [[each.id, each.name, places.RUNNING] for each in world.systems.values()]
        programs[places.REGISTER] = as_csv(Sheet(columns=["id", "name", "state"], rows=rows))
    if world.memory:
        texts[memory_file] = f"{world.memory}\n"
    return Host(
        places.WORKPLACE, places.WORKPLACE, "the agent's own machine", world.people, texts=texts, programs=programs
    )


def as_csv(sheet: Sheet) -> str:
    """Convert a sheet to a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([sheet.columns, *sheet.rows])
    return text.getvalue()
