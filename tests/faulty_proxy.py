"""A proxy on the loopback between the assistant and a model server, which breaks what passes as it is told.

In: the model's address and a `Fault`, changed at any time. Out: an address to use in its place, how often it was called
and when a fault struck. It speaks as much HTTP/1.1 as a chunked answer needs and looks into no message.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

Kind = Literal["none", "silence", "status", "cut", "reset", "junk", "half", "drip"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the calls that begin while it holds.

    silence   the request is taken and nothing is answered
    status    `status` is answered, with `retry_after` where that is not empty, and the model is not asked
    cut       after `at` chunks the connection ends in good order;  reset: it breaks
    junk      before chunk `at` stands a frame of `junk`, and what follows is passed on
    half      chunk `at` ends in its middle, and so does the answer
    drip      from chunk `at` on a byte passes every `pause_s` seconds
    """

    kind: Kind = "none"
    at: int = 0
    status: int = 503
    retry_after: str = ""
    junk: bytes = b"data: {oops\n\n"
    pause_s: float = 0.1


class FaultyProxy:
    """Use it as a context manager. `calls` are those it took, `struck_at` when faults struck (`time.monotonic`)."""

    def __init__(self, upstream: str) -> None:
        self.fault = Fault()
        self.calls = 0
        self.struck_at: list[float] = []
        place = urlsplit(upstream)
        self._upstream = (place.hostname or "", place.port or 80)
        self._path = place.path
        self._port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        """The base URL, as it stands in a SPEC."""
        return f"http://127.0.0.1:{self._port}{self._path}"

    def __enter__(self) -> FaultyProxy:
        self._thread.start()
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def up(self) -> None:
        """Listen, at the address of before if there was one."""
        self._do(self._listen())

    def down(self) -> None:
        """Break every connection and refuse new ones, as a machine does whose process was killed."""
        self._do(self._close())

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port, backlog=256)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._pass(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # one side has gone
        except asyncio.CancelledError:
            _reset(writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the connection may be used again."""
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head))
        fault = self.fault
        self.calls += 1
        if fault.kind == "silence":
            self._strike()
            await reader.read()
            return False
        if fault.kind == "status":
            self._strike()
            asked = f"retry-after: {fault.retry_after}\r\n" if fault.retry_after else ""
            told = b'{"error": {"message": "not now"}}'
            answer = f"HTTP/1.1 {fault.status} Later\r\n{asked}content-length: {len(told)}\r\n\r\n"
            writer.write(answer.encode() + told)
            await writer.drain()
            return True
        there, back = await asyncio.open_connection(*self._upstream)
        try:
            back.write(head + body)
            writer.write(await there.readuntil(b"\r\n\r\n"))
            async for number, chunk in _chunks(there):
                if not await self._pass_chunk(fault, number, chunk, writer):
                    return False
                await writer.drain()
        finally:
            back.close()
        return True

    async def _pass_chunk(self, fault: Fault, number: int, chunk: bytes, writer: asyncio.StreamWriter) -> bool:
        """Pass one chunk on, or what the fault makes of it; whether more may follow."""
        if fault.kind == "none" or number < fault.at:
            writer.write(_chunked(chunk))
            return True
        if number == fault.at:
            self._strike()
        match fault.kind:
            case "cut":
                return False
            case "reset":
                _reset(writer)
                return False
            case "half":
                writer.write(_chunked(chunk[: len(chunk) // 2]) + _chunked(b""))
                await writer.drain()
                return False
            case "junk" if number == fault.at:
                writer.write(_chunked(fault.junk))
            case "drip" if chunk:
                for byte in chunk:
                    writer.write(_chunked(bytes([byte])))
                    await writer.drain()
                    await asyncio.sleep(fault.pause_s)
                return True
        writer.write(_chunked(chunk))
        return True

    def _strike(self) -> None:
        self.struck_at.append(time.monotonic())


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int, bytes]]:
    """The chunks of an answer with their numbers; the last one is empty."""
    for number in range(1_000_000):
        size = int(await reader.readline(), 16)
        chunk = await reader.readexactly(size)
        await reader.readline()
        yield number, chunk
        if size == 0:
            return


def _chunked(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            # Lingering for 0 s makes the kernel send a reset in place of an orderly end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
