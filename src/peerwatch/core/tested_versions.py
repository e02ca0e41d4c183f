"""Check whether Inspect or a related package is newer than the newest version that Peerwatch was tested with."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

from packaging.version import Version

from peerwatch.core.yaml_files import from_yaml

NEWER = "newer_than_tested"
"""Metadata key of a log that was made with newer versions than tested; logs without this key used tested versions."""

SIMULATED = ("inspect_ai",)
ON_MACHINES = ("inspect_ai", "inspect_swe")
SCANNER = ("inspect_ai", "inspect_scout")
"""The packages used by a run in a simulated world, by an agent on machines, and by Scout's scanner."""


@cache
def tested() -> Mapping[str, tuple[str, ...]]:
    """Return the content of `tested.yaml`: package to the versions that were tested, oldest first."""
    rows = from_yaml(files("peerwatch.core").joinpath("tested.yaml").read_text(encoding="utf-8"))
    return {package: tuple(map(str, versions)) for package, versions in rows.items()}


def newer_than_tested(packages: Sequence[str]) -> str:
    """List the packages newer than tested, such as `inspect_ai 0.3.290 (tested up to 0.3.285)`; else empty.

    Args:
        packages: Names of the packages as in `tested.yaml`. Packages that are not installed are skipped.
    """
    found = ((package, _installed(package), tested()[package][-1]) for package in packages)
    return ", ".join(
        f"{package} {running} (tested up to {newest})"
        for package, running, newest in found
        if running and Version(running) > Version(newest)
    )


def newer_in_log(packages: Sequence[str]) -> dict[str, str]:
    """Return the metadata entry that lists packages newer than tested; empty if there are none."""
    found = newer_than_tested(packages)
    return {NEWER: found} if found else {}


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
