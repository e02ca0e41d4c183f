"""A provider that quotes what it was sent: the key in its errors and answers, with signs that steer a terminal."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STEERING = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e"
"""Clears a screen, sets a window's title, changes a color, and turns a line round."""


@contextmanager
def quoting() -> Generator[tuple[str, list[Mapping[str, str]]]]:
    """Serve while the block lasts; gives the address and the headers of all requests so far.

    The model `error` is refused with 400, after 150 letters, so that a reason of 160 is cut within the key. The model
    `answer` answers with its key in the text and a usage below zero.
    """
    met: list[Mapping[str, str]] = []

    class Quotes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            met.append(dict(self.headers.items()))
            key = self.headers["Authorization"]
            quoted = f"{STEERING}{'x' * 118} key={key} x-auth={self.headers.get('X-Auth')}"
            if asked["model"] == "error":
                self._send(400, {"error": {"message": quoted, "type": "invalid_request_error", "code": key}})
                return
            message = {"role": "assistant", "content": f"I was called with {key}."}
            usage = {"prompt_tokens": -900_000, "completion_tokens": 5, "total_tokens": -899_995}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self._send(
                200,
                {
                    "id": "1",
                    "object": "chat.completion",
                    "created": 1,
                    "model": "m",
                    "choices": [choice],
                    "usage": usage,
                },
            )

        def _send(self, status: int, body: object) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quotes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", met
    finally:
        server.shutdown()
        server.server_close()
