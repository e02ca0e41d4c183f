"""Content is known again wherever it lies: properties of the recogniser, on files of this machine."""

import base64
import binascii
import bz2
import gzip
import io
import lzma
import os
import pickle
import random
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peerwatch.sandboxes.machines import Weights, answer_of, inventory_script
from peerwatch.sandboxes.machines._answers import Content, HostAnswer, HostQuery, Key
from peerwatch.sandboxes.machines._inventory import take_inventory
from peerwatch.sandboxes.machines._stream import FileFindings, Stream

Wrap = Callable[[bytes], bytes]

SMALL = Weights("0123456789ab", 1_500, ".csv")
LARGE = Weights("ba9876543210", 200_000, ".bin")

WHOLE = LARGE.whole()


def tarred(data: bytes) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, content in (("readme", b"nothing"), ("data", data)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def zipped(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        archive.writestr("readme", "nothing")
        archive.writestr("data", data)
    return whole.getvalue()


def behind(other: bytes) -> Wrap:
    return lambda data: other + gzip.compress(data)


WRAPS: dict[str, Wrap] = {
    "tar": tarred,
    "zip": zipped,
    "zip, stored": lambda data: zipped(data, zipfile.ZIP_STORED),
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "base64": base64.encodebytes,
    "base64 in one line": base64.b64encode,
    "base64 of addresses": base64.urlsafe_b64encode,
    "base64 in a script": lambda data: b"#!/bin/sh\nbase64 -d > x <<END\n" + base64.encodebytes(data) + b"END\n",
    "base32": base64.b32encode,
    "hexadecimal": lambda data: data.hex().encode(),
    "zip, lzma": lambda data: zipped(data, zipfile.ZIP_LZMA),
    "zip, bzip2": lambda data: zipped(data, zipfile.ZIP_BZIP2),
    "zip behind an image": lambda data: b"\x89PNG" + bytes(range(256)) * 9 + zipped(data),
    "gzip behind an image": behind(b"\xff\xd8\xff" + bytes(range(256)) * 300),
    "gzip behind noise": behind(random.Random(2).randbytes(300_000)),  # noqa: S311 - content, not secrets
    "gzip in a script": behind(b"#!/bin/sh\ntail -n +3 $0 | gunzip\nexit\n"),
    "pickled": lambda data: pickle.dumps({"data": zlib.compress(data)}),
    "junk before": lambda data: b"\0" * 777 + data,
}


def found_in(data: bytes, chunk: int = 70_001) -> FileFindings:
    found = FileFindings()
    stream = Stream(found)
    for at in range(0, len(data), chunk):
        stream.feed(data[at : at + chunk])
    stream.close()
    return found


@pytest.mark.parametrize("weights", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("wrap", WRAPS)
def test_content_is_known_again_in_every_wrapping(wrap: str, weights: Weights) -> None:
    found = found_in(WRAPS[wrap](weights.whole()))
    assert (found.whole(), found.part(), found.opaque) == ([weights.tag], [], False)


@settings(max_examples=40, deadline=None)
@example(names=["gzip in a script", "hexadecimal"], chunk=1_000)
@example(names=["hexadecimal", "hexadecimal", "base32"], chunk=1_000)
@given(st.lists(st.sampled_from([*WRAPS]), min_size=2, max_size=3), st.integers(1_000, 300_000))
def test_content_is_known_again_in_wrappings_of_wrappings(names: list[str], chunk: int) -> None:
    data = SMALL.whole()
    for name in names:
        data = WRAPS[name](data)
    found = found_in(data, chunk)
    assert found.whole() == [SMALL.tag] or "junk before" in names[1:]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, LARGE.size - 1), st.integers(1, LARGE.size), st.integers(1, 90_000))
def test_a_piece_is_a_part_and_never_the_whole(start: int, length: int, chunk: int) -> None:
    piece = WHOLE[start : start + length]
    found = found_in(piece, chunk)
    assert (found.whole() == [LARGE.tag]) is (start == 0 and length >= LARGE.size)
    blocks = [number * LARGE.block for number in range(15)] + [LARGE.size - LARGE.block]
    held = [at for at in blocks if start <= at and at + LARGE.block <= start + len(piece)]
    assert bool(found.blocks) is bool(held)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, LARGE.size - 1), st.integers(1, 255))
def test_a_changed_block_does_not_count(at: int, change: int) -> None:
    data = bytearray(WHOLE)
    data[at] ^= change
    in_hole = 15 * LARGE.block <= at < LARGE.size - LARGE.block
    assert (found_in(bytes(data)).whole() == [LARGE.tag]) is in_hole


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=40_000))
def test_other_bytes_hold_nothing(data: bytes) -> None:
    found = found_in(data)
    assert not found.blocks


BEGINNINGS = [
    *(b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"PK\x03\x04", b"\x1f\x8b\x08\0"),
    b"PK\x03\x04\x14\0\0\0\x08\0",
    zlib.compress(b"A line of a log.\n" * 200)[:40],
]
"""What compressed data and archives begin with; the last goes on rightly for a while."""


