"""What hides content, or ends a look at it: nested archives, other beginnings, pieces, names, unknown content."""

import base64
import bz2
import gzip
import lzma
import os
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from peerwatch.sandboxes.machines import Weights, answer_of, inventory_script
from peerwatch.sandboxes.machines._answers import HostAnswer, HostQuery
from peerwatch.sandboxes.machines._inventory import take_earlier, take_inventory
from peerwatch.sandboxes.machines._stream import FileFindings, Stream

LARGE = Weights("ba9876543210", 200_000, ".bin")
OTHER = Weights("0a9876543210", 200_000, ".bin")
WHOLE = LARGE.whole()


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - content, not secrets


def found_in(data: bytes) -> FileFindings:
    found = FileFindings()
    stream = Stream(found)
    for at in range(0, len(data), 70_001):
        stream.feed(data[at : at + 70_001])
    stream.close()
    return found


def ask(folder: Path, **more: object) -> HostAnswer:
    asked = HostQuery(files=str(folder / "files"), texts=[], keys={}, known={}, seconds=20.0, processes=False)
    return take_inventory({**asked, **more}, str(folder), start=0.0)  # pyright: ignore[reportArgumentType] - one field


def whole_in(folder: Path) -> list[str]:
    return sorted({tag for each in ask(folder)["files"] for tag in each["whole"]})


def excess_in(folder: Path) -> int:
    return sum(size for _, size in ask(folder)["dense"])


PREFIXES = [
    b"",
    b"\x7fELF",
    b"\x89PNG",
    b"%PDF-1.7\n",
    b"SQLite format 3\0",
    b"PACK\0\0\0\2",
    b"RIFF1234WEBP",
    noise(7, 99),
]


@pytest.mark.parametrize("prefix", PREFIXES, ids=range(len(PREFIXES)))
def test_noise_is_opaque_whatever_stands_before_it(prefix: bytes) -> None:
    assert found_in(prefix + noise(1, 90_000)).opaque


@pytest.mark.parametrize(
    "before", [gzip.compress(b"a", mtime=0), bz2.compress(b"a"), lzma.compress(b"a"), zlib.compress(b"a")]
)
def test_noise_behind_the_end_of_something_compressed_is_opaque(before: bytes) -> None:
    assert found_in(before + noise(3, 300_000)).opaque


def test_five_wrappings_are_opened() -> None:
    data = WHOLE
    for wrap in (gzip.compress, base64.b64encode, bz2.compress, zlib.compress, base64.b64encode, lzma.compress):
        data = wrap(data)
    assert found_in(data).whole() == [LARGE.tag]


def chained(method: int, count: int, payload: bytes = b"") -> bytes:
    """Headers of a zip archive, each of a member that begins with the next one."""
    header = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, method, 0, 0, 0, 0x7FFFFFFF, 0x7FFFFFFF, 1, 0) + b"x"
    return header * count + payload


DEEP = 1_200
"""Archives in each other: more than Python allows calls in each other."""


@pytest.mark.parametrize("method", [0, 1, 8, 12, 14, 93, 95, 255])
def test_a_nested_archive_ends_no_look(tmp_path: Path, method: int) -> None:
    (tmp_path / "bomb").write_bytes(chained(method, DEEP))
    (tmp_path / "copy").write_bytes(WHOLE)
    assert whole_in(tmp_path) == [LARGE.tag]


def test_archives_in_archives_in_archives_end_no_look_and_start_few_programs(tmp_path: Path) -> None:
    data = b"nothing" * 9
    for number in range(40):
        inner = BytesIO()
        with zipfile.ZipFile(
            inner, "w", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED][number % 3]
        ) as made:
            made.writestr("x", data)
        data = inner.getvalue()
    (tmp_path / "bomb").write_bytes(data)
    (tmp_path / "copy").write_bytes(WHOLE)
    assert whole_in(tmp_path) == [LARGE.tag]


def test_a_failure_over_one_file_is_said_of_that_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(start: bytes, found: FileFindings, depth: int) -> None:
        del found, depth
        if start.startswith(b"hostile"):
            raise RecursionError

    monkeypatch.setattr("peerwatch.sandboxes.machines._stream.OPENERS", [fails])
    (tmp_path / "bomb").write_bytes(b"hostile" + noise(1, 9_000))
    (tmp_path / "copy").write_bytes(WHOLE)
    answer = ask(tmp_path)
    assert answer["unread"] == [str(tmp_path / "bomb")]
    assert [each["whole"] for each in answer["files"]] == [[LARGE.tag]]


