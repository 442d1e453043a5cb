"""HTTP/1.1 spoken byte for byte: many connections at once, and requests that no client library would send."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stackproof.descriptor.model import Descriptor
from stackproof.target.http import HttpClient, tls_context
from stackproof.target.urls import url_at

HEAD_CAP = 65_536  # bytes of an answer's head
BODY_CAP = 1_048_576  # bytes of an answer's body that are read

# What a connection may meet that says nothing of the harness
BROKEN = (OSError, EOFError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers of an answer; names in lower case."""

    status: int
    headers: Mapping[str, str]

    @property
    def lasting(self) -> bool:
        """Whether the connection may be used again (RFC 9112, section 9.3)."""
        framed = {"content-length", "transfer-encoding"} & self.headers.keys() or self.status in {204, 304}
        return bool(framed) and self.headers.get("connection", "").lower() != "close"


class Line:
    """One connection to the service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    @property
    def protocol(self) -> str:
        """What ALPN agreed on (RFC 7301), "" where nothing was."""
        secured = self._writer.get_extra_info("ssl_object")
        return (secured.selected_alpn_protocol() or "") if secured else ""

    def write(self, data: bytes) -> None:
        """Put bytes on their way, without waiting."""
        self._writer.write(data)

    async def send(self, data: bytes) -> None:
        """Put bytes on their way, and wait until there is room for more."""
        self._writer.write(data)
        await self._writer.drain()

    async def head(self) -> Head:
        """Read the head of an answer; interim ones (RFC 9110, section 15.2) are passed over."""
        while True:
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = text.split("\r\n")
            words = first.split(None, 2)
            if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
                raise ValueError("that is no HTTP/1.1")
            headers = {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
            if int(words[1]) >= 200:
                return Head(int(words[1]), headers)

    async def pieces(self, head: Head) -> AsyncIterator[bytes]:
        """The body of an answer as it comes in (RFC 9112, section 6.3)."""
        if head.status in {204, 304}:
            return
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                yield await self.reader.readexactly(min(size, BODY_CAP))
                await self.reader.readexactly(2)
            while (await self.reader.readuntil(b"\r\n")) != b"\r\n":
                pass
        elif "content-length" in head.headers:
            left = min(int(head.headers["content-length"]), BODY_CAP)
            while left > 0 and (data := await self.reader.read(min(left, 65_536))):
                left -= len(data)
                yield data
            if left > 0:
                raise EOFError("the answer ended before its end")
        else:
            while data := await self.reader.read(65_536):
                yield data

    async def answer(self) -> tuple[Head, bytes]:
        """Read a whole answer."""
        head = await self.head()
        body = bytearray()
        async for piece in self.pieces(head):
            body += piece
            if len(body) > BODY_CAP:
                raise ValueError("the answer is too long")
        return head, bytes(body)

    async def rest(self, quiet: float) -> tuple[bytes, bool]:
        """(what comes until the end or until nothing came for so many seconds, whether the connection ended)."""
        seen = bytearray()
        while len(seen) < BODY_CAP:
            try:
                data = await asyncio.wait_for(self.reader.read(65_536), quiet)
            except TimeoutError:
                return bytes(seen), False
            except OSError:
                return bytes(seen), True
            if not data:
                return bytes(seen), True
            seen += data
        return bytes(seen), False

    def cut(self) -> None:
        """End the connection at once, as a client that has gone away."""
        with suppress(OSError, RuntimeError):
            self._writer.transport.abort()


class Wire:
    """Connections to the hosts that the descriptor names, and the bytes of requests to them.

    Args:
        http: the client of the run, whose pace and bounds each connection keeps to.
    """

    def __init__(self, descriptor: Descriptor, http: HttpClient) -> None:
        self._http = http
        self._about = descriptor.target
        self._context: ssl.SSLContext | None = None

    def url(self, path: str) -> str:
        """The URL of a path of the service."""
        return url_at(self._about.base_url, path)

    def request(
        self,
        method: str,
        url: str,
        carried: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> bytes:
        """The bytes of a request; `carried` is what `Session.carrying` gives."""
        parts = urlsplit(url)
        carried = carried or {}
        if content is None and carried.get("body"):
            content = json.dumps(carried["body"]).encode()
        named = {
            "Host": parts.netloc,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            **self._about.headers,
            **(carried.get("headers") or {}),
        }
        if carried.get("cookies"):
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in carried["cookies"].items())
        if content is not None:
            named |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        named |= headers or {}
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1", "replace") + (content or b"")

    async def open(self, url: str, *, protocols: tuple[str, ...] = ()) -> Line:
        """Connect, over TLS where the URL says so.

        Raises:
            NotAssessed: the host is none that the descriptor names, or the run's bounds do not allow it.
            OSError: no connection.
        """
        parts = urlsplit(url)
        host, secured = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secured else 80)
        self._http.keep_to_hosts(url)
        self._http.admit(url)
        context = None
        if secured and protocols:
            context = tls_context(self._about)
            context.set_alpn_protocols(list(protocols))
        elif secured:
            context = self._context = self._context or tls_context(self._about)
        reader, writer = await asyncio.open_connection(
            self._about.resolve.get(host, host),
            port,
            ssl=context,
            server_hostname=host if secured else None,
            limit=HEAD_CAP,
        )
        return Line(reader, writer)
