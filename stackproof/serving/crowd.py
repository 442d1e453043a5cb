"""Requests one after another, and many at the same moment, over connections that stand before."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from stackproof.serving.wire import BROKEN, Line, Wire

OPEN_TOGETHER = 20  # handshakes at a time
OPEN_WITHIN = 15.0  # seconds for all of them


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of simultaneous requests.

    Attributes:
        seconds: until the last answer, or until no more was waited for.
        statuses: of the answers, with their numbers; 0 for what was no answer.
        size: requests that were sent.
        warm: the connections stood before the first request was sent.
    """

    seconds: float
    statuses: Mapping[int, int]
    size: int
    warm: bool

    @property
    def answered(self) -> int:
        """Answers with success."""
        return sum(number for status, number in self.statuses.items() if 200 <= status < 300)

    @property
    def odd(self) -> dict[int, int]:
        """Answers of another kind: what they mean for waiting is not known."""
        return {status: number for status, number in self.statuses.items() if status and not 200 <= status < 300}


async def alone(wire: Wire, url: str, request: bytes, times: int, within: float) -> tuple[list[float], list[int]]:
    """(seconds, statuses) of requests one after another; a connection that does not last is opened again."""
    took, statuses = [], []
    loop = asyncio.get_running_loop()
    line = await asyncio.wait_for(wire.open(url), within)
    try:
        for _ in range(times):
            began = loop.time()
            line.write(request)
            head, _ = await asyncio.wait_for(line.answer(), within)
            took.append(loop.time() - began)
            statuses.append(head.status)
            line.cut()
            line = await asyncio.wait_for(wire.open(url), within)
    finally:
        line.cut()
    return took, statuses


async def crowd(wire: Wire, url: str, request: bytes, size: int, within: float) -> Crowd:
    """Send a request on `size` connections at once, and wait at most so many seconds for the answers.

    The connections are opened before. Where that does not work (a server that takes no second connection while one is
    idle) each is opened with its request.
    """
    lines = await _opened(wire, url, size)
    loop = asyncio.get_running_loop()
    warm = len(lines) == size
    if not warm:
        for line in lines:
            line.cut()

    async def one(number: int) -> int:
        for opened in (lines[number], None) if warm else (None,):  # servers close what was idle for a while
            line = opened
            with suppress(*BROKEN):
                try:
                    line = line or await wire.open(url)
                    line.write(request)
                    return (await line.answer())[0].status
                finally:
                    if line is not None:
                        line.cut()
        return 0

    began = loop.time()
    tasks = [asyncio.create_task(one(number)) for number in range(size)]
    done, pending = await asyncio.wait(tasks, timeout=within)
    seconds = loop.time() - began
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return Crowd(seconds, Counter(task.result() for task in done), size, warm)


async def _opened(wire: Wire, url: str, size: int) -> list[Line]:
    """Connections, all or as many as could be opened in time."""
    lines: list[Line] = []
    gate = asyncio.Semaphore(OPEN_TOGETHER)

    async def one() -> None:
        async with gate:
            with suppress(*BROKEN):
                lines.append(await wire.open(url))

    tasks = [asyncio.create_task(one()) for _ in range(size)]
    _, pending = await asyncio.wait(tasks, timeout=OPEN_WITHIN)
    for task in pending:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return lines


async def control(size: int, seconds: float) -> float:
    """The ratio of a small server of this process that waits as long: how busy this side and its machine are."""
    loop = asyncio.get_running_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*BROKEN):
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(seconds)
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=size)
    port = server.sockets[0].getsockname()[1]
    lines: list[Line] = []
    try:
        lines += [Line(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(size)]
        began = loop.time()
        for line in lines:
            line.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.gather(*(line.head() for line in lines))
        return (loop.time() - began) / seconds
    finally:
        for line in lines:
            line.cut()
        server.close()
