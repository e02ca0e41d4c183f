"""The doctor on machines that lack one thing or another."""

import json
import os
from importlib.metadata import version
from pathlib import Path

import pytest

from peerwatch.core.yaml_files import from_yaml
from peerwatch.sandboxes.provision import Component, _namespaces, examine, made_of, programs
from peerwatch.sandboxes.provision._docker import docker
from peerwatch.sandboxes.provision._health import checked
from peerwatch.sandboxes.provision._namespaces import netns

from .command_line import Cli

ROOT = Path(__file__).parent.parent

ENGINE = """case "$*" in
version*) {engine} ;;
compose*) {compose} ;;
image*) {image} ;;
esac"""


def docker_of(
    folder: Path, *, engine: str = "echo 26.1.5+dfsg1", compose: str = "echo v2.26.1", image: str = f"echo {made_of()}"
) -> None:
    """A program in place of docker."""
    path = folder / "docker"
    script = ENGINE.format(engine=engine, compose=compose, image=image)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing but the ordinary commands; returns a folder on its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("PEERWATCH_ROOTFS", str(tmp_path / "rootfs"))
    monkeypatch.setenv("PEERWATCH_AGENTS", str(tmp_path / "agents"))
    return folder


def wrong(part: Component) -> dict[str, str]:
    """What is missing, and what was found."""
    return {check.name: check.found for check in part.checks if not check.ok}


def test_an_engine_that_suits_inspect_works(machine: Path) -> None:
    docker_of(machine)
    assert docker().works


@pytest.mark.parametrize(
    ("lacking", "name", "said"),
    [
        ({"engine": "echo 20.10.24"}, "docker version", "20.10.24, needs 24.0.6"),
        ({"engine": "echo 24.0.5"}, "docker version", "24.0.5, needs 24.0.6"),
        ({"engine": "echo Cannot connect >&2; exit 1"}, "docker engine", "Cannot connect"),
        ({"compose": "echo 2.20.3"}, "docker compose", "2.20.3, needs 2.21.0"),
        ({"compose": "echo unknown command >&2; exit 1"}, "docker compose", "unknown command"),
        ({"image": "exit 1"}, "docker image", "no image peerwatch-machines:1"),
        ({"image": "echo"}, "docker image", "peerwatch-machines:1 is of another version of Peerwatch"),
    ],
)
def test_what_docker_lacks_is_named(machine: Path, lacking: dict[str, str], name: str, said: str) -> None:
    docker_of(machine, **lacking)
    assert wrong(docker()) == {name: said}


def test_a_machine_without_docker_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (check,) = docker().checks
    assert not check.ok
    assert "get.docker.com" in check.fix


def test_a_user_without_subordinate_ids_is_told_the_command(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "newuidmap").write_text("#!/bin/sh\n", encoding="utf-8")
    (machine / "newuidmap").chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 4321)
    monkeypatch.setattr("getpass.getuser", lambda: "nobody-here")
    monkeypatch.setattr(os, "getuid", lambda: 4321)
    ids = netns().checks[0]
    assert not ids.ok
    assert "usermod --add-subuids" in ids.fix
    assert ids.fix.endswith("nobody-here")


def test_a_root_file_system_that_lacks_a_server_is_no_use(machine: Path) -> None:
    folder = machine.parent / "rootfs"
    assert wrong(netns())["root file system"] == f"no {folder}"
    for name in ("bin/sh", "usr/bin/sudo", "usr/bin/python3", "usr/bin/rsync"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    if os.geteuid() == 0:  # root's worlds are made of what belongs to nobody here
        assert "belongs to this machine's root" in wrong(netns())["root file system"]
        os.chown(folder, 1_900_000_000, 1_900_000_000)
    assert wrong(netns())["root file system"] == f"{folder} lacks usr/sbin/sshd"
    (folder / "usr/sbin").mkdir()
    (folder / "usr/sbin/sshd").touch()
    assert "root file system" not in wrong(netns())


def test_a_root_file_system_that_cannot_be_made_yet_is_told_with_what_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> str | None:
        return None if name == "mmdebstrap" else f"/sbin/{name}"

    monkeypatch.setattr(_namespaces, "program", found)
    monkeypatch.setenv("PEERWATCH_ROOTFS", "/no/such/folder")
    (check,) = [check for check in netns().checks if check.name == "root file system"]
    assert check.fix == "sudo apt-get install mmdebstrap && peerwatch setup rootfs"


def agents_in(folder: Path, **versions: str) -> None:
    """Programs that say their versions: the pinned ones, if none is given."""
    place = folder / "node_modules/.bin"
    place.mkdir(parents=True)
    said = {each.name: versions.get(each.agent, each.version) for each in programs().values()}
    for name, line in {**said, "node": "v22.23.3"}.items():
        (place / name).write_text(f"#!/bin/sh\necho {line}\n", encoding="utf-8")
        (place / name).chmod(0o755)


def found(name: str) -> Component:
    (part,) = [part for part in examine() if part.name == name]
    return part


def test_an_agent_is_judged_by_the_program_that_runs(machine: Path) -> None:
    agents_in(machine.parent / "agents", gemini_cli="0.1.9")
    assert "program" not in wrong(found("claude_code"))
    assert wrong(found("gemini_cli"))["program"] == f"0.1.9, needs {programs()['gemini_cli'].version}"
    assert "node" not in wrong(found("claude_code"))


def test_the_image_brings_the_agents_for_docker_alone(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERWATCH_IMAGE", "registry.example/machines:2")
    docker_of(machine)
    (program,) = [check for check in found("codex_cli").checks if check.name == "program"]
    assert program.ok
    assert "in registry.example/machines:2, for docker alone" in program.found
    docker_of(machine, image="exit 1")
    assert "program" in wrong(found("codex_cli"))


def test_the_command_tells_what_mends_and_leaves_with_0(machine: Path, cli: Cli) -> None:
    docker_of(machine, image="exit 1")
    left = cli("doctor")
    assert left.status == 0
    assert "no    sandbox  docker" in left.out
    assert "works setting  simulated" in left.out
    told = left.out.partition("How to fix the rest:")[2]
    assert "peerwatch setup image" in told
    assert "peerwatch setup rootfs" in told
    assert "peerwatch setup agents" in told


@pytest.mark.usefixtures("machine")
def test_json_has_every_part_with_its_checks(cli: Cli) -> None:
    parts = json.loads(cli("doctor", "--json").out)
    assert [(part["name"], part["kind"]) for part in parts] == [
        ("simulated", "setting"),
        ("docker", "sandbox"),
        ("netns", "sandbox"),
        *((name, "agent") for name in programs()),
    ]
    checks = [check for part in parts for check in part["checks"]]
    assert [check for check in checks if check["ok"] == bool(check["fix"])] == [], "what is wrong has a fix"


@pytest.mark.usefixtures("machine")
def test_a_broken_installation_of_peerwatch_itself_leaves_with_1(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def old(package: str) -> str:
        return "0.0.1" if package == "inspect_ai" else version(package)

    monkeypatch.setattr("peerwatch.sandboxes.provision._doctor.version", old)
    left = cli("doctor")
    assert left.status == 1
    assert "The simulated setting, which every scenario supports, does not work." in left.out


def test_every_mend_is_a_plain_text_with_no_gap_but_the_user() -> None:
    fixes = from_yaml((ROOT / "src/peerwatch/sandboxes/provision/fixes.yaml").read_text(encoding="utf-8"))
    assert [name for name in fixes if "{" in checked(name, ok=False, found="").fix] == []