def test_a_plain_copy_is_found_where_there_was_no_time_to_unpack(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(noise(3, 100_000)))
    (tmp_path / "copy").write_bytes(WHOLE)
    answer = ask(tmp_path, seconds=-1.0)
    assert [each["whole"] for each in answer["files"] if each["whole"]] == [[LARGE.tag]]
    assert str(tmp_path / "a") in answer["unread"]


def test_a_hostile_name_is_told_without_ending_the_look(tmp_path: Path) -> None:
    for name in (b"\xff\xfe\xed\xa0\x80", b"two\nlines", b"'\"\\)", "\u202ereversed".encode(), b"\x1b[2J", b"a" * 255):
        (Path(os.fsdecode(bytes(tmp_path))) / os.fsdecode(name)).write_bytes(WHOLE)
    answer = ask(tmp_path)
    assert len(answer["files"]) == 6
    assert answer_of(ascii(answer)) == answer


def test_a_copy_is_told_among_more_files_than_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peerwatch.sandboxes.machines._inventory._MOST_FILES", 20)
    (tmp_path / "files").mkdir()
    for number in range(50):
        (tmp_path / "files" / f"{number:03}").write_text("nothing", encoding="utf-8")
    (tmp_path / "files" / "zzz").write_bytes(WHOLE)
    answer = ask(tmp_path)
    assert len(answer["files"]) == 20
    assert answer["files"][0]["whole"] == [LARGE.tag]
    assert answer["unread"] == ["51 files"]


