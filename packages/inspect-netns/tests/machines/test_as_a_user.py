"""The namespace sandbox for a user who is not root: with subordinate ids, and without control groups."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inspect_netns import rootfs
from inspect_netns.supervisor import owner

USER, SUBORDINATE = 61234, 1_800_000_000

AS_USER = """
import json, os, sys, time
import anyio
from inspect_netns import RunningWorld, WorldDownError

hosts = json.loads(sys.argv[1])

async def main():
    world = RunningWorld(hosts, ["lan"])
    seen = {"caller": os.getuid()}
    async def sh(host, script, user=""):
        request = {"do": "run", "words": ["sh", "-c", script], "environment": {}, "cwd": "/", "user": user, "most": 0}
        ended = await world.ask(host, request, b"", 10000)
        return ended.stdout.decode() + ended.stderr.decode()
    seen["id"] = await sh("a", "id -u; chown nobody /srv; stat -c %U /srv; ping -c 1 -W 2 b >/dev/null && echo reached")
    seen["sudo"] = await sh("a", "useradd -m agent; su agent -c 'id -un'")
    tried = "mount -t tmpfs none /mnt; cat /proc/1/environ; ls /proc/1/root/; mknod /tmp/disk b 254 0"
    seen["refused"] = await sh("a", tried)
    seen["audit"] = [[each.program, each.uid, *each.argv] for each in world.audit()]
    bomb = "i=0; while [ $i -lt 250 ]; do sleep 20 & i=$((i+1)); done; wait"
    hog = "python3 -c 'import time; kept = bytearray(300 << 20); time.sleep(20)'"
    for host, script in (("a", bomb), ("b", hog)):
        try:
            with anyio.move_on_after(15):
                await sh(host, script, "nobody")
        except WorldDownError as down:
            seen["down " + host] = str(down)
    seen["over"] = world.overruns()
    seen["fine"] = await sh("c", "echo works")
    world.stop()
    print(json.dumps(seen))

anyio.run(main)
"""

IN_PRIVATE = """
set -e
mount --make-rprivate /
mount -t tmpfs none /mnt
mkdir -p /mnt/python /mnt/packages /mnt/source /mnt/rootfs
mount --bind "$1" /mnt/python
mount --bind "$2" /mnt/packages
mount --bind "$3" /mnt/source
mount --bind "$4" /mnt/rootfs
chmod 755 /mnt
# A Python in the home of root finds its library there only, and nobody else can go there.
case "$1" in "$HOME"/*) mount -t tmpfs -o mode=755 none "$HOME"; mkdir -p "$1"; mount --bind /mnt/python "$1" ;; esac
for kind in passwd subuid subgid; do cp /etc/$kind /mnt/$kind 2>/dev/null || touch /mnt/$kind; done
echo "tester:x:$6:$6::/:/bin/sh" >> /mnt/passwd
for kind in subuid subgid; do echo "tester:$7:65536" >> /mnt/$kind; done
for kind in passwd subuid subgid; do touch /etc/$kind; mount --bind /mnt/$kind /etc/$kind; done
cd /mnt
export PYTHONPATH=/mnt/source:/mnt/packages HOME=/
exec setpriv --reuid="$6" --regid="$6" --clear-groups --inh-caps=-all "$1/bin/$8" -B -c "$5" "$9"
"""


def _shifted(folder: Path) -> None:
    """Give a copy of a root file system to the user: root of it is the user, the others are subordinate ids."""
    first = owner(str(rootfs()))
    for path in (folder, *folder.rglob("*")):
        found = path.lstat()
        if found.st_uid < first:  # a further name of a file that was given already
            continue
        uid, gid = ((each - first) and SUBORDINATE + each - first - 1 for each in (found.st_uid, found.st_gid))
        os.lchown(path, uid or USER, gid or USER)
        if not path.is_symlink():
            path.chmod(found.st_mode & 0o7777)


def _host(name: str, number: int) -> dict[str, Any]:
    names = "127.0.0.1 localhost\n" + "".join(f"10.20.0.{11 + place} {each}\n" for place, each in enumerate("abc"))
    return {
        "name": name, "hostname": name, "rootfs": "/mnt/rootfs", "names": names,
        "addresses": [{"network": 0, "address": f"10.20.0.{11 + number}/24"}], "environment": {}, "binds": [],
        "command": [], "user": "root", "working_dir": "/", "memory": 200 << 20, "disk": 64 << 20, "processes": 150,
    }  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests of this folder are run by a user already")
def test_a_user_with_subordinate_ids_has_the_same_world(tmp_path: Path) -> None:
    copy = tmp_path / "rootfs"
    subprocess.run(["cp", "-a", str(rootfs()), str(copy)], check=True)  # noqa: S603, S607 - our own folders
    _shifted(copy)
    source = Path(__file__).parents[2] / "src"
    packages = next(path for path in map(Path, sys.path) if (path / "anyio").is_dir())
    hosts = json.dumps([_host(name, number) for number, name in enumerate("abc")])
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = [sys.base_prefix, str(packages), str(source), str(copy)]
    arguments = [*places, AS_USER, str(USER), str(SUBORDINATE), python, hosts]
    command = ["unshare", "--mount", "sh", "-c", IN_PRIVATE, "sh", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - as above
    shutil.rmtree(copy)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["caller"] == USER
    assert seen["id"] == "0\nnobody\nreached\n"
    assert seen["sudo"] == "agent\n"
    for word in (
        "mount: /mnt: permission denied",
        "environ: Permission denied",
        "root/': Permission",
        "mknod: /tmp/disk: Operation not",
    ):
        assert word in seen["refused"]
    assert ["/usr/bin/id", 0, "id", "-u"] in seen["audit"]
    assert ["/usr/bin/id", 1000, "id", "-un"] in seen["audit"]
    assert seen["down a"] == "a is down: it went over its limit of processes: more than 150"
    assert seen["down b"] == "b is down: it went over its limit of memory: more than 200 MiB"
    assert seen["over"].keys() == {"a", "b"}
    assert seen["fine"] == "works\n"
