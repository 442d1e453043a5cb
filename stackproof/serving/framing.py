"""Requests whose length is ambiguous or invalid (RFC 9112), and what a server makes of the bytes that follow them.

Each carries a second, complete and harmless request where its body would be. A server that answers both has taken
body for request: behind a proxy that counts otherwise, that is how requests are smuggled.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from stackproof.serving.wire import BROKEN, Line, Wire

WITHIN = 5.0  # seconds for the first answer
QUIET = 1.0  # seconds after which nothing more is expected
NOT_UNDERSTOOD = {501, 505}  # refusals among the server errors

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")


@dataclass(frozen=True, slots=True)
class Case:
    """A request that must not be taken for a good one.

    Attributes:
        name: what is wrong with it.
        lines: header lines; "{length}" is the length of the body.
        before: what the body has before the second request.
        must: the standard demands a refusal; else the end of the connection is enough, whoever ends it and why.
        rule: what is told to whoever thinks that the answer was right.
    """

    name: str
    lines: tuple[str, ...]
    before: bytes = b""
    must: bool = True
    rule: str = ""


CASES = (
    Case("two Content-Length, the second the right one", ("Content-Length: 0", "Content-Length: {length}")),
    Case("two Content-Length, the first the right one", ("Content-Length: {length}", "Content-Length: 0")),
    Case(
        "Content-Length beside Transfer-Encoding: chunked",
        ("Content-Length: {length}", "Transfer-Encoding: chunked"),
        b"0\r\n\r\n",
        must=False,
        rule="Transfer-Encoding alone may be obeyed, and then the connection has to be closed (RFC 9112, section 6.1)",
    ),
    Case("a Content-Length with a sign", ("Content-Length: +{length}",)),
    Case("a Content-Length of two numbers", ("Content-Length: {length}, 0",)),
    Case("a Transfer-Encoding that nobody knows", ("Transfer-Encoding: xchunked",)),
    Case("a blank before the colon of Content-Length", ("Content-Length : {length}",)),
    Case("a chunk whose size is no number", ("Transfer-Encoding: chunked",), b"0x0\r\n\r\n", must=False),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a connection answered to one of them.

    Attributes:
        statuses: of every answer on the connection.
        open: a good request that was sent after it was answered too; None where that was not tried.
        late: a refusal of the body itself, after an answer that did not wait for it; None where there was none.
        cut: the server ended the connection behind its answer, though it leaves that of good requests open.
    """

    statuses: tuple[int, ...]
    closed: bool
    open: bool | None = None
    late: int | None = None
    cut: bool = False

    @property
    def refused(self) -> bool:
        """A client error, or one that says "not understood"; or the connection's end without an answer."""
        if not self.statuses:
            return self.closed
        return len(self.statuses) == 1 and (400 <= self.statuses[0] < 500 or self.statuses[0] in NOT_UNDERSTOOD)

    @property
    def smuggled(self) -> bool:
        """The second request was answered."""
        return len(self.statuses) > 1

    @property
    def accepted(self) -> bool:
        """Taken for a good request."""
        return len(self.statuses) == 1 and self.statuses[0] < 400

    def wrong(self, case: Case) -> str:
        """How it breaks the standard, or ""."""
        rule = f"; {case.rule}" if case.rule else ""
        if self.smuggled:
            told = ", ".join(map(str, self.statuses))
            return f"the bytes after it are answered as a request of their own ({told}){rule}"
        if self.accepted and case.must and not self.cut:
            return f"answered {self.statuses[0]}, as if it were a good one"
        if self.accepted and self.open:
            return f"answered {self.statuses[0]}, and the connection goes on{rule}"
        return ""

    def __str__(self) -> str:
        if not self.statuses:
            return "the connection is closed" if self.closed else "no answer"
        told = f", then {self.late} for the body" if self.late else ""
        return f"answered {', '.join(map(str, self.statuses))}{told}" + (", connection closed" if self.closed else "")


class Framing:
    """Sends them to one URL, signed in."""

    def __init__(self, wire: Wire, url: str, carried: Mapping[str, Any]) -> None:
        self._wire = wire
        self._url = url
        self._good = wire.request("GET", url, {**carried, "body": None})
        # The path of no operation: whatever answers it has taken it for a request.
        parts = urlsplit(url)
        self._second = wire.request("GET", f"{parts.scheme}://{parts.netloc}/stackproof-second-request")
        self._stays = False

    def control(self) -> Seen:
        """A good request with a second one behind it: both are answered where one connection serves several."""
        seen = asyncio.run(self._ask(self._good + self._second))
        self._stays = seen.smuggled and not seen.closed
        return seen

    def try_case(self, case: Case) -> Seen:
        """Send one of them."""
        body = case.before + self._second
        lines = "".join(f"{one.replace('{length}', str(len(body)))}\r\n" for one in case.lines)
        head = self._good[:-2] + lines.encode() + b"\r\n"
        seen = asyncio.run(self._ask(head + body))
        if case.before and len(seen.statuses) == 2 and 400 <= seen.statuses[1] < 500 and seen.closed:
            # gunicorn answers before it reads a body that the application leaves alone, and then refuses the body.
            alone = asyncio.run(self._ask(head + case.before))
            if (alone.statuses, alone.closed) == (seen.statuses, True):
                return Seen(seen.statuses[:1], closed=True, open=False, late=seen.statuses[1])
        # Node parses on while the handler answers: the answer is on its way when the parser ends the connection.
        return replace(seen, cut=self._stays and seen.accepted and seen.closed)

    def offers(self) -> str:
        """What the server chooses by ALPN among HTTP/2 and HTTP/1.1; "" where it chooses nothing."""

        async def ask() -> str:
            line = await self._wire.open(self._url, protocols=("h2", "http/1.1"))
            try:
                return line.protocol
            finally:
                line.cut()

        try:
            return asyncio.run(ask())
        except OSError:
            return ""

    async def _ask(self, data: bytes) -> Seen:
        try:
            line = await self._wire.open(self._url)
        except OSError:
            return Seen((), closed=False)
        try:
            line.write(data)
            seen, closed = await self._listen(line)
            still = None
            if len(seen) == 1 and seen[0] < 400 and not closed:
                line.write(self._good)
                more, closed = await self._listen(line)
                still = bool(more)
            return Seen(seen, closed, still)
        except BROKEN:
            return Seen((), closed=True)
        finally:
            line.cut()

    async def _listen(self, line: Line) -> tuple[tuple[int, ...], bool]:
        try:
            first = await asyncio.wait_for(line.reader.read(65_536), WITHIN)
        except TimeoutError:
            return (), False
        if not first:
            return (), True
        rest, closed = await line.rest(QUIET)
        return tuple(int(one) for one in _STATUS.findall(first + rest)), closed
