"""`peerwatch run --ray`: what is said without Ray, and a small run on a cluster whose machine and worker are killed."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from peerwatch.cli.commands import cluster
from peerwatch.cli.verbs import with_values

from .command_line import called

ROOT = Path(__file__).parents[1]
NO_RAY = "the extra `ray` is not installed; the CI part `ray` runs this test"


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ([], []),
        (["--ray"], ["--ray", "local"]),
        (["--ray", "--out", "x"], ["--ray", "local", "--out", "x"]),
        (["--ray", "study.yaml"], ["--ray", "local", "study.yaml"]),
        (["--ray", "auto", "x"], ["--ray", "auto", "x"]),
        (["--ray", "10.0.0.1:6379"], ["--ray", "10.0.0.1:6379"]),
        (["--ray=auto"], ["--ray=auto"]),
        (["x", "--out", "y"], ["x", "--out", "y"]),
    ],
)
def test_the_address_may_be_left_out(words: list[str], read: list[str]) -> None:
    assert list(with_values(words)) == read


def test_without_ray_one_line_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", dict[str, object]().get)
    left = called("run", "--ray", "--model", "peerwatch/scripted-compliant", "--out", tmp_path / "run")
    assert left.status == 2
    assert "pip install 'peerwatch[ray]'" in left.err
    assert len(left.err.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("other", [["--shard", "0/2"], ["--processes", "2"], ["--kubernetes-manifest"]])
def test_what_else_divides_a_run_is_refused(other: list[str], tmp_path: Path) -> None:
    left = called("run", "--ray", "--model", "peerwatch/scripted-compliant", *other, "--out", tmp_path / "run")
    assert left.status == 2
    assert other[0] in left.err


@pytest.mark.skipif(find_spec("ray") is None, reason=NO_RAY)
def test_an_address_without_a_cluster_is_a_mistake(tmp_path: Path) -> None:
    words = ["--ray", "ray://127.0.0.1:10001", "--model", "peerwatch/scripted-compliant", "--out", tmp_path / "run"]
    left = called("run", *words)
    assert left.status == 2
    assert "ray job submit" in left.err


@pytest.mark.skipif(find_spec("ray") is None, reason=NO_RAY)
def test_a_cluster_whose_machines_die_loses_nothing() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "scale.py"), "--episodes", "24", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=580, check=False)  # noqa: S603 - ours
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    assert {name: found[name] for name in ("episodes", "lost", "twice", "overspend")} == {
        "episodes": 24,
        "lost": 0,
        "twice": 0,
        "overspend": 0,
    }, ran.stderr
    assert found["killed"] >= 1
