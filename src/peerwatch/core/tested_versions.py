"""Whether Inspect, or one of its companions, is newer than the newest version that Peerwatch was tested with."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

from packaging.version import Version

from peerwatch.core.yaml_files import from_yaml

NEWER = "newer_than_tested"
"""Where a log says that a newer version ran than the tested one; a log without this key ran with tested ones."""

SIMULATED = ("inspect_ai",)
ON_MACHINES = ("inspect_ai", "inspect_swe")
SCANNER = ("inspect_ai", "inspect_scout")
"""The packages that a run uses: in a simulated world, with an agent on machines, as a scanner of Scout's."""


@cache
def tested() -> Mapping[str, tuple[str, ...]]:
    """Package to the versions that the tests have run with, oldest first: the content of `tested.yaml`."""
    rows = from_yaml(files("peerwatch.core").joinpath("tested.yaml").read_text(encoding="utf-8"))
    return {package: tuple(map(str, versions)) for package, versions in rows.items()}


def newer_than_tested(packages: Sequence[str]) -> str:
    """Return the packages newer than tested, such as `inspect_ai 0.3.290 (tested up to 0.3.285)`; empty if nothing is.

    Args:
        packages: Those that a run uses, as `tested.yaml` names them. One that is not installed is left out.
    """
    found = ((package, _installed(package), tested()[package][-1]) for package in packages)
    return ", ".join(
        f"{package} {running} (tested up to {newest})"
        for package, running, newest in found
        if running and Version(running) > Version(newest)
    )


def newer_in_log(packages: Sequence[str]) -> dict[str, str]:
    """The entry of a log's metadata that names what is newer than tested; nothing if nothing is."""
    found = newer_than_tested(packages)
    return {NEWER: found} if found else {}


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
