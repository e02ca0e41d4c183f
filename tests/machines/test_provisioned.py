"""What `peerwatch setup` has made on this machine."""

import os
import stat
from pathlib import Path

import pytest

from inspect_netns import checked_rootfs
from peerwatch.sandboxes.provision import agents_folder, examine, packages, rootfs_folder


@pytest.fixture(scope="module")
def rootfs() -> Path:
    return checked_rootfs(rootfs_folder())


def test_the_doctor_finds_everything_that_machines_need() -> None:
    parts = [part for part in examine() if part.name != "docker"]
    assert {part.name: [check for check in part.checks if not check.ok] for part in parts} == {
        part.name: [] for part in parts
    }


def test_the_root_file_system_has_every_package(rootfs: Path) -> None:
    installed = (rootfs / "var/lib/dpkg/status").read_text(encoding="utf-8").split("\n\n")
    names = {
        entry.partition("\n")[0].removeprefix("Package: ") for entry in installed if "install ok installed" in entry
    }
    assert [name for name in packages() if name not in names] == []


def test_the_root_file_system_holds_no_keys_and_says_nothing_of_the_instrument(rootfs: Path) -> None:
    assert list((rootfs / "etc/ssh").glob("ssh_host_*")) == []
    told = [path for place in ("", "etc", "root", "tmp", "srv", "opt", "home") for path in (rootfs / place).glob("*")]
    assert [path for path in told if "peerwatch" in path.name.lower() or "inspect" in path.name.lower()] == []


def test_what_is_for_people_only_is_left_out(rootfs: Path) -> None:
    left = [name for name in ("man", "doc", "info", "locale") if list((rootfs / "usr/share" / name).glob("*"))]
    assert left == []


def test_every_user_may_run_the_agents() -> None:
    folder = agents_folder() / "node_modules"
    closed = [
        path
        for path in (folder, folder / ".bin", *(each.resolve() for each in (folder / ".bin").iterdir()))
        if not os.stat(path).st_mode & stat.S_IXOTH  # noqa: PTH116 - links are followed on purpose
    ]
    assert closed == []