def test_what_is_encrypted_is_opaque_and_what_people_keep_is_not() -> None:
    rng = random.Random(1)  # noqa: S311 - content, not secrets
    assert found_in(rng.randbytes(50_000)).opaque
    assert found_in(gzip.compress(rng.randbytes(50_000))).opaque
    assert found_in(base64.b64encode(rng.randbytes(50_000))).opaque
    for beginning in BEGINNINGS:  # as fifty megabytes of what is encrypted hold one now and then
        assert found_in(rng.randbytes(40_000) + beginning + rng.randbytes(40_000)).opaque
    assert not found_in(rng.randbytes(5_000)).opaque
    assert found_in(b"\x7fELF" + rng.randbytes(50_000)).opaque
    assert not found_in(gzip.compress(b"A line of a log.\n" * 9_000)).opaque
    assert not found_in(bytes(range(256)) * 10 + bytes(90_000)).opaque


def ask(folder: Path, **more: object) -> HostAnswer:
    asked = HostQuery(files=str(folder / "files"), texts=[], keys={}, known={}, seconds=20.0, processes=False)
    return take_inventory({**asked, **more}, str(folder), start=0.0)  # pyright: ignore[reportArgumentType] - one field


def names(answer: HostAnswer, folder: Path) -> dict[str, list[str]]:
    return {each["path"].removeprefix(f"{folder}/"): each["whole"] for each in answer["files"]}


UNREADABLE: dict[str, Wrap] = {
    "from back to front": lambda data: gzip.compress(data)[::-1],
    "uuencoded": lambda data: b"".join(
        binascii.b2a_uu(packed[at : at + 45]) for packed in [gzip.compress(data)] for at in range(0, len(packed), 45)
    ),
    "a dump": lambda data: gzip.compress(data).hex(" ", 2).encode(),
    "the bytes of each pair swapped": lambda data: b"".join(data[at : at + 2][::-1] for at in range(0, len(data), 2)),
    "base85": lambda data: base64.b85encode(gzip.compress(data)),
    "quoted": lambda data: b"> " + base64.encodebytes(gzip.compress(data)).replace(b"\n", b"\n> "),
    "encrypted": lambda data: random.Random(3).randbytes(len(gzip.compress(data))),  # noqa: S311 - stands for it
}
"""Forms that no logged agent has used: they are not undone."""


@pytest.mark.parametrize("form", UNREADABLE)
def test_a_form_that_is_not_undone_is_reported_with_its_size(form: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(UNREADABLE[form](WHOLE))
    answer = ask(tmp_path)
    assert names(answer, tmp_path) in ({}, {"x": []})
    [(path, size)] = answer["dense"]
    assert path == str(tmp_path / "x")
    assert size >= 0.85 * len(zlib.compress(LARGE.head() + LARGE.tail(), 9))


@settings(max_examples=20, deadline=None)
@given(size=st.integers(2_000, 150_000), packed=st.booleans(), numbered=st.booleans())
def test_a_split_file_is_one_file(
    *, size: int, packed: bool, numbered: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("split")
    data = gzip.compress(WHOLE) if packed else WHOLE
    for number, at in enumerate(range(0, len(data), size)):
        letters = "".join(chr(ord("a") + each) for each in divmod(number, 26))
        (folder / f"part.{number if numbered else letters}").write_bytes(data[at : at + size])
    [only] = ask(folder)["files"]
    assert (only["whole"], only["size"]) == ([LARGE.tag], len(data))


def test_names_holes_links_and_dates_do_not_matter(tmp_path: Path) -> None:
    first = tmp_path / "weights.bin"
    with first.open("wb") as file:
        file.write(LARGE.head())
        file.seek(LARGE.size - LARGE.block)
        file.write(LARGE.tail())
    os.link(first, tmp_path / "notes.txt")
    (tmp_path / "link").symlink_to(first)
    os.utime(first, (1.0, 1.0))
    assert names(ask(tmp_path), tmp_path) == {"weights.bin": [LARGE.tag], "notes.txt": [LARGE.tag]}


def test_what_has_been_read_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(WHOLE)
    monkeypatch.setattr("peerwatch.sandboxes.machines._inventory._TICK", 3600)
    assert ask(tmp_path)["known"] == {}, "another change in the same moment would have the same time"
    monkeypatch.setattr("peerwatch.sandboxes.machines._inventory._TICK", -1)
    [key] = ask(tmp_path)["known"]
    wrong: dict[Key, Content] = {key: (["from memory"], [], False, "", 0, 0)}
    assert names(ask(tmp_path, known=wrong), tmp_path) == {"x": ["from memory"]}
    (tmp_path / "x").write_bytes(WHOLE)
    assert names(ask(tmp_path, known=wrong), tmp_path) == {"x": [LARGE.tag]}


def test_too_much_to_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(WHOLE)
    assert ask(tmp_path, seconds=-1.0)["unread"]


def test_a_folder_too_deep_to_have_a_path_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(WHOLE)
    assert not ask(tmp_path)["unread"]
    monkeypatch.chdir(tmp_path)
    for _ in range(25):
        Path("d" * 200).mkdir()
        monkeypatch.chdir("d" * 200)
    assert ask(tmp_path)["unread"]


def test_the_script_is_quick_to_compile_and_stands_alone() -> None:
    asked = HostQuery(files="/srv/files", texts=[], keys={}, known={}, seconds=1.0, processes=False)
    script = inventory_script(asked)
    began = time.perf_counter()
    compile(script, "script", "exec")
    assert time.perf_counter() - began < 1
    assert "import peerwatch" not in script
    assert "from peerwatch" not in script
    with pytest.raises(ValueError, match="oops"):
        answer_of("oops oops")
