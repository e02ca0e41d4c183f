"""An S3 server on loopback that can be told to fail: moto's, behind a small WSGI layer."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # pyright: ignore[reportMissingTypeStubs]
from werkzeug.serving import make_server

BUCKET = "bucket"
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}

Answer = Callable[[dict[str, Any]], tuple[str, bytes] | None]
"""What a request gets in place of the server's answer: status and body; `None` for the server's own."""


@dataclass
class ObjectStore:
    """A running server.

    Attributes:
        url: Its address.
        answer: Decides about each request first.
        requests: Method and path of every request so far.
    """

    url: str
    answer: Answer = lambda _: None
    requests: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def environment(self) -> dict[str, str]:
        """Variables that make a process use this server."""
        return {**KEYS, "AWS_ENDPOINT_URL": self.url}


def error(code: str, status: str) -> tuple[str, bytes]:
    """An error as S3 gives it."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code} of the test</Message></Error>"
    return status, body.encode()


@contextmanager
def object_store() -> Generator[ObjectStore]:
    """An S3 server with one empty bucket, until the block ends."""
    inner = DomainDispatcherApplication(create_backend_app)
    store = ObjectStore("")

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        store.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if (instead := store.answer(environ)) is None:
            return inner(environ, start)
        status, body = instead
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it prints a line for every request
    server = make_server("127.0.0.1", 0, application, threaded=True)
    store.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        _make_bucket(store.url)
        yield store
    finally:
        server.shutdown()
        thread.join()


def _make_bucket(url: str) -> None:
    from urllib.request import Request, urlopen

    for _ in range(50):
        try:
            # moto keeps what it holds for the whole process, also when a server is gone.
            urlopen(Request(f"{url}/moto-api/reset", method="POST"), timeout=10).close()  # noqa: S310 - our own server
            urlopen(Request(f"{url}/{BUCKET}", method="PUT"), timeout=10).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
