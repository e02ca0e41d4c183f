"""The root file system of a machine, made of Debian's packages."""

import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

from peerwatch.netns import remove, unpack
from peerwatch.provision import _keeping as keeping
from peerwatch.provision._run import ProvisionMistake, ask, carry_out, program

SUITE = "bookworm"
_DATA = files("peerwatch.provision")
_ROOM = 2 * 1024**3
"""Bytes that making it takes; in memory where there is as much, which takes two thirds of the time."""

_APT = ('Acquire::Languages "none"', 'APT::Install-Recommends "false"')
_LEFT_OUT = "/usr/share/man /usr/share/doc /usr/share/info /usr/share/locale"
# Told to dpkg before anything but the essential packages is unpacked. mmdebstrap itself would filter those in Python,
# which takes longer than unpacking them.
_LEAVE_OUT = (
    'mkdir -p "$1/etc/dpkg/dpkg.cfg.d"; '
    f'for each in {_LEFT_OUT}; do echo "path-exclude=$each/*"; done > "$1/etc/dpkg/dpkg.cfg.d/small"'
)
# Each world has its own keys: those of the image would be the same on every machine.
_CLEAN = f'for each in {_LEFT_OUT}; do rm -rf "$1$each"; done; rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/resolv.conf'


def packages() -> list[str]:
    """Debian packages that a machine has, as the root file system and the image are made of them."""
    lines = (_DATA / "packages.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def make_rootfs(folder: Path, archive: Path | None = None) -> bool:
    """Make the root file system that worlds of the `netns` sandbox share.

    Args:
        folder: Where to; about 270 MB.
        archive: A tar file that is kept: unpacked if it is there, otherwise made. `docker import` takes it, too.

    Returns:
        Whether there was anything to do.

    Raises:
        ProvisionMistake: mmdebstrap is missing or failed.
    """
    with keeping.alone(folder):
        if keeping.is_made_of(folder, _made_of()) and (archive is None or archive.exists()):
            return False
        with tempfile.TemporaryDirectory(prefix="peerwatch-", dir=_quick_place()) as place:
            Path(place).chmod(0o755)  # without root, mmdebstrap works as another of its user's ids
            file = archive or Path(place) / "rootfs.tar"
            if not file.exists():
                _bootstrap(file, Path(place))
            _unpack(file, folder)
        keeping.stamp(folder, _made_of())
    return True


def _made_of() -> str:
    return keeping.digest(SUITE, *packages(), *_APT, _LEAVE_OUT, _CLEAN)


def _bootstrap(file: Path, place: Path) -> None:
    if program("mmdebstrap") is None:
        raise ProvisionMistake(
            "mmdebstrap was not found; install it: sudo apt-get install mmdebstrap debian-archive-keyring. "
            "Where there is no such package, make the archive elsewhere and name it with --archive"
        )
    begun = file.with_name(file.name + ".part")
    words = ["mmdebstrap", "--variant=minbase", "--format=tar", f"--include={','.join(packages())}"]
    words += [f"--aptopt={each}" for each in _APT]
    words += ["--dpkgopt=force-unsafe-io", f"--essential-hook={_LEAVE_OUT}", f"--customize-hook={_CLEAN}"]
    carry_out([*words, SUITE, begun, *_mirror()], env={"TMPDIR": str(place)})
    begun.rename(file)


def _unpack(file: Path, folder: Path) -> None:
    begun = keeping.beside(folder, "part")
    unpack(file, begun)
    if folder.exists():
        remove(folder)
    begun.rename(folder)


def _mirror() -> list[str]:
    """The archive that this machine's own apt reads; none where it is not Debian's of the same suite."""
    asked = ask(["apt-get", "indextargets", "--format", "$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)"])
    found = [line.split()[3] for line in asked.text.splitlines() if line.startswith(f"Debian {SUITE} main ")]
    return found[:1] if asked.ok else []


def _quick_place() -> Path | None:
    """A file system in memory with room to unpack in; none for the usual folder."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        return None
    state = os.statvfs(memory)
    runnable = not state.f_flag & (os.ST_NOEXEC | os.ST_NODEV)
    return memory if runnable and shutil.disk_usage(memory).free > _ROOM and _free_memory() > 2 * _ROOM else None


def _free_memory() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return 0
