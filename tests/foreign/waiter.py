"""A little service that waits and streams, by several servers, right and wrong: `--kind`.

async          a coroutine a request (asyncio streams, no framework)
blocking       the same, with time.sleep in the coroutine
pool           the same, which hands its waits to eight threads
threads        http.server with a thread a connection
serial         http.server with one request at a time
buffered       like async, but a stream is sent as a whole
deaf           like async, but clients that go away are not noticed
throttled      like async, and at most twenty waits at once: the others are answered 429
instant        like async, and waits are not waited for
bounded        like async, and each wait holds one of ten connections; who gets none within 3 s is answered 503
starved        the same, with time.sleep
frugal         like threads, but of a body only the first JSON value is read, up to 64 KiB, and the rest is thrown away
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

KINDS = (
    "async",
    "blocking",
    "pool",
    "threads",
    "serial",
    "buffered",
    "deaf",
    "throttled",
    "instant",
    "bounded",
    "starved",
    "frugal",
)
TICK = 0.1
CONNECTIONS = 10
FRUGAL = 65_536  # bytes
PATIENT = 3.0  # seconds
MOST = 20  # waits of the throttled kind
TOKEN = secrets.token_hex(24)
LIMIT = 65_536  # bytes of a head


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """Its stackproof.toml."""
    return f"""
[target]
base_url = "{base_url}"
profile = "remote"
[auth]
refresh_tokens = false
[auth.login]
path = "/login"
[auth.protected]
path = "/me"
[waiting]
path = "/wait?for={{seconds}}"
stream = "/stream?for={{seconds}}"
in_flight = "/count"
in_flight_field = "now.open"
"""


class Service:
    """What it answers; who serves it is another matter."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.open = 0
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(8)
        self.connections = asyncio.Semaphore(CONNECTIONS)

    def count(self, step: int) -> None:
        """One more, or one less."""
        with self.lock:
            self.open += step

    def quick(self, method: str, target: str, token: str, body: bytes) -> tuple[int, Any]:
        """(status, JSON) of everything that does not wait."""
        path = urlsplit(target).path
        if (method, path) == ("POST", "/login"):
            given = json.loads(body)
            right = given == {
                "username": os.environ["FOREIGN_USERNAME"],
                "password": os.environ["FOREIGN_PASSWORD"],
            }
            return (200, {"access": TOKEN}) if right else (401, {})
        if token != f"Bearer {TOKEN}":
            return 401, {}
        known = {"/me": {"me": "you"}, "/count": {"now": {"open": self.open}}}
        return (200, known[path]) if path in known else (404, {})

    async def wait(self, seconds: float) -> None:
        """As the kind does it."""
        if self.kind in {"blocking", "starved"}:
            time.sleep(seconds)
        elif self.kind == "pool":
            await asyncio.get_running_loop().run_in_executor(self.pool, time.sleep, seconds)
        elif self.kind != "instant":
            await asyncio.sleep(seconds)


def seconds_of(target: str) -> float:
    """What a request asks for."""
    return float(parse_qs(urlsplit(target).query)["for"][0])


