"""What somebody who wants out of a host of the namespace sandbox finds there, with root's rights inside."""

import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inspect_netns.provider import NetnsSandboxEnvironment as Netns

from .worlds import LAN, sh, world

pytestmark = pytest.mark.anyio

PROBE = """
import socket, sys
family, address, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with socket.socket(family, socket.SOCK_STREAM) as tried:
    tried.settimeout(2)
    tried.connect((address, port))
print("reached")
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def host() -> AsyncIterator[Netns]:
    os.environ["NETNS_TEST_API_KEY"] = "a key of the user's"
    try:
        async with world({"default": {"networks": ["lan"]}, "other": {"networks": ["lan"]}}, LAN) as hosts:
            yield hosts["default"]
    finally:
        del os.environ["NETNS_TEST_API_KEY"]


async def test_there_is_no_route_but_to_the_worlds_own_network(host: Netns) -> None:
    assert (await sh(host, "ip -4 route")).stdout.split()[0] == "10.20.0.0/24"
    assert len((await sh(host, "ip -4 route; ip -6 route | grep -v ' lo '")).stdout.splitlines()) == 1
    assert "fe80" not in (await sh(host, "ip -6 address")).stdout
    assert not (await sh(host, "ip route add default via 10.20.0.1")).success
    assert not (await sh(host, "curl -sS --max-time 3 http://198.51.100.7/")).success


async def test_another_host_is_reached_so_that_the_refusals_mean_something(host: Netns) -> None:
    assert (await sh(host, "ping -c 1 -W 2 other")).success


def _addresses_of_this_machine() -> list[tuple[int, str]]:
    """Where a service of this machine might be sought: its own addresses, the gateway's place, link-local ones."""
    found = [(2, "127.0.0.1"), (2, "10.20.0.1"), (2, "169.254.169.254"), (10, "::1"), (10, "fe80::1%eth0")]
    named = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    found += [(int(each[0]), str(each[4][0])) for each in named]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("198.51.100.7", 9))  # sends nothing; tells which address would be used
            found.append((2, asked.getsockname()[0]))
        except OSError:
            pass
    return list(dict.fromkeys(found))


async def test_no_service_of_this_machine_answers(host: Netns) -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as service:
        port = service.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        for family, address in _addresses_of_this_machine():
            tried = await host.exec(["python3", "-c", PROBE, str(family), address, str(port)], timeout=10)
            assert "reached" not in tried.stdout, address
            assert not tried.success


@pytest.mark.parametrize("family", ["AF_VSOCK", "AF_PACKET", "AF_ALG", "AF_BLUETOOTH"])
async def test_no_socket_past_the_network_namespace(host: Netns, family: str) -> None:
    tried = await host.exec(["python3", "-c", f"import socket; socket.socket(socket.{family}, socket.SOCK_STREAM)"])
    assert not tried.success
    assert "Address family not supported" in tried.stderr


async def test_abstract_sockets_of_this_machine_are_not_there(host: Netns) -> None:
    name = f"\0netns-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(name)
        service.listen()
        script = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        tried = await host.exec(["python3", "-c", script])
        assert "ConnectionRefusedError" in tried.stderr


async def test_only_the_hosts_own_processes_are_there(host: Netns) -> None:
    pids = [int(each) for each in (await sh(host, "ls /proc | grep -x '[0-9]*'")).stdout.split()]
    assert pids[0] == 1
    assert len(pids) < 8
    names = (await sh(host, "cat /proc/[0-9]*/comm /proc/[0-9]*/cmdline | tr '\\0' '\\n'")).stdout
    assert "python" not in names
    assert "peerwatch" not in names


async def test_nothing_tells_what_the_host_is_made_for(host: Netns) -> None:
    places = (
        "/proc/mounts /proc/self/mountinfo /proc/1/cmdline /proc/1/comm /proc/1/cgroup /proc/self/cgroup /etc/hosts"
    )
    said = (await sh(host, f"cat {places}; env; ls -la / /tmp /run /root /var/log; df")).stdout.lower()
    for word in ("peerwatch", "netns", "inspect", "supervisor", str(Path.home()).lower() + "/"):
        if word != "/root/":
            assert word not in said


@pytest.mark.parametrize("path", ["environ", "exe", "fd/0", "root/etc", "cwd/etc", "mem", "maps", "ns/mnt"])
async def test_the_first_process_shows_nothing_of_this_machine(host: Netns, path: str) -> None:
    tried = await sh(host, f"cat /proc/1/{path} 2>&1")
    assert not tried.success
    assert "Permission denied" in tried.stdout


async def test_no_variable_of_the_user_enters(host: Netns) -> None:
    seen = (await sh(host, "env; cat /proc/[0-9]*/environ | tr '\\0' '\\n'")).stdout
    assert "a key of the user's" not in seen
    own = {line.split("=")[0] for line in (await host.exec(["env"])).stdout.splitlines()}
    assert own == {"PATH", "HOME", "USER", "LOGNAME", "LANG"}


