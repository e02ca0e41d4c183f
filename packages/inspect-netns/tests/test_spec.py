"""What the namespace sandbox reads out of a compose file, and what its filter answers; nothing is started."""

import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.util import ComposeConfig

from inspect_netns import NetnsError, rootfs
from inspect_netns._audit import parse_audit
from inspect_netns._compose import DISK, MEMORY, PROCESSES, WorldDescription, describe_world, size
from inspect_netns.supervisor._calls import ARCHITECTURES, ENTERED, NUMBERS, REFUSED, UNKNOWN, machine, number
from inspect_netns.supervisor._filter import program
from inspect_netns.supervisor._ids import inside
from inspect_netns.supervisor._users import environment, find

LAN = {"lan": {"internal": True}}


def _somebody(_folder: str) -> int:
    return 1000


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like a root file system of this user's."""
    folder = tmp_path / "rootfs"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "sh").touch()
    monkeypatch.setenv("INSPECT_NETNS_ROOTFS", str(folder))
    monkeypatch.setattr("inspect_netns._rootfs.owner", _somebody)
    return folder


def _read(services: dict[str, Any], networks: dict[str, Any] | None = None, base: Path = Path("/")) -> WorldDescription:
    return describe_world(ComposeConfig.model_validate({"services": services, "networks": networks or {}}), base)


def test_a_service_without_anything_has_the_stated_limits_and_the_shared_network(root: Path) -> None:
    found = _read({"default": {}})
    assert found.hosts[0] == {
        "name": "default",
        "hostname": "default",
        "rootfs": str(root),
        "addresses": [{"network": 0, "address": "10.20.0.11/24"}],
        "environment": {},
        "binds": [],
        "command": [],
        "user": "root",
        "working_dir": "/",
        "memory": MEMORY,
        "disk": DISK,
        "processes": PROCESSES,
        "names": "127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.20.0.11 default\n",
    }
    assert (MEMORY, DISK, PROCESSES) == (2 << 30, 2 << 30, 1024)


def test_everything_that_is_obeyed(tmp_path: Path) -> None:
    service = {
        "image": "any:1", "entrypoint": ["/bin/sh", "-c"], "command": "'echo one'", "working_dir": "/srv",
        "user": "agent",
        "environment": ["A=1=2", "FROM_OUTSIDE"], "volumes": [".:/here:ro", {"source": str(tmp_path), "target": "/t"}],
        "hostname": "web-01", "networks": {"lan": {"aliases": ["www"]}}, "pids_limit": 99, "x-disk": "1g",
        "deploy": {"resources": {"limits": {"memory": "512M"}}},
    }  # fmt: skip
    host = _read({"web": service}, LAN, tmp_path).hosts[0]
    assert host["command"] == ["/bin/sh", "-c", "echo one"]
    assert host["environment"] == {"A": "1=2"}
    assert host["binds"] == [
        {"source": str(tmp_path), "target": "/here", "read_only": True},
        {"source": str(tmp_path), "target": "/t", "read_only": False},
    ]
    assert (host["user"], host["working_dir"], host["hostname"]) == ("agent", "/srv", "web-01")
    assert (host["memory"], host["disk"], host["processes"]) == (512 << 20, 1 << 30, 99)
    assert host["names"].splitlines()[2:] == ["10.20.0.11 web-01 web www"]


def test_a_host_knows_the_names_on_its_own_networks_only() -> None:
    found = _read(
        {"a": {"networks": ["lan"]}, "b": {"networks": ["lan", "dmz"]}, "c": {"networks": ["dmz"]},
         "d": {"network_mode": "none"}},
        {**LAN, "dmz": {"internal": True}},
    )  # fmt: skip
    names = {host["name"]: host["names"].splitlines()[2:] for host in found.hosts}
    assert names == {
        "a": ["10.20.0.11 a", "10.20.0.12 b"],
        "b": ["10.20.0.11 a", "10.20.0.12 b", "10.21.0.11 b", "10.21.0.12 c"],
        "c": ["10.21.0.11 b", "10.21.0.12 c"],
        "d": [],
    }


@pytest.mark.parametrize(
    ("services", "default"),
    [
        ({"first": {}, "second": {}}, "first"),
        ({"first": {}, "default": {}}, "default"),
        ({"default": {}, "second": {"x-default": True}}, "second"),
    ],
)
def test_which_host_commands_go_to(services: dict[str, Any], default: str) -> None:
    assert _read(services).default == default


