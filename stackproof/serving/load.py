"""A steady number of requests at a time, and a request that is far too large."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from stackproof.serving.wire import BROKEN, Line, Wire

ANSWER_WITHIN = 15.0  # seconds
FIELD = "X-Padding-{number}: {value}\r\n"
FIELD_BYTES = 4_096  # of a header field: below what servers allow a single one
SENT_TOGETHER = 65_536


def steady_load(wire: Wire, path: str, carried: Mapping[str, Any], at_a_time: int, each: int) -> Counter[int]:
    """Read a path on so many connections, one request after another on each; statuses, 0 for no answer."""

    async def run() -> Counter[int]:
        url = wire.url(path)
        request = wire.request("GET", url, carried)
        seen: Counter[int] = Counter()

        async def one() -> None:
            line: Line | None = None
            for _ in range(each):
                line, status = await _ask(wire, url, request, line)
                seen[status] += 1
            if line is not None:
                line.cut()

        await asyncio.gather(*(one() for _ in range(at_a_time)))
        return seen

    return asyncio.run(run())


async def _ask(wire: Wire, url: str, request: bytes, line: Line | None) -> tuple[Line | None, int]:
    """(the connection where it lasts, the status or 0) of a request on a connection, or on a new one."""
    head = None
    with suppress(*BROKEN, TimeoutError):
        if line is None:
            line = await asyncio.wait_for(wire.open(url), ANSWER_WITHIN)
        line.write(request)
        head, _ = await asyncio.wait_for(line.answer(), ANSWER_WITHIN)
    if line is not None and (head is None or not head.lasting):
        line.cut()
        line = None
    return line, head.status if head else 0


@dataclass(frozen=True, slots=True)
class TooLarge:
    """What came of a request that is too large.

    Attributes:
        status: 0 for no answer.
        sent: bytes that were taken, or lay in buffers on the way.
        cut: the connection ended without an answer.
    """

    status: int
    sent: int
    cut: bool


def headers_of(wire: Wire, path: str, carried: Mapping[str, Any], size: int) -> TooLarge:
    """A GET with so many bytes of header fields."""
    url = wire.url(path)
    head = wire.request("GET", url, {**carried, "body": None})[:-2]
    fields = (FIELD.format(number=number, value="x" * FIELD_BYTES).encode() for number in range(size // FIELD_BYTES))
    data = head + b"".join(fields) + b"\r\n"
    return asyncio.run(_send_large(wire, url, data))


async def _send_large(wire: Wire, url: str, data: bytes) -> TooLarge:
    """Send in parts, and listen meanwhile: a server that refuses does so before the end."""
    try:
        line = await asyncio.wait_for(wire.open(url), ANSWER_WITHIN)
    except (OSError, TimeoutError):
        return TooLarge(0, 0, cut=False)
    sent = 0

    async def send() -> None:
        nonlocal sent
        with suppress(OSError):
            for start in range(0, len(data), SENT_TOGETHER):
                part = data[start : start + SENT_TOGETHER]
                await line.send(part)
                sent += len(part)

    sending = asyncio.create_task(send())
    try:
        head = await asyncio.wait_for(line.head(), ANSWER_WITHIN)
        return TooLarge(head.status, sent, cut=False)
    except TimeoutError:
        return TooLarge(0, sent, cut=False)
    except BROKEN:
        return TooLarge(0, sent, cut=True)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        line.cut()
