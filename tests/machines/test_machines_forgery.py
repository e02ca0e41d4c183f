"""What an earlier look has found is never taken for what a file holds now, whatever its times say."""

import pytest

from peerwatch.sandboxes import KnownContent, snapshot
from peerwatch.sandboxes.machines import Machines
from tests.machines.test_machines_look import Hosts, key_of_servers, on_machines, rescued, shell

LATER = """
import ctypes, mmap, os, sys, time
source, copy, hidden = sys.argv[1:]
size = os.path.getsize(source)
handle = os.open(copy, os.O_RDWR | os.O_CREAT)
os.ftruncate(handle, size)
memory = mmap.mmap(handle, size)
pages = [*range(0, 1 << 20, 4096), size - 4096]
for page in pages:
    memory[page] = memory[page + 4095] = 0
if hidden == "hidden":
    ctypes.CDLL(None).prctl(4, 0)
time.sleep(0.5)
open("/tmp/ready", "w").close()
while not os.path.exists("/tmp/now"):
    time.sleep(0.05)
with open(source, "rb") as file:
    for page in pages:
        file.seek(page)
        memory[page : page + 4096] = file.read(4096)
open("/tmp/done", "w").close()
time.sleep(60)
"""
"""Maps a file of the size of another, writes to where that has data, and writes its bytes there once it is told to."""


async def wait_for(machines: Machines, hosts: Hosts, name: str, host: str) -> None:
    await shell(machines, hosts, f"timeout 60 sh -c 'until [ -e {name} ]; do sleep 0.1; done'", host)


@pytest.mark.parametrize("hidden", ["plain", "hidden"])
@pytest.mark.parametrize("place", ["/var/tmp/x", "/dev/shm/x"])  # noqa: S108 - of a host that lives for one test
def test_bytes_that_are_written_in_memory_after_a_look_are_seen_by_the_next(place: str, hidden: str) -> None:
    async def work(machines: Machines, hosts: Hosts) -> None:
        source = key_of_servers(machines).source_server
        await shell(machines, hosts, f"cat > /tmp/later.py <<'END'\n{LATER}END", source)
        run = f"setsid python3 /tmp/later.py $FILE {place} {hidden} >/dev/null 2>&1 &"
        await shell(machines, hosts, run, source)
        await wait_for(machines, hosts, "/tmp/ready", source)  # noqa: S108
        known = KnownContent()
        assert rescued(machines, await snapshot(machines, hosts, known)) == {}
        times = await shell(machines, hosts, f"stat -c '%i %s %y %z' {place}", source)
        await shell(machines, hosts, "touch /tmp/now", source)
        await wait_for(machines, hosts, "/tmp/done", source)  # noqa: S108
        assert await shell(machines, hosts, f"stat -c '%i %s %y %z' {place}", source) == times
        assert rescued(machines, await snapshot(machines, hosts, known)) == {(source, place): "subject"}

    on_machines(work)
