"""The least of HTTP that clients of the API need, on raw sockets, so that a connection can be dropped anywhere."""

import asyncio
import json
import time
from dataclasses import dataclass

from ._faults import Reply
from ._service import Service

COMPLETIONS, SEEN = "/v1/chat/completions", "/seen"
_FOR_EVER = 3600.0


@dataclass(frozen=True)
class _Request:
    path: str
    body: bytes


async def serve(service: Service, latency: float) -> None:
    """Serve on a free port of loopback until the process ends; the address is printed as the first line."""

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                if not await _answer(service, request, writer, latency):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has left
        finally:
            writer.transport.abort()  # drops what is unsent, as a broken connection does

    server = await asyncio.start_server(attend, "127.0.0.1", 0, backlog=1024)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    await server.serve_forever()


async def _answer(service: Service, request: _Request, writer: asyncio.StreamWriter, latency: float) -> bool:
    """Answer a request; whether the connection is still whole afterwards."""
    if request.path == SEEN:
        reply = Reply(service.seen)
    elif request.path == COMPLETIONS:
        at = time.time()
        await asyncio.sleep(0)  # all that have come at once are counted from now, not each from the end of the last
        reply = service.reply(json.loads(request.body), at)
        await asyncio.sleep(max(0, at + latency - time.time()))
    else:
        reply = Reply({"error": {"message": f"{request.path} is not served"}}, 404)
    if not reply.sent:
        await asyncio.sleep(_FOR_EVER)
    head, body = _encoded(reply)
    writer.write(head + body[: int(len(body) * reply.sent)])
    await writer.drain()
    return reply.sent == 1


def _encoded(reply: Reply) -> tuple[bytes, bytes]:
    body = (reply.body if isinstance(reply.body, str) else json.dumps(reply.body)).encode()
    headers = {"content-type": "application/json", **reply.headers, "content-length": str(len(body))}
    lines = [f"HTTP/1.1 {reply.status} status", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), body


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    """The next request of a connection; `None` when there is none."""
    first = (await reader.readline()).split()
    if not first:
        return None
    length = 0
    while (line := (await reader.readline()).strip().lower()) != b"":
        name, _, value = line.partition(b":")
        if name == b"content-length":
            length = int(value)
    return _Request(first[1].decode(), await reader.readexactly(length))