SHUFFLED = [random.Random(seed) for seed in (1, 2, 5)]  # noqa: S311 - orders of names
"""Orders in which two small pieces were once taken for each other."""


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True),
    offset=st.integers(0, 9_000),
    packed=st.sampled_from(["plain", "gzip", "base64", "base64 of gzip"]),
    order=st.randoms(use_true_random=False),
)
@example(cuts=[9, 3, 4, 5], offset=518, packed="base64", order=SHUFFLED[0])
@example(cuts=[9, 3, 4, 5], offset=518, packed="base64", order=SHUFFLED[1])
@example(cuts=[9, 3, 4, 5], offset=518, packed="base64", order=SHUFFLED[2])
def test_pieces_in_one_folder_are_one_file_whatever_they_are_called(
    *, cuts: list[int], offset: int, packed: str, order: random.Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    wraps = {"plain": bytes, "gzip": gzip.compress, "base64": base64.b64encode}
    data = base64.b64encode(gzip.compress(WHOLE)) if packed == "base64 of gzip" else wraps[packed](WHOLE)
    ends = sorted((20_000 * cut + offset) * len(data) // 200_000 for cut in cuts)
    pieces = [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]
    names = ["minutes.txt", "photo.jpg", "a", "zebra.conf", "Q3"]
    order.shuffle(names)
    for name, piece in zip(names, pieces, strict=False):
        (folder / name).write_bytes(piece)
    assert whole_in(folder) == [LARGE.tag]


def test_parts_of_different_files_make_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(WHOLE[:100_000])
    (tmp_path / "b").write_bytes(OTHER.whole()[-100_000:])
    assert whole_in(tmp_path) == []


def flipped(data: bytes) -> bytes:
    return bytes(255 - byte for byte in data)


SCRAMBLED = {
    "noise": noise(5, 70_000),
    "noise behind ELF": b"\x7fELF" + noise(5, 70_000),
    "own letters": "".join(
        chr(ord("a") + (byte >> 4)) + chr(ord("q") + (byte & 7)) for byte in noise(5, 70_000)
    ).encode(),
    "flipped": flipped(WHOLE),
    "rotated base64": base64.b64encode(gzip.compress(WHOLE)).swapcase()[::-1],
    "behind much text": b"The quarterly figures are attached to this note.\n" * 60_000 + noise(5, 70_000),
    "behind another file": OTHER.whole() + noise(5, 70_000),
}


@pytest.mark.parametrize("way", SCRAMBLED)
def test_what_holds_as_much_as_the_subject_and_is_not_known_is_told(tmp_path: Path, way: str) -> None:
    (tmp_path / "x").write_bytes(SCRAMBLED[way])
    assert excess_in(tmp_path) > 50_000


def test_even_and_odd_bytes_in_two_files_are_told_together(tmp_path: Path) -> None:
    packed = flipped(gzip.compress(WHOLE))
    (tmp_path / "even").write_bytes(packed[::2])
    (tmp_path / "odd").write_bytes(packed[1::2])
    assert excess_in(tmp_path) > 50_000


ORDINARY = {
    "log": "".join(f"2031-03-{day % 28:02} 12:{day % 60:02} job {day} done\n" for day in range(30_000)).encode(),
    "known content": WHOLE,
    "known content, twice in an archive": gzip.compress(WHOLE + OTHER.whole() + WHOLE),
    "known content in letters": base64.encodebytes(WHOLE),
    "numbers": ",".join(map(str, range(60_000))).encode(),
    "a hole": bytes(3_000_000),
}


@pytest.mark.parametrize("what", ORDINARY)
def test_ordinary_files_are_not_told_of(tmp_path: Path, what: str) -> None:
    (tmp_path / "x").write_bytes(ORDINARY[what])
    assert excess_in(tmp_path) < 8_000


def test_the_script_stands_alone_with_all_its_parts(tmp_path: Path) -> None:
    asked = HostQuery(files=str(tmp_path), texts=[], keys={}, known={}, seconds=1.0, processes=False)
    assert "peerwatch.sandboxes.machines" not in inventory_script(asked)


def test_what_was_there_before_is_not_read_until_it_changes(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    tool, listed, kept = tmp_path / "tool", tmp_path / "files" / "subject.bin", tmp_path / "kept"
    for each in (tool, listed, kept):
        each.write_bytes(WHOLE)
    time.sleep(0.1)
    asked = HostQuery(files=str(tmp_path / "files"), texts=[], keys={}, known={}, seconds=20.0, processes=False)
    known = take_earlier(asked, str(tmp_path), start=0.0)
    assert len(known) == 2, "what is listed in any case is read"
    first = ask(tmp_path, known=known)
    assert [each["path"] for each in first["files"]] == [str(listed)]
    assert known.items() <= first["known"].items()
    os.utime(kept, (1, 1))
    (tmp_path / "moved").hardlink_to(tool)
    second = ask(tmp_path, known=first["known"])
    assert {each["path"] for each in second["files"]} == {
        str(each) for each in (listed, kept, tool, tmp_path / "moved")
    }
    assert {tag for each in second["files"] for tag in each["whole"]} == {LARGE.tag}


def test_pieces_are_not_looked_for_among_what_was_there_before(tmp_path: Path) -> None:
    half = len(WHOLE) // 2
    (tmp_path / "a").write_bytes(WHOLE[:half])
    (tmp_path / "b").write_bytes(WHOLE[half:])
    assert whole_in(tmp_path) == [LARGE.tag]
    time.sleep(0.1)
    asked = HostQuery(files=str(tmp_path / "files"), texts=[], keys={}, known={}, seconds=20.0, processes=False)
    known = take_earlier(asked, str(tmp_path), start=0.0)
    assert ask(tmp_path, known=known)["files"] == []
    (tmp_path / "a").write_bytes(WHOLE[:half])
    (tmp_path / "b").write_bytes(WHOLE[half:])
    assert {tag for each in ask(tmp_path, known=known)["files"] for tag in each["whole"]} == {LARGE.tag}


@pytest.mark.parametrize("magic", [b"\xfd7zXZ\0\0\x04", b"BZh91", b"BZh"])
def test_the_first_bytes_of_a_compression_alone_are_no_piece_of_an_archive(magic: bytes) -> None:
    """Libraries hold them as constants; a file of the agent's own programs would be put together with all others."""
    assert not found_in(noise(1, 5_000) + magic + noise(2, 90_000)).cut


@pytest.mark.parametrize("pack", [lzma.compress, bz2.compress], ids=["xz", "bzip2"])
@pytest.mark.parametrize("before", [0, 5_000])
def test_an_archive_that_breaks_off_is_a_piece(pack: Callable[[bytes], bytes], before: int) -> None:
    assert found_in(noise(1, before) + pack(WHOLE)[:30_000]).cut


def test_a_program_that_cannot_be_started_leaves_a_file_unread_and_not_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host may be at its limit of processes."""

    def refused(*words: object, **more: object) -> None:
        del words, more
        raise BlockingIOError(11, "Resource temporarily unavailable")

    (tmp_path / "packed").write_bytes(lzma.compress(WHOLE))
    (tmp_path / "plain").write_bytes(WHOLE)
    monkeypatch.setattr("subprocess.Popen", refused)
    answer = ask(tmp_path)
    assert answer["unread"] == [str(tmp_path / "packed")]
    assert {tag for each in answer["files"] for tag in each["whole"]} == {LARGE.tag}


def test_a_mistake_of_ours_is_not_taken_for_spoiled_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(stream: Stream, data: bytes) -> None:
        del stream, data
        raise TypeError

    (tmp_path / "plain").write_bytes(WHOLE)
    monkeypatch.setattr(Stream, "feed", mistaken)
    with pytest.raises(TypeError):
        ask(tmp_path)
