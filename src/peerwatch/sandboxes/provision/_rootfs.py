"""Builds the root file system of machines from Debian packages."""

import hashlib
import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

from peerwatch.sandboxes.provision import _keeping as keeping
from peerwatch.sandboxes.provision._run import SetupError, ask, carry_out, program

SUITE = "bookworm"
NO_NETNS = "The sandbox netns needs the package inspect-netns. Install it: pip install 'peerwatch[netns]'"
_DATA = files("peerwatch.sandboxes.provision")
_ROOM = 2 * 1024**3
"""Bytes needed for building; in memory if available, which takes two thirds of the time."""

_APT = ('Acquire::Languages "none"', 'APT::Install-Recommends "false"')
_LEFT_OUT = "/usr/share/man /usr/share/doc /usr/share/info /usr/share/locale"
# Configures dpkg before any non-essential package is unpacked. mmdebstrap itself would filter these paths in Python,
# which takes longer than unpacking them.
_LEAVE_OUT = (
    'mkdir -p "$1/etc/dpkg/dpkg.cfg.d"; '
    f'for each in {_LEFT_OUT}; do echo "path-exclude=$each/*"; done > "$1/etc/dpkg/dpkg.cfg.d/small"'
)
# Each world has its own keys: keys in the image would be the same on every machine.
_CLEAN = f'for each in {_LEFT_OUT}; do rm -rf "$1$each"; done; rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/resolv.conf'


def packages() -> list[str]:
    """The Debian packages of a machine, in the root file system as well as in the image."""
    lines = (_DATA / "packages.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def make_rootfs(folder: Path, archive: Path | None = None, sha256: str = "") -> bool:
    """Build the root file system shared by worlds of the `netns` sandbox.

    Args:
        folder: Target folder; about 270 MB.
        archive: A tar file to keep: unpacked if it exists, otherwise created. `docker import` accepts it, too.
        sha256: Hash of the archive; empty to read it from the file `ARCHIVE.sha256` next to it.

    Returns:
        Whether anything had to be built.

    Raises:
        SetupError: If the package inspect-netns or mmdebstrap is missing, something failed, or the archive has another
            hash.
    """
    with keeping.alone(folder):
        if keeping.is_made_of(folder, _made_of()) and (archive is None or archive.exists()):
            return False
        with tempfile.TemporaryDirectory(prefix="peerwatch-", dir=_quick_place()) as place:
            Path(place).chmod(0o755)  # without root, mmdebstrap works as another of its user's ids
            file = archive or Path(place) / "rootfs.tar"
            if file.exists():
                check_archive(file, sha256)
            else:
                _bootstrap(file, Path(place))
            _unpack(file, folder)
        keeping.stamp(folder, _made_of())
    return True


def _made_of() -> str:
    return keeping.digest(SUITE, *packages(), *_APT, _LEAVE_OUT, _CLEAN)


def _bootstrap(file: Path, place: Path) -> None:
    if program("mmdebstrap") is None:
        raise SetupError(
            "mmdebstrap was not found; install it: sudo apt-get install mmdebstrap debian-archive-keyring. "
            "If there is no such package, build the archive elsewhere and pass it with --archive"
        )
    begun = file.with_name(file.name + ".part")
    words = ["mmdebstrap", "--variant=minbase", "--format=tar", f"--include={','.join(packages())}"]
    words += [f"--aptopt={each}" for each in _APT]
    words += ["--dpkgopt=force-unsafe-io", f"--essential-hook={_LEAVE_OUT}", f"--customize-hook={_CLEAN}"]
    carry_out([*words, SUITE, begun, *_mirror()], env={"TMPDIR": str(place)})
    begun.rename(file)
    _digest_file(file).write_text(f"{_digest(file)}  {file.name}\n", encoding="utf-8")


def check_archive(file: Path, sha256: str = "") -> None:
    """Verify an archive, from which machines and root's programs are taken.

    Args:
        file: The archive.
        sha256: Its hash; empty to read it from the file next to it, in the format of `sha256sum`.

    Raises:
        SetupError: If no hash is known, or it differs.
    """
    beside = _digest_file(file)
    if not sha256 and not beside.is_file():
        raise SetupError(
            f"{file} is not unpacked: its expected SHA-256 is unknown. Bring {beside.name} from the machine that "
            "made it, or give the hash with --sha256"
        )
    wanted = (sha256 or beside.read_text(encoding="utf-8", errors="replace").partition(" ")[0]).strip().lower()
    if (found := _digest(file)) != wanted:
        raise SetupError(
            f"{file} is not unpacked: its SHA-256 is {found}, but {wanted or 'none'} was expected. Fetch it again from "
            "the machine that made it"
        )


def _digest_file(archive: Path) -> Path:
    return archive.with_name(archive.name + ".sha256")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _unpack(file: Path, folder: Path) -> None:
    try:
        from inspect_netns import NetnsError, remove, unpack
    except ImportError:
        raise SetupError(NO_NETNS) from None
    begun = keeping.beside(folder, "part")
    try:
        unpack(file, begun)
        if folder.exists():
            remove(folder)
    except NetnsError as error:
        raise SetupError(str(error)) from None
    begun.rename(folder)


def _mirror() -> list[str]:
    """The archive used by this machine's apt; none unless it is Debian's with the same suite."""
    asked = ask(["apt-get", "indextargets", "--format", "$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)"])
    found = [line.split()[3] for line in asked.text.splitlines() if line.startswith(f"Debian {SUITE} main ")]
    return found[:1] if asked.ok else []


def _quick_place() -> Path | None:
    """A file system in memory with room to unpack in; `None` for the default folder."""
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