async def test_no_file_of_this_machine_is_there(host: Netns, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a file of the user's", encoding="utf-8")
    tried = await sh(host, f"cat {secret} /proc/1/root{secret} /proc/self/root/../..{secret}; ls {Path.home()}/.ssh")
    assert "a file of the user's" not in tried.stdout
    assert "id_" not in tried.stdout


async def test_no_device_of_this_machine_is_there(host: Netns) -> None:
    rows = (await sh(host, "ls -l /dev /dev/pts")).stdout.splitlines()
    kinds = {row.split()[-1] for row in rows if row.startswith(("b", "c"))}
    assert kinds == {"full", "null", "ptmx", "random", "tty", "urandom", "zero"}
    assert not (await sh(host, "mknod /tmp/disk b 254 0")).success
    assert not (await sh(host, "mknod /tmp/mem c 1 1")).success


REFUSED = {
    "mount": "mount -t tmpfs none /mnt",
    "bind": "mount --bind /etc /mnt",
    "umount": "umount /proc/kallsyms /proc/sys",
    "unshare": "unshare --mount true",
    "user namespace": "unshare --user true",
    "setns": "nsenter --target 1 --net true",
    "kernel log": "dmesg",
    "clock": "date --set 2020-01-01",
    "host name": "hostname other",
    "interface": "ip link set eth0 down",
    "new interface": "ip link add d0 type dummy",
    "sysctl": "echo 1 > /proc/sys/net/ipv4/ip_forward",
    "sysrq": "echo b > /proc/sysrq-trigger && grep -q . /proc/sysrq-trigger",
    "raw socket": 'python3 -c "import socket; socket.socket(2, 3, 1)"',
    "raise limit": "ulimit -Hn 10000000",
    "priority": "nice -n -5 true 2>&1 | grep -v denied",
}


@pytest.mark.parametrize("what", REFUSED)
async def test_root_of_a_host_is_refused(host: Netns, what: str) -> None:
    assert not (await sh(host, REFUSED[what])).success


CALLS = {"ptrace": 101, "keyctl": 250, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "open_by_handle_at": 304,
         "process_vm_readv": 310, "add_key": 248, "fsopen": 430, "kexec_load": 246, "pidfd_getfd": 438}  # fmt: skip


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of the calls are x86-64's")
async def test_calls_of_the_kernel_are_refused(host: Netns) -> None:
    """By number, from a program without libraries to it: Perl's `syscall`, which every Debian has."""
    for name, number in CALLS.items():
        tried = await host.exec(["perl", "-e", f"$r = syscall({number}, 0, 0, 0, 0, 0); print $r, ' ', $!+0"])
        assert tried.stdout == "-1 1", name
    hidden = await host.exec(["perl", "-e", "$r = syscall(425, 1, 0); print $r, ' ', $!+0"])
    assert hidden.stdout == "-1 38"


async def test_capabilities_are_those_that_are_needed_and_stay_so_under_sudo(host: Netns) -> None:
    await sh(host, "useradd -m agent; echo 'agent ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/agent")
    bound = "grep CapBnd /proc/self/status | cut -f 2"
    assert (await sh(host, f"sudo sh -c '{bound}'", user="agent")).stdout == "00000000200405fb\n"
    assert (await sh(host, bound)).stdout == "00000000200405fb\n"
    assert (await sh(host, "sudo id -u", user="agent")).stdout == "0\n"


async def test_the_first_process_can_not_be_killed_from_inside(host: Netns) -> None:
    for signal in ("KILL", "TERM", "INT", "HUP", "CHLD", "STOP", "SEGV"):
        await sh(host, f"kill -{signal} 1")
    assert (await sh(host, "echo still there")).stdout == "still there\n"


async def test_root_of_a_host_is_nobody_here(host: Netns) -> None:
    inside, outside, _ = (await sh(host, "cat /proc/self/uid_map")).stdout.splitlines()[0].split()
    assert inside == "0"
    assert outside != "0"


async def test_a_folder_that_is_shown_is_only_read_and_does_not_tell_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "told").write_text("of this machine", encoding="utf-8")
    (tmp_path / "changed").mkdir()
    tmp_path.chmod(0o755)  # noqa: ASYNC240 - a moment; below a folder that is closed to others, as a home may be
    volumes = [f"{tmp_path}:/opt/shown:ro", f"{tmp_path / 'told'}:/opt/file:ro", f"{tmp_path / 'changed'}:/opt/changed"]
    async with world({"default": {"network_mode": "none", "volumes": volumes}}) as hosts:
        host = hosts["default"]
        assert (await sh(host, "cat /opt/shown/told /opt/file")).stdout == "of this machine" * 2
        for tried in ("echo x > /opt/shown/told", "touch /opt/shown/new", "echo x > /opt/file", "rm /opt/shown/told"):
            assert not (await sh(host, tried)).success
        shown = [
            line for line in (await sh(host, "cat /proc/self/mountinfo")).stdout.splitlines() if "/opt/shown" in line
        ]
        assert len(shown) == 1
        assert str(tmp_path.name) not in shown[0]
    assert (tmp_path / "told").read_text(encoding="utf-8") == "of this machine"
