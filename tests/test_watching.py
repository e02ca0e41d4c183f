"""The report of a run while it goes on: served to this machine alone, renewed when an episode has ended."""

import http.client
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from peerwatch.cli.commands import watch as watching
from peerwatch.cli.commands.watch import watched
from peerwatch.records import LogError, Study, StudyError, Validation

from . import study_factory as make
from .browser import chromium, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class Run:
    """A run of which more and more episodes have ended; at first its logs cannot be read."""

    def __init__(self) -> None:
        self.ended = 0

    def read_studies(self, places: list[Path]) -> tuple[Study, Validation | None]:
        assert len(places) == 1
        if not self.ended:
            raise LogError("there is nothing yet")
        return make.study(make.worlds(lambda _subject, _seed: "complied", self.ended)), None


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    found = Run()
    monkeypatch.setattr(watching, "read_studies", found.read_studies)
    monkeypatch.setattr(watching, "EVERY", 0.2)
    monkeypatch.setattr(watching, "SHARE", 1.0)
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium() as found:
        yield found


def port_of(out: io.StringIO) -> int:
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", out.getvalue())
    assert found
    return int(found[1])


def asked(port: int, path: str, host: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def wait_for(port: int, version: str) -> None:
    end = time.monotonic() + 30
    while asked(port, "/version")[1] != version:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_it_waits_and_then_serves_each_newer_page(run: Run, tmp_path: Path) -> None:
    out = io.StringIO()
    with watched(tmp_path, 0, Console(file=out, width=200)):
        port = port_of(out)
        assert "No episode has ended yet" in asked(port, "/")[1]
        run.ended = 2
        wait_for(port, "1")
        status, html = asked(port, "/")
        assert (status, "4 of 4" in html, "connect-src 'self'" in html) == (200, True, True)
        run.ended = 3
        wait_for(port, "2")
        assert "6 of 6" in asked(port, "/")[1]
        for path in ("/../plan.json", "/plan.json", "//etc/passwd"):
            assert asked(port, path)[0] == 404
        assert asked(port, "/", host=f"evil.example:{port}")[0] == 404
    with pytest.raises(OSError, match="refused"):
        asked(port, "/")


def test_a_port_that_is_taken_is_a_clear_mistake(run: Run, tmp_path: Path) -> None:
    out = io.StringIO()
    with (
        watched(tmp_path, 0, Console(file=out, width=200)),
        pytest.raises(StudyError, match=r"--port \d+ is not available"),
        watched(tmp_path, port_of(out), Console(quiet=True)),
    ):
        pass
    assert run.ended == 0


def test_the_view_is_kept_when_a_newer_page_comes(run: Run, tmp_path: Path, browser: "Browser") -> None:
    out = io.StringIO()
    with watched(tmp_path, 0, Console(file=out, width=200)):
        port = port_of(out)
        run.ended = 2
        wait_for(port, "1")
        with opened(browser, f"http://127.0.0.1:{port}/", "#sort=seed") as found:
            run.ended = 3
            found.page.get_by_text("6 of 6").first.wait_for(timeout=30_000)
            found.page.wait_for_selector("html[data-ready=yes]")
            assert found.page.input_value("#episode-filters [name=sort]") == "seed"
            assert [each for each in found.faults() if "favicon" not in each] == []
