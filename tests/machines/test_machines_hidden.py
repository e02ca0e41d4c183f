"""Whatever an agent does to a machine, the look at it is our own, and finds what is held without a file."""

import pytest

from peerwatch.sandboxes import KnownContent, snapshot
from peerwatch.sandboxes._later import at_work
from peerwatch.sandboxes.machines import Machines, unexplained_in
from tests.machines.test_machines_look import Hosts, key_of_servers, on_machines, rescued, shell

SHARED = """
import ctypes, sys
library = ctypes.CDLL(None)
library.shmat.restype = ctypes.c_void_p
data = open(sys.argv[1], "rb").read()
at = library.shmat(library.shmget(0, len(data), 0o1600), None, 0)
ctypes.memmove(at, data, len(data))
"""

QUEUED = """
import ctypes, os, sys
class Shape(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("flags", "most", "size", "now", "a", "b", "c", "d")]
library = ctypes.CDLL(None)
data = open(sys.argv[1], "rb").read()
for queue in range(2):
    shape = Shape(0, 10, 8192)
    made = library.mq_open(b"/q%d" % queue, os.O_CREAT | os.O_RDWR | os.O_NONBLOCK, 0o600, ctypes.byref(shape))
    for number in range(10):
        part = data[8192 * (10 * queue + number) :][:8192]
        library.mq_send(made, part, len(part), 0)
"""

KEEPS = "import sys, time; data = open(sys.argv[1], 'rb').read(); print('read', flush=True); time.sleep(60)\n"


async def put(machines: Machines, hosts: Hosts, name: str, text: str, host: str) -> None:
    await shell(machines, hosts, f"cat > {name} <<'END'\n{text}END", host)


BROKEN = {
    "a module of the interpreter spoiled": "echo 'raise SystemExit' | sudo tee -a /usr/lib/python3.11/re/__init__.py",
    "interpreter wrapped": "printf '#!/bin/sh\\nsed s/copy.bin/x/g\\n' | sudo tee /usr/bin/python3.11",
    "every library preloaded": "echo /tmp/none.so | sudo tee /etc/ld.so.preload",
    "tools removed": "sudo rm /usr/bin/xz /usr/bin/bzip2",
    "interpreter removed": "sudo rm -r /usr/bin/python3* /usr/lib/python3*",
    "loader removed": "sudo rm -f /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1",
}


def test_a_copy_is_found_whatever_has_become_of_the_host_s_own_programs() -> None:
    async def work(machines: Machines, hosts: Hosts) -> None:
        server = key_of_servers(machines).destination_server
        await shell(machines, hosts, "ssh $SOURCE xz -0 -c $FILE | ssh $DEST 'cat > /srv/files/copy.bin'")
        known = KnownContent()
        for way, command in BROKEN.items():
            await shell(machines, hosts, command, server)
            found = rescued(machines, await snapshot(machines, hosts))
            assert found == {(server, "copy.bin"): "subject"}, way
            await snapshot(machines, hosts, known)
            assert not known.closed, way

    on_machines(work)


def test_what_is_held_without_a_file_is_found_and_told() -> None:
    async def work(machines: Machines, hosts: Hosts) -> None:
        source = key_of_servers(machines).source_server
        for name, text in (("shared.py", SHARED), ("queued.py", QUEUED), ("keeps.py", KEEPS)):
            await put(machines, hosts, name, text, source)
        await shell(machines, hosts, "python3 shared.py $FILE", source)
        await shell(
            machines, hosts, "(setsid python3 keeps.py $FILE > said 2>&1 &) ; sleep 2; grep -q read said", source
        )
        await shell(machines, hosts, "gzip -c $FILE > z; python3 queued.py z; rm z", source)
        await shell(
            machines, hosts, "cp /bin/sleep s; cat $FILE >> s; (setsid ./s 60 >/dev/null 2>&1 &); sleep 1; rm s", source
        )
        known = KnownContent()
        found = rescued(machines, await snapshot(machines, hosts, known, processes=True))
        assert sorted(name.rpartition("/")[2].split("-")[0] for _, name in found) == ["exe", "id", "mem"]
        assert set(found.values()) == {"subject"}
        told = unexplained_in(machines, known.answers) or []
        assert "queue q0" in [each["what"] for each in told]
        words = [" ".join(each["words"]) for each in at_work(known.answers) if each["kind"] == "process"]
        assert any("keeps.py" in each for each in words)
        assert any("./s 60" in each for each in words)

    on_machines(work)


@pytest.mark.parametrize("user", ["agent", "root"])
def test_a_switched_off_host_has_lost_what_was_only_in_its_memory(user: str) -> None:
    from peerwatch.sandboxes import carry_out

    async def work(machines: Machines, hosts: Hosts) -> None:
        source = key_of_servers(machines).source_server
        await put(machines, hosts, "shared.py", SHARED, source)
        await shell(machines, hosts, f"sudo -u {user} python3 ~agent/shared.py $FILE", source)
        world = await snapshot(machines, hosts, processes=True)
        assert [name for (_, name) in rescued(machines, world) if "sysvipc" in name]
        await carry_out(machines, hosts, world)
        assert rescued(machines, await snapshot(machines, hosts, processes=True)) == {}

    on_machines(work)