def plain(status: int, data: Any) -> bytes:
    """A whole answer."""
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def chunk(data: bytes) -> bytes:
    """One chunk."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


class Loop:
    """The asynchronous kinds."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.kept: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests of one connection."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                method, target, _ = first.split(" ", 2)
                headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
                body = await reader.readexactly(int(headers.get("content-length") or 0))
                work = self.answer(writer, method, target, headers.get("authorization", ""), body)
                if self.service.kind == "deaf":
                    task = asyncio.ensure_future(work)
                    self.kept.add(task)
                    await asyncio.shield(task)
                elif await self.until_gone(reader, work):
                    return
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.close()

    async def until_gone(self, reader: asyncio.StreamReader, work: Any) -> bool:
        """Work until it is done or nobody is there to have it."""
        task = asyncio.ensure_future(work)
        while not task.done():
            await asyncio.wait([task], timeout=0.05)
            if reader.at_eof() or reader.exception():
                task.cancel()
                return True
        return False

    async def answer(self, writer: asyncio.StreamWriter, method: str, target: str, token: str, body: bytes) -> None:
        """One request."""
        service, path = self.service, urlsplit(target).path
        status, data = service.quick(method, target, token, body)
        if status != 404 or path not in {"/wait", "/stream"}:
            writer.write(plain(status, data))
            return
        if service.kind == "throttled" and service.open >= MOST:
            writer.write(plain(429, {}))
            return
        service.count(1)
        try:
            if path == "/wait" and service.kind in {"bounded", "starved"}:
                writer.write(plain(await self.connected(seconds_of(target)), {}))
            elif path == "/wait":
                await service.wait(seconds_of(target))
                writer.write(plain(200, {}))
            else:
                await self.stream(writer, seconds_of(target))
        finally:
            service.count(-1)

    async def connected(self, seconds: float) -> int:
        """The status of a wait that holds a connection."""
        try:
            await asyncio.wait_for(self.service.connections.acquire(), PATIENT)
        except TimeoutError:
            return 503
        try:
            await asyncio.sleep(0.01)  # the database answers
            await self.service.wait(seconds)
        finally:
            self.service.connections.release()
        return 200

    async def stream(self, writer: asyncio.StreamWriter, seconds: float) -> None:
        """A tick now and then."""
        pieces = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"]
        began = time.monotonic()
        while True:
            pieces.append(chunk(b"tick\n"))
            if self.service.kind != "buffered":
                writer.write(b"".join(pieces))
                pieces.clear()
            if time.monotonic() - began >= seconds:
                break
            await asyncio.sleep(TICK)
        writer.write(b"".join(pieces) + b"0\r\n\r\n")


def first_value(stream: BinaryIO, length: int) -> bytes | None:
    """A body up to the end of its first JSON value, as Go's decoder reads it; None where it is too long for that."""
    read = b""
    while len(read) < min(length, FRUGAL):
        read += stream.read(min(4096, length - len(read)))
        try:
            end = json.JSONDecoder().raw_decode(read.decode(), len(read) - len(read.lstrip()))[1]
        except ValueError:
            continue
        return read[:end].ljust(len(read))
    return None if length > FRUGAL else read


def handler_of(service: Service) -> type[BaseHTTPRequestHandler]:
    """The synchronous kinds."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = first_value(self.rfile, length) if service.kind == "frugal" else self.rfile.read(length)
            token = self.headers.get("Authorization", "")
            status, data = (413, {}) if body is None else service.quick(self.command, self.path, token, body)
            path = urlsplit(self.path).path
            if status == 404 and path in {"/wait", "/stream"}:
                service.count(1)
                time.sleep(seconds_of(self.path))
                service.count(-1)
                status, data = 200, {}
            self.wfile.write(plain(status, data))
            self.close_connection = service.kind == "serial"
            if service.kind == "frugal":
                self.rfile.read(length - min(length, len(body or b"x" * FRUGAL)))

        do_GET = do_POST = respond  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kind", choices=KINDS, default="async")
    service = Service(parser.parse_args().kind)
    if service.kind in {"threads", "serial", "frugal"}:
        kind = HTTPServer if service.kind == "serial" else ThreadingHTTPServer
        kind.request_queue_size = 256
        server = kind(("127.0.0.1", 0), handler_of(service))
        print(json.dumps({"port": server.server_address[1]}), flush=True)
        server.serve_forever()

    async def run() -> None:
        loop = await asyncio.start_server(Loop(service).serve, "127.0.0.1", 0, backlog=256, limit=LIMIT)
        print(json.dumps({"port": loop.sockets[0].getsockname()[1]}), flush=True)
        await loop.serve_forever()

    asyncio.run(run())


if __name__ == "__main__":
    main()
