"""The live report of a run, served on localhost only."""

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rich.console import Console

from peerwatch.cli.commands.report import REPORT, page_of
from peerwatch.core.errors import UserError
from peerwatch.records import StudyError
from peerwatch.reports import Page
from peerwatch.running._read_studies import read_studies

LOOPBACK = "127.0.0.1"
EVERY = 15.0
"""Minimum seconds between two pages."""
SLOWEST = 10.0
"""Maximum seconds for a browser to send its request or to receive the response."""
SHARE = 0.1
"""Maximum share of the run's time spent on making pages."""
WAITING = "<!doctype html><html lang='en'><meta charset='utf-8'><meta http-equiv='refresh' content='5'>\
<title>Peerwatch</title><p>No episode has ended yet. This page reloads every five seconds."


@dataclass
class Latest:
    """The newest page of a run, and the number of pages so far."""

    page: Page = field(default_factory=lambda: Page(WAITING, {}))
    version: int = 0
    episodes: int = 0

    def answer(self, path: str) -> tuple[str, str] | None:
        """Return the content type and text of a requested path; `None` if it does not exist."""
        if path in ("/", f"/{REPORT}"):
            return "text/html; charset=utf-8", self.page.html
        if path == "/version":
            return "text/plain; charset=utf-8", str(self.version)
        script = self.page.beside.get(path.removeprefix("/"))
        return None if script is None else ("text/javascript; charset=utf-8", script)


@contextmanager
def watched(folder: Path, port: int, out: Console) -> Generator[None]:
    """Serve the report of a run's folder until the run ends.

    Args:
        folder: The run's folder.
        port: Port to listen on; 0 for any free port.
        out: Where to print the address.

    Raises:
        StudyError: If the port is not available.
    """
    latest, over = Latest(), threading.Event()
    server = _server(latest, port)
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=_renew, args=(latest, folder, over), daemon=True),
    ]
    for thread in threads:
        thread.start()
    out.print(f"Watch at http://{LOOPBACK}:{server.server_port}/ (this machine only)", markup=False)
    try:
        yield
    finally:
        over.set()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """A server that prints nothing when a browser disconnects."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore broken connections; report other errors as usual."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] - passed on unchanged


def _server(latest: Latest, port: int) -> ThreadingHTTPServer:
    try:
        return _Server((LOOPBACK, port), handler(latest))
    except OSError as error:
        raise StudyError(
            f"--port {port} is not available: {error.strerror}. Give another port, or drop --port to use any free one."
        ) from error


def _renew(latest: Latest, folder: Path, over: threading.Event) -> None:
    pause = 1.0
    while not over.wait(pause):
        begun = time.monotonic()
        with suppress(UserError, OSError):  # a log is being written or does not exist yet: keep the previous page
            _snapshot(latest, folder)
        pause = max(EVERY, (time.monotonic() - begun) / SHARE)


def _snapshot(latest: Latest, folder: Path) -> None:
    """Make a new page if an episode has ended since the last one."""
    study, validation = read_studies([folder])
    if len(study.episodes) != latest.episodes:
        version = latest.version + 1
        latest.page = page_of([folder], study, validation, folder / REPORT, live=version)
        latest.version, latest.episodes = version, len(study.episodes)


def handler(latest: Latest) -> type[BaseHTTPRequestHandler]:
    """Return a handler that serves browsers on this machine, and refuses requests from other sites' pages."""

    class Answer(BaseHTTPRequestHandler):
        timeout = SLOWEST

        def do_GET(self) -> None:
            host = (self.headers.get("Host") or "").rpartition(":")[0]
            found = latest.answer(self.path.partition("?")[0]) if host in (LOOPBACK, "localhost") else None
            kind, text = found or ("text/plain; charset=utf-8", "Not found.")
            body = text.encode()
            self.send_response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
            for name, value in {
                "Content-Type": kind,
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Cross-Origin-Resource-Policy": "same-origin",
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the server's name
            """Print nothing, so that the terminal shows only the run."""

    return Answer
