"""Whether Peerwatch can be installed beside the packages that its users have: only the resolver is asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
BESIDE = ("inspect_evals", "inspect_petri", "inspect_scout", "control_arena")

pytestmark = pytest.mark.skipif(
    not os.environ.get("PEERWATCH_RESOLVE"), reason="asks the package index; .ci/wheel sets PEERWATCH_RESOLVE=1"
)


def resolved(tmp_path: Path, *beside: str, extras: tuple[str, ...] = ()) -> dict[str, str]:
    """What `pip install peerwatch[EXTRAS] BESIDE` would install, package to version; skips without an index."""
    wanted = tmp_path / "beside.in"
    wanted.write_text("\n".join(beside), encoding="utf-8")
    words = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", "3.12"]
    words += [each for extra in extras for each in ("--extra", extra)]
    done = subprocess.run(  # noqa: S603 - the resolver of our own environment
        [UV, *words, "pyproject.toml", str(wanted)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    # A network that is missing must not look like packages that do not fit together.
    if done.returncode and any(
        sign in done.stderr for sign in ("Failed to fetch", "error sending request", "dns error")
    ):
        pytest.skip(f"no package index: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    lines = (line.split(";")[0].strip() for line in done.stdout.splitlines())
    pinned = (line.split("==") for line in lines if "==" in line)
    return {name.split("[")[0].replace("-", "_"): version for name, version in pinned}


def test_it_fits_beside_each_and_beside_all(tmp_path: Path) -> None:
    found = resolved(tmp_path, *BESIDE, extras=("scout", "shells"))
    assert found.keys() >= {*BESIDE, "inspect_ai", "inspect_swe"}


def test_what_cannot_fit_is_seen(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"inspect-ai"):
        resolved(tmp_path, "inspect_ai<0.3.200")