@pytest.mark.parametrize(
    ("services", "networks", "said"),
    [
        ({"a": {"privileged": True}}, {}, "a: netns has no privileged."),
        ({"a": {"ports": ["80:80"], "cap_add": ["NET_ADMIN"]}}, {}, "a: netns has no cap_add, ports."),
        ({"a": {"network_mode": "host"}}, {}, "a: netns has no network_mode: host."),
        ({"a": {"networks": ["lan"]}}, {"lan": {}}, "Network lan is not internal"),
        ({"a": {"networks": ["wan"]}}, LAN, "a: there is no network 'wan' in the file; it has lan, default."),
        ({"a": {"networks": {"lan": {"ipv4_address": "10.0.0.1"}}}}, LAN, "netns gives addresses itself"),
        ({"a": {"volumes": ["data:/data"]}}, {}, "a: volume 'data' is no folder or file of this machine"),
        ({"a": {"volumes": ["/no/such/folder:/data"]}}, {}, "a: /no/such/folder, to be seen at /data, does not exist."),
        ({"a": {"mem_limit": "much"}}, {}, "a: the memory limit is 'much'; it must be a number of bytes"),
        ({"a": {"pids_limit": -1}}, {}, "a: pids_limit is -1; netns needs a number"),
        ({"a": {"image": "/no/such/image"}}, {}, "a: /no/such/image is no root file system"),
        ({}, {}, "no services"),
    ],
)
def test_what_is_not_done_is_refused_in_words(services: dict[str, Any], networks: dict[str, Any], said: str) -> None:
    with pytest.raises(NetnsError) as refused:
        _read(services, networks)
    assert said in str(refused.value)


def test_a_missing_root_file_system_is_told_with_what_mends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INSPECT_NETNS_ROOTFS", str(tmp_path / "gone"))
    with pytest.raises(NetnsError, match=r"gone is no root file system.*inspect_netns.unpack"):
        _read({"default": {}})
    monkeypatch.delenv("INSPECT_NETNS_ROOTFS")
    assert rootfs() == Path.home() / ".cache" / "inspect-netns" / "rootfs"


@pytest.mark.parametrize(("text", "expected"), [("512m", 512 << 20), ("1.5G", 3 << 29), ("64kb", 64 << 10), (77, 77)])
def test_sizes(text: str | int, expected: int) -> None:
    assert size(text, "it") == expected


def _row(pid: int, program: str, *argv: str, at: float = 0) -> str:
    row = {"host": "a", "at": at, "uid": 0, "pid": pid, "parent": 1, "program": program, "argv": argv}
    return json.dumps(row)


def test_a_search_along_the_path_is_one_start() -> None:
    rows = [
        _row(5, "/usr/local/bin/ls", "ls", "/srv"),
        _row(6, "/usr/bin/id", "id"),
        _row(5, "/usr/bin/ls", "ls", "/srv"),
        _row(5, "/usr/bin/cat", "cat"),
        _row(6, "/usr/bin/id", "id"),
    ]
    found = parse_audit("\n".join(rows).encode())
    assert [each.program for each in found] == ["/usr/bin/id", "/usr/bin/ls", "/usr/bin/cat", "/usr/bin/id"]
    assert parse_audit(b"") == []


def _answered(call: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter returns for a call, by running its steps as the kernel does."""
    words = {0: call, 4: ARCHITECTURES[machine()] if architecture is None else architecture}
    words |= {16 + 8 * place: value for place, value in enumerate(arguments)}
    steps, at, held = program(), 0, 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == 0x06:
            return operand
        if code == 0x20:
            held = words.get(operand, 0)
        else:
            true = {0x15: held == operand, 0x35: held >= operand, 0x45: bool(held & operand)}[code]
            at += yes if true else no


ALLOWED, TOLD, REFUSED_, NOT_THERE = 0x7FFF0000, 0x7FC00000, 0x00050001, 0x00050026


def test_the_filter_answers_every_call_as_listed() -> None:
    for name in REFUSED:
        assert number(name) < 0 or _answered(number(name)) == REFUSED_, name
    assert {_answered(number(name)) for name in UNKNOWN} == {NOT_THERE}
    assert {_answered(number(name)) for name in ENTERED} == {TOLD}
    listed = {pair[list(ARCHITECTURES).index(machine())] for pair in NUMBERS.values()}
    assert {_answered(call) for call in range(500) if call not in listed} == {ALLOWED}


def test_the_filter_looks_at_arguments() -> None:
    fork, new_user, new_mounts = 17, 0x10000000, 0x00020000
    for name in ("clone", "unshare"):
        assert [_answered(number(name), flags) for flags in (fork, fork | new_user, new_mounts)] == [
            ALLOWED, REFUSED_, REFUSED_,
        ]  # fmt: skip
    families = {family: _answered(number("socket"), family) for family in (1, 2, 10, 16, 17, 38, 40)}
    assert [family for family, answer in families.items() if answer == ALLOWED] == [1, 2, 10, 16]
    assert [_answered(number("ioctl"), 0, request) for request in (0x5401, 0x5412)] == [ALLOWED, REFUSED_]


def test_the_filter_knows_no_other_processor() -> None:
    assert _answered(number("execve"), architecture=0x40000003) == NOT_THERE
    assert machine() != "x86_64" or _answered(0x40000000 | 59) == NOT_THERE


def test_ids_of_a_world() -> None:
    mapped = [(0, 1000, 1), (1, 200_000, 65535)]
    assert [inside(mapped, each) for each in (1000, 200_000, 200_999, 0)] == [0, 1, 1000, 65534]


def test_a_user_by_name_and_by_number() -> None:
    assert find("0").name == "root"
    assert find("54321")[:3] == ("54321", 54321, 0)
    assert environment(find("root"), {"HOME": "/srv"})["HOME"] == "/srv"
