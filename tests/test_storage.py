"""Folders by URL."""

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from benchmarks.object_store import BUCKET, ObjectStore, error, object_store

from peerwatch.core import storage
from peerwatch.core.errors import UserError
from peerwatch.core.redaction import scrubbed
from peerwatch.core.storage import _access


@pytest.fixture(scope="module")
def server() -> Generator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def s3(server: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ObjectStore]:
    for name, value in {**server.environment, "PEERWATCH_CACHE": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(_access, "_FIRST_PAUSE", 0.01)
    yield server
    server.answer = lambda _: None


def test_a_path_stays_a_path(tmp_path: Path) -> None:
    assert storage.place("runs/one") == storage.work_folder("runs/one") == Path("runs/one")
    assert storage.place(f"file://{tmp_path}") == tmp_path
    assert storage.fetch(tmp_path) == tmp_path
    assert storage.url_of(tmp_path) == ""
    storage.write(tmp_path / "a" / "b.txt", b"b")
    assert [each.name for each in storage.listing(tmp_path)] == ["a/b.txt"]
    assert storage.read(tmp_path / "a" / "b.txt") == b"b"


@pytest.mark.parametrize("url", ["s3://", "s3:///", "s3://bucket/../other", "s3://bucket//folder"])
def test_a_url_that_names_no_place_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="is not a place in a store"):
        storage.place(url)


@pytest.mark.parametrize(("url", "why"), [("gs://bucket/run", "gcsfs"), ("nothing://x/y", "Protocol not known")])
def test_what_cannot_be_read_names_the_package_or_the_protocols(url: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        storage.exists(storage.place(url))


@pytest.mark.parametrize("base", ["memory://run", f"s3://{BUCKET}/run"])
def test_what_was_published_is_fetched(base: str, s3: ObjectStore) -> None:
    del s3
    work = storage.work_folder(base)
    work.mkdir(parents=True)
    for name, text in {
        "plan.json": "1",
        "logs/one/a.eval": "aa",
        "logs/two/b.eval": "b",
        "report.html": "page",
    }.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text, "utf-8")
    storage.publish(work)
    there = storage.place(base)
    assert storage.exists(there)
    assert not storage.exists(there / "nothing")
    assert storage.fetch(there) != work
    found = {each.relative_to(there).as_posix(): each.read_text("utf-8") for each in there.rglob("*") if each.is_file()}
    assert found == {"plan.json": "1", "logs/one/a.eval": "aa", "logs/two/b.eval": "b"}  # pages are left there
    assert [each.name for each in storage.listing(there, "logs/*/*.eval")] == ["logs/one/a.eval", "logs/two/b.eval"]
    assert scrubbed(f"{there / 'plan.json'} is damaged") == f"{base}/plan.json is damaged"
    # What changes is fetched again, what is gone goes.
    storage.write(work / "plan.json", b"2")
    store, inside = storage.filesystem(there / "logs" / "two" / "b.eval")
    store.rm_file(inside)
    storage.fetch(there)
    assert (there / "plan.json").read_text("utf-8") == "2"
    assert not (there / "logs" / "two" / "b.eval").exists()
    # One file is a place too.
    one = storage.fetch(storage.place(f"{base}/logs/one/a.eval"))
    assert one.read_text("utf-8") == "aa"
    assert storage.read(one) == b"aa"
    with pytest.raises(FileNotFoundError):
        storage.read(there / "nothing")


def test_what_was_fetched_is_not_read_again(s3: ObjectStore) -> None:
    there = storage.place(f"s3://{BUCKET}/once")
    for number in range(5):
        storage.write(there / f"{number}.json", b"x" * number)
    storage.fetch(there)
    s3.requests.clear()
    storage.fetch(there)
    assert [path for method, path in s3.requests if method == "GET" and path.endswith(".json")] == []


@pytest.mark.parametrize("status", ["503 Slow Down", "500 Internal Server Error"])
def test_a_store_out_of_order_is_tried_again(s3: ObjectStore, status: str) -> None:
    left = [4]

    def sometimes(environ: dict[str, Any]) -> tuple[str, bytes] | None:
        if environ["REQUEST_METHOD"] in ("PUT", "GET") and left[0]:
            left[0] -= 1
            return error("InternalError", status)
        return None

    there = storage.place(f"s3://{BUCKET}/again")
    s3.answer = sometimes
    storage.write(there / "a.json", b"a")
    assert left == [0]
    left[0] = 4
    assert storage.fetch(there).joinpath("a.json").read_bytes() == b"a"


def test_a_store_that_does_not_answer_is_tried_again(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_access, "_ANSWER", 2)
    left = [1]

    def late(environ: dict[str, Any]) -> tuple[str, bytes] | None:
        if environ["REQUEST_METHOD"] == "PUT" and left[0]:
            left[0] -= 1
            time.sleep(3)
        return None

    s3.answer = late
    storage.write(storage.place(f"s3://{BUCKET}/late-answer/a.json"), b"a")
    assert left == [0]
    assert storage.read(storage.place(f"s3://{BUCKET}/late-answer/a.json")) == b"a"


def test_a_folder_is_replaced_whole(s3: ObjectStore) -> None:
    del s3
    out = storage.work_folder(f"s3://{BUCKET}/export")
    storage.write(out / "old.csv", b"old")
    out.mkdir(parents=True)
    (out / "new.csv").write_bytes(b"new")
    storage.replace(out)
    assert [each.name for each in storage.listing(out)] == ["new.csv"]


def test_a_store_that_stays_out_of_order_is_named(s3: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_access, "_PATIENCE", 0.1)
    s3.answer = lambda _: error("InternalError", "503 Slow Down")
    with pytest.raises(storage.StorageError, match=rf"s3://{BUCKET}/down/a.json cannot be written: .*was tried for"):
        storage.write(storage.place(f"s3://{BUCKET}/down") / "a.json", b"a")


def test_a_store_that_refuses_is_not_asked_again(s3: ObjectStore) -> None:
    s3.answer = lambda environ: error("AccessDenied", "403 Forbidden") if environ["REQUEST_METHOD"] == "PUT" else None
    s3.requests.clear()
    with pytest.raises(storage.StorageError, match=r"cannot be written: .*permissions of the bucket"):
        storage.write(storage.place(f"s3://{BUCKET}/closed") / "a.json", b"a")
    assert len(s3.requests) == 1
    s3.answer = lambda _: None
    with pytest.raises(storage.StorageError, match=r"s3://nowhere/a.json cannot be written"):
        storage.write(storage.place("s3://nowhere/a.json"), b"a")


def test_a_file_that_a_listing_lacks_is_fetched_by_name(s3: ObjectStore) -> None:
    there = storage.place(f"s3://{BUCKET}/late")
    storage.write(there / "a.json", b"a")

    def empty(environ: dict[str, Any]) -> tuple[str, bytes] | None:
        if "list-type=2" not in environ["QUERY_STRING"]:
            return None
        names = "<Name>bucket</Name><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>"
        return "200 OK", f"<?xml version='1.0'?><ListBucketResult>{names}</ListBucketResult>".encode()

    s3.answer = empty
    assert not (storage.fetch(there) / "a.json").exists()
    assert (storage.fetch(there, also=["a.json"]) / "a.json").read_bytes() == b"a"
    with pytest.raises(storage.StorageError, match=r"b\.json is not in the store"):
        storage.fetch(there, also=["b.json"])
