"""The model API of a machine, in front of another server: `model_api.py PORT BEHIND MODEL`.

The server behind answers OpenAI's chat completions and responses, Anthropic's messages and Gemini's `generateContent`.
This one adds what clients ask for besides: the list of models, counts of tokens (an estimate), `previous_response_id`,
and the events of a streamed response in the order in which OpenAI's clients put them together. Everything else is
passed on as it is. Python's standard library is all that it needs.
"""

# It lies on the machine, where whoever works there can read it: nothing here says what the machine is for.

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CHARACTERS_A_TOKEN = 4
"""By which tokens are estimated; no provider's own count is asked for."""

SERVED = (
    "POST /v1/chat/completions, /v1/responses, /v1/messages, /v1/messages/count_tokens, "
    "/v1beta/models/NAME:generateContent, :streamGenerateContent and :countTokens, and GET /v1/models"
)
"""What there is, for those who ask for something else."""

_HOP = frozenset(
    {"connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that concern one connection alone."""

Json = dict[str, Any]


class Conversations:
    """What was asked and answered, by the ids of responses."""

    def __init__(self) -> None:
        self._known: dict[str, list[Any]] = {}
        self._lock = threading.Lock()

    def continued(self, asked: Json) -> Json | None:
        """A request with its whole history; `None` if it continues an unknown response."""
        given: Any = asked.get("input") or []
        items: list[Any] = [{"role": "user", "content": given}] if isinstance(given, str) else list(given)
        before = asked.get("previous_response_id")
        if before is not None:
            with self._lock:
                earlier = self._known.get(str(before))
            if earlier is None:
                return None
            items = [*earlier, *items]
        return {key: value for key, value in asked.items() if key != "previous_response_id"} | {"input": items}

    def keep(self, asked: Json, answer: Json) -> None:
        """Note an answer, so that it can be continued."""
        with self._lock:
            self._known[str(answer.get("id"))] = [*asked["input"], *(answer.get("output") or [])]


def events_of(response: Json) -> Iterator[Json]:
    """A response as the events of a stream, each item added once and completed once."""
    output = [{"id": f"item_{number}", **item} for number, item in enumerate(response.get("output") or [])]
    begun: Json = {**response, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for number, item in enumerate(output):
        yield from _item(number, item)
    status = response.get("status") or "completed"
    kind = status if status in ("completed", "incomplete", "failed") else "completed"
    yield {"type": f"response.{kind}", "response": {**response, "output": output}}


def _item(number: int, item: Json) -> Iterator[Json]:
    where: Json = {"output_index": number, "item_id": item["id"]}
    kind = item.get("type")
    unfilled: dict[str, Json] = {"message": {"content": list[Any](), "status": "in_progress"}}
    unfilled["function_call"] = {"arguments": ""}
    empty = unfilled.get(str(kind), Json())
    yield {"type": "response.output_item.added", "output_index": number, "item": {**item, **empty}}
    if kind == "message":
        for place, part in enumerate(item.get("content") or []):
            yield from _part({**where, "content_index": place}, part)
    elif kind == "function_call":
        name, arguments = "response.function_call_arguments", item.get("arguments") or ""
        yield {"type": f"{name}.delta", **where, "delta": arguments}
        yield {"type": f"{name}.done", **where, "arguments": arguments, "name": item.get("name")}
    yield {"type": "response.output_item.done", "output_index": number, "item": item}


def _part(where: Json, part: Json) -> Iterator[Json]:
    kind = str(part.get("type"))
    key = "refusal" if kind == "refusal" else "text"
    name, words = "response.refusal" if kind == "refusal" else "response.output_text", part.get(key) or ""
    logs: Json = {} if kind == "refusal" else {"logprobs": []}
    yield {"type": "response.content_part.added", **where, "part": {**part, key: ""}}
    yield {"type": f"{name}.delta", **where, "delta": words, **logs}
    yield {"type": f"{name}.done", **where, key: words, **logs}
    yield {"type": "response.content_part.done", **where, "part": part}


def estimate(asked: Json) -> int:
    """Tokens of a request, from its characters."""
    words = json.dumps({key: value for key, value in asked.items() if key != "model"}, ensure_ascii=False)
    return -(-len(words) // CHARACTERS_A_TOKEN)


def models(path: str, model: str, *, anthropic: bool) -> Json:
    """The list of models, or the one that was asked for, in the dialect of the client."""
    alone = path.rstrip("/").rpartition("/")[2] != "models"
    if "/v1beta/" in path:
        methods = ["generateContent", "streamGenerateContent", "countTokens"]
        one: Json = {"name": f"models/{model}", "displayName": model, "supportedGenerationMethods": methods}
        return one if alone else {"models": [one]}
    if anthropic:
        one = {"type": "model", "id": model, "display_name": model, "created_at": "2025-01-01T00:00:00Z"}
        return one if alone else {"data": [one], "has_more": False, "first_id": model, "last_id": model}
    one = {"id": model, "object": "model", "created": 1735689600, "owned_by": "organization"}
    return one if alone else {"object": "list", "data": [one]}


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    behind: int
    model: str
    conversations: Conversations

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Keep silent."""

    def do_GET(self) -> None:
        """The models; anything else is asked for behind."""
        path = self.path.partition("?")[0]
        if path.startswith(("/v1/models", "/v1beta/models", "/models")):
            self._send(200, models(path, self.model, anthropic="anthropic-version" in self.headers))
        else:
            self._pass_on(b"")

    def do_POST(self) -> None:
        """Count tokens, continue a response, or pass the request on."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0].rstrip("/")
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        if isinstance(asked, dict) and path.endswith("/messages/count_tokens"):
            self._send(200, {"input_tokens": estimate(asked)})  # pyright: ignore[reportUnknownArgumentType] - any JSON
        elif isinstance(asked, dict) and path.endswith(":countTokens"):
            self._send(200, {"totalTokens": estimate(asked)})  # pyright: ignore[reportUnknownArgumentType] - as above
        elif isinstance(asked, dict) and path.endswith("/responses"):
            self._respond(asked)  # pyright: ignore[reportUnknownArgumentType] - as above
        else:
            self._pass_on(body)

    def do_DELETE(self) -> None:
        """Pass it on."""
        self._pass_on(b"")

    def _respond(self, asked: Json) -> None:
        streamed = bool(asked.get("stream"))
        whole = self.conversations.continued(asked)
        if whole is None:
            known = f"Previous response with id {asked['previous_response_id']!r} not found."
            self._fail(400, known, "previous_response_not_found")
            return
        status, headers, answer = self._ask(json.dumps(whole | {"stream": False}).encode())
        if status != 200:
            self._write(status, headers, answer)
            return
        response: Json = json.loads(answer)
        self.conversations.keep(whole, response)
        if not streamed:
            self._write(status, headers, answer)
            return
        lines = [
            f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
            for number, event in enumerate(events_of(response))
        ]
        self._write(200, [("content-type", "text/event-stream; charset=utf-8")], "".join(lines).encode())

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection("127.0.0.1", self.behind)
        try:
            connection.request(self.command, self.path, body, self._headers(len(body)))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _headers(self, length: int) -> dict[str, str]:
        own = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        own = {name: value for name, value in own.items() if name.lower() != "accept-encoding"}
        return own | {"content-length": str(length)}

    def _pass_on(self, body: bytes) -> None:
        """Pass a request on, and the answer back as it comes."""
        connection = HTTPConnection("127.0.0.1", self.behind)
        try:
            connection.request(self.command, self.path, body, self._headers(len(body)))
            answer = connection.getresponse()
            if answer.status in (404, 405):
                self._fail(
                    answer.status, f"There is no {self.command} {self.path} here. There is {SERVED}.", "not_found"
                )
                return
            self._begin(answer.status, answer.getheaders())
            while part := answer.read1(65536):
                self.wfile.write(part)
                self.wfile.flush()
        finally:
            connection.close()

    def _fail(self, status: int, message: str, code: str) -> None:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
        self._send(status, {"type": "error", "error": error})

    def _send(self, status: int, content: Json) -> None:
        self._write(status, [("content-type", "application/json")], json.dumps(content).encode())

    def _write(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self._begin(status, headers, length=len(body))
        self.wfile.write(body)

    def _begin(self, status: int, headers: list[tuple[str, str]], *, length: int | None = None) -> None:
        """Send the headers of an answer; without a length it ends with the connection."""
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()


def serve(port: int, behind: int, model: str) -> ThreadingHTTPServer:
    """A server on a port of loopback that is ready to be run.

    Args:
        port: Where it listens; 0 for any.
        behind: Where the other server listens.
        model: Name of the model.
    """
    own = {"behind": behind, "model": model, "conversations": Conversations()}
    return ThreadingHTTPServer(("127.0.0.1", port), type("Bound", (Handler,), own))


def wait_for(port: int) -> None:
    """Wait until a port of loopback is listened at, for half a minute at most."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    wait_for(int(sys.argv[2]))  # a client takes this port for the sign that it can ask
    serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]).serve_forever()
