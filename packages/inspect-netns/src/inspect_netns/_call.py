"""Send one request to a host and collect the result."""

import json
import os
import socket
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

import anyio

from .supervisor import Answer, Request

_PART: Final = 1 << 16
_PIPE: Final = 1 << 20
"""Maximum capacity of a pipe in bytes, `/proc/sys/fs/pipe-max-size`."""

_PATIENCE: Final = 0.5
"""Seconds to wait for output after the program has ended, if a process that it left behind keeps its streams open."""


@dataclass(frozen=True)
class RequestResult:
    """The result of a request, with the last bytes of each stream up to the requested limit."""

    answer: Answer
    stdout: bytes
    stderr: bytes


class ChannelClosedError(Exception):
    """The host no longer accepts requests."""


def _sent(channel: socket.socket, request: Request, streams: tuple[int, int, int]) -> socket.socket:
    """Send a request with its three streams, and return the socket for the answer."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # Sent as a file, because a packet is smaller than the arguments that the kernel allows.
    written = os.memfd_create("request")
    try:
        with open(written, "wb", closefd=False) as file:
            file.write(json.dumps(request).encode())
        socket.send_fds(channel, [b"do"], [written, *streams, far.fileno()])
    except OSError as closed:
        near.close()
        raise ChannelClosedError from closed
    finally:
        os.close(written)
        far.close()
    near.setblocking(False)  # noqa: FBT003 - the method's own way
    return near


class _Stream:
    """Collects the output of a pipe; keeps the last bytes up to a limit."""

    def __init__(self, descriptor: int, limit: int) -> None:
        self.descriptor, self._limit = descriptor, limit
        self._kept = bytearray()
        self.came = 0
        self.ended = anyio.Event()

    async def fill(self) -> None:
        while True:
            await anyio.wait_readable(self.descriptor)
            try:
                part = os.read(self.descriptor, _PART)
            except BlockingIOError:
                continue
            if not part:
                self.ended.set()
                return
            self._keep(part)

    def _keep(self, part: bytes) -> None:
        self.came += len(part)
        self._kept += part
        if len(self._kept) > 2 * self._limit + _PART:
            del self._kept[: -self._limit]

    def take_rest(self) -> None:
        """Read what is in the pipe now; at most one pipe's capacity, since a process may still be writing."""
        for _ in range(_PIPE // _PART):
            try:
                part = os.read(self.descriptor, _PART)
            except BlockingIOError:
                return
            if not part:
                return
            self._keep(part)

    def data(self) -> bytes:
        return bytes(self._kept[-self._limit :])


async def _drained(*streams: _Stream) -> None:
    """Read the remaining output until all streams end or the time is over."""
    before = -1
    while not all(each.ended.is_set() for each in streams) and (came := sum(each.came for each in streams)) != before:
        before = came
        with anyio.move_on_after(_PATIENCE):
            for each in streams:
                await each.ended.wait()
    # On a busy machine, the time may be over before this process could read anything.
    for each in streams:
        if not each.ended.is_set():
            each.take_rest()


async def _feed(stream: BinaryIO, data: bytes) -> None:
    left = memoryview(data)
    with stream, suppress(BrokenPipeError):
        while left:
            await anyio.wait_writable(stream)
            try:
                left = left[os.write(stream.fileno(), left[:_PART]) :]
            except BlockingIOError:
                continue


async def _answer(status: socket.socket) -> Answer | None:
    await anyio.wait_readable(status)
    try:
        data = status.recv(4096)
    except ConnectionResetError:
        return None
    return cast("Answer", json.loads(data)) if data else None


async def ask(channel: socket.socket, request: Request, given: bytes, limit: int) -> RequestResult:
    """Send a request to a host and wait for the result.

    Args:
        channel: The host's channel.
        request: The request, with the user who carries it out.
        given: Standard input of the program.
        limit: Maximum bytes kept of each stream; the last ones are kept.

    Returns:
        The answer with the output. If this call is cancelled, the host ends the program.

    Raises:
        ChannelClosedError: The host has ended, before or during the request.
    """
    answer: Answer | None = None
    with ExitStack() as stack:
        stdin, feed = os.pipe()
        out, stdout = os.pipe()
        err, stderr = os.pipe()
        try:
            for each in (out, err):
                stack.callback(os.close, each)
            feeding = stack.enter_context(open(feed, "wb", buffering=0))  # noqa: ASYNC230, PTH123 - a pipe
            status = stack.enter_context(_sent(channel, request, (stdin, stdout, stderr)))
        finally:
            for each in (stdin, stdout, stderr):
                os.close(each)
        for each in (feed, out, err):
            os.set_blocking(each, False)
        said = _Stream(out, limit), _Stream(err, limit)
        async with anyio.create_task_group() as tasks:
            for each in said:
                tasks.start_soon(each.fill)
            tasks.start_soon(_feed, feeding, given)
            answer = await _answer(status)
            if answer is not None:
                await _drained(*said)
            tasks.cancel_scope.cancel()
        ended = RequestResult(answer or {}, said[0].data(), said[1].data())
    if answer is None:
        raise ChannelClosedError
    return ended
