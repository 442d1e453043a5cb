"""Services that are broken, hostile or merely odd, one `--fault` each, on bare sockets.

Below the odd ones lies a small service that works (`Core`). Nothing may be held against the hostile ones that was
not seen, and nothing may be taken for proven.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import secrets
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

CLAUSES = ("jwt.access-token-lifetime", "jwt.refresh-token-lifetime", "jwt.rotation", "jwt.blacklist")
SATISFIED = dict.fromkeys(CLAUSES, "satisfied")
NOTHING = dict.fromkeys(CLAUSES, "not-assessed|error")
#: it hands out tokens for a used and for a revoked token, and that can be seen; that garbage gets them too, as well
YES = {**NOTHING, "jwt.rotation": "violated|not-assessed", "jwt.blacklist": "violated|not-assessed"}
EXPECTED: dict[str | None, dict[str, str]] = {
    None: SATISFIED,
    # it says yes, or no, to everything
    "ok-empty": NOTHING,
    "ok-tokens": YES,
    "ok-same-tokens": YES,
    "refuse-all": NOTHING,
    "refuse-after-login": NOTHING,
    "login-500": NOTHING,
    # it does not speak HTTP, or never comes to an end
    "garbage": NOTHING,
    "silent": NOTHING,
    "reset": NOTHING,
    "cut-short": NOTHING,
    "drip": NOTHING,
    "drip-body": NOTHING,
    "endless": NOTHING,
    "informational": NOTHING,
    "big-headers": NOTHING,
    "bomb": NOTHING,
    "bomb-twice": NOTHING,
    "deep-json": NOTHING,
    "invalid-utf8": NOTHING,
    "redirect-loop": NOTHING,
    "elsewhere": NOTHING,
    # it works, and is odd
    "login-page": SATISFIED,
    "html": SATISFIED,
    "html-fields": SATISFIED,
    "echo": SATISFIED,
    "malformed-500": SATISFIED,
    "body-50mb": dict.fromkeys(CLAUSES, "satisfied|not-assessed"),
    "garbage-500": {
        "jwt.access-token-lifetime": "not-assessed",
        "jwt.refresh-token-lifetime": "satisfied|not-assessed",
        "jwt.rotation": "not-assessed",
        "jwt.blacklist": "not-assessed",
    },
    "exp-text": {
        **SATISFIED,
        "jwt.access-token-lifetime": "satisfied|not-assessed",
        "jwt.refresh-token-lifetime": "satisfied|not-assessed",
    },
}
FAULTS = tuple(name for name in EXPECTED if name)
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp.exe<script>alert(1)</script><!--${7*7}{{7*7}}-->]]>"


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """A plain stackproof.toml; the time-out is short, so that a run on a drip ends soon."""
    return f"""
[target]
base_url = "{base_url}"
name = "hostile"
profile = "remote"
timeout = 2.0
[auth.login]
path = "/login"
[auth.refresh]
path = "/refresh"
[auth.logout]
path = "/logout"
[auth.protected]
path = "/me"
"""


@dataclass
class Asked:
    """A request."""

    method: str
    path: str
    authorization: str
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object, or {}."""
        with contextlib.suppress(ValueError):
            found = json.loads(self.body)
            return found if isinstance(found, dict) else {}
        return {}


@dataclass
class Said:
    """An answer."""

    status: int
    data: Any
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None

    def write(self) -> bytes:
        """On the wire."""
        body = self.raw if self.raw is not None else json.dumps(self.data).encode()
        kind = "text/html; charset=utf-8" if self.raw is not None else "application/json"
        headers = [("Date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())), ("Content-Type", kind)]
        headers += [("Content-Length", str(len(body))), *self.headers]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return f"HTTP/1.1 {self.status} Whatever\r\n{head}\r\n".encode("latin-1", "replace") + body


class Core:
    """A service that works: HS256, rotation under a lock, revocation."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.key = secrets.token_hex(32)
        self.good: set[str] = set()
        self.lock = threading.Lock()
        self.same = self.pair()

    def token(self, kind: str, seconds: int) -> str:
        """A token; the ledger lets a test look for it where it must not stand."""
        now = int(time.time())
        until: Any = str(now + seconds) if self.fault == "exp-text" else now + seconds
        jti = secrets.token_hex(8)
        if kind == "refresh":
            self.good.add(jti)
        made = jwt.api_jws.PyJWS().encode(
            json.dumps({"kind": kind, "jti": jti, "iat": now, "exp": until}).encode(), self.key, algorithm="HS256"
        )
        with Path("ledger").open("a") as ledger:
            ledger.write(f"{made}\n")
        return made

    def pair(self) -> dict[str, Any]:
        """Both tokens."""
        return {"access": self.token("access", 900), "refresh": self.token("refresh", 604_800)}

    def read(self, text: Any, kind: str) -> str:
        """The jti of a good token, else ""; faults break here.

        Raises:
            ArithmeticError: the service breaks down on this token.
        """
        if not text:
            return ""
        try:
            claims = jwt.decode(str(text), self.key, algorithms=["HS256"])
        except jwt.InvalidSignatureError:
            if self.fault == "garbage-500":
                raise ArithmeticError from None
            return ""
        except jwt.InvalidTokenError:
            if self.fault in {"garbage-500", "malformed-500"}:
                raise ArithmeticError from None
            return ""
        return str(claims["jti"]) if claims["kind"] == kind else ""

    def answer(self, asked: Asked) -> Said:
        """One request."""
        try:
            return self.route(asked)
        except ArithmeticError:
            return Said(500, {"error": "internal"})

    def route(self, asked: Asked) -> Said:
        """The routes."""
        refusal = Said(401, {"error": "no"})
        body = asked.json
        if asked.path == "/me":
            jti = self.read(asked.authorization.removeprefix("Bearer "), "access")
            return Said(200, {"me": "you"}) if jti else refusal
        if asked.path == "/login":
            account = (os.environ["FOREIGN_USERNAME"], os.environ["FOREIGN_PASSWORD"])
            return Said(200, self.pair()) if (body.get("username"), body.get("password")) == account else refusal
        jti = self.read(body.get("refresh"), "refresh")
        with self.lock:
            known = jti in self.good
            self.good.discard(jti)
        if asked.path == "/logout":
            return Said(204, None, raw=b"")
        return Said(200, self.pair()) if known else refusal


# -- what comes instead of, or on top of, the answer of the core ---------------------------------------------------


def odd(core: Core, asked: Asked) -> Said:
    """The core's answer, or what the fault makes of it."""
    away = f"http://127.0.0.1:{ELSEWHERE[0]}{asked.path}"
    always: dict[str, Callable[[], Said]] = {
        "ok-empty": lambda: Said(200, {}),
        "ok-tokens": lambda: Said(200, core.pair()),
        "ok-same-tokens": lambda: Said(200, core.same),
        "refuse-all": lambda: Said(401, {"error": "no"}),
        "redirect-loop": lambda: Said(302, None, (("Location", asked.path),), raw=b""),
        "elsewhere": lambda: Said(307, None, (("Location", away),), raw=b""),
        "deep-json": lambda: Said(200, None, raw=b'{"access":' + b"[" * 200_000),
        "invalid-utf8": lambda: Said(200, None, (("X-Odd", "\xe9\xff"),), raw=b'{"access":"\xff\xfe\xc3('),
    }
    if core.fault in always:
        return always[core.fault]()
    if core.fault == "login-500" and asked.path == "/login":
        return Said(500, None, raw=b"<h1>Server Error (500)</h1>")
    if core.fault == "refuse-after-login" and asked.path != "/login":
        return Said(401, {"error": "no"})
    return dressed(core.fault, asked, core.answer(asked))


def dressed(fault: str, asked: Asked, said: Said) -> Said:
    """The faults that leave the service at work and only say it otherwise."""
    refused = said.status == 401
    if fault == "login-page" and refused:
        return Said(302, None, (("Location", f"/sign-in?next={asked.path}"),), raw=b"")
    if fault == "html" and refused:
        return Said(403, None, raw=f"<html><title>{ESCAPES}</title>{ESCAPES}</html>".encode())
    if fault == "html-fields":
        fields = {f"field{number}{ESCAPES}": ESCAPES for number in range(20)}
        return Said(said.status if said.data else 200, {**fields, **(said.data or {})}, (("X-Odd", ESCAPES),))
    if fault == "echo":
        echo = {"authorization": asked.authorization, "body": asked.body.decode("utf-8", "replace"), **asked.json}
        data = {"you sent": echo, **(said.data or {}), "error": f"did you mean {asked.authorization} {asked.body!r}?"}
        return Said(
            max(said.status, 200) if said.status != 204 else 200, data, (("X-You", asked.authorization or "-"),)
        )
    return said


def raw(fault: str) -> Iterator[bytes] | None:
    """Bytes instead of an answer; None where the fault is none of these."""
    makers: dict[str, Callable[[], Iterator[bytes]]] = {
        "garbage": lambda: iter([b"\x16\x03\x01 SSH-2.0-\x00\xff\r\n\r\n" * 20]),
        "silent": lambda: slowly(b"", 60),
        "cut-short": lambda: iter([b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"access": "']),
        "drip": lambda: slowly(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000),
        "drip-body": lambda: slowly(b" " * 1000, first=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        "endless": endless,
        "informational": informational,
        "big-headers": lambda: iter([b"HTTP/1.1 200 OK\r\n", b"X-Pad: " + b"a" * 10_000_000 + b"\r\n\r\n"]),
        "bomb": lambda: iter([compressed_head("gzip", BOMB), BOMB]),
        "bomb-twice": lambda: iter([compressed_head("gzip, gzip", BOMB_TWICE), BOMB_TWICE]),
    }
    return makers[fault]() if fault in makers else None


def slowly(data: bytes, seconds: float = 1.0, first: bytes = b"") -> Iterator[bytes]:
    """A byte, a pause, a byte."""
    yield first
    for one in data or b"\n":
        time.sleep(seconds)
        yield bytes((one,))


def endless() -> Iterator[bytes]:
    """Chunks without end, as fast as they are taken."""
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"4000\r\n" + b" " * 0x4000 + b"\r\n"
        time.sleep(0.001)


def informational() -> Iterator[bytes]:
    """An answer is always about to come (RFC 9110, section 15.2)."""
    while True:
        yield b"HTTP/1.1 102 Processing\r\n\r\n"
        time.sleep(0.05)


def compressed_head(coding: str, body: bytes) -> bytes:
    """The head of a compressed answer that nobody asked to be compressed."""
    return f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()


def bomb(megabytes: int) -> bytes:
    """Zeros, compressed a thousandfold: whole blocks are repeated, so that making it costs nothing."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = squeeze.compress(b"\0" * 1_048_576) + squeeze.flush(zlib.Z_FULL_FLUSH)
    block = squeeze.compress(b"\0" * 1_048_576) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return start + block * (megabytes - 1)


ELSEWHERE: list[int] = []
BOMB = bomb(200)
BOMB_TWICE = b""
PADDING = b" " * 50_000_000


# -- the server ----------------------------------------------------------------------------------------------------


def read(stream: Any) -> Asked | None:
    """The next request of a connection, or None at its end."""
    line = stream.readline(8192).split()
    if len(line) < 2:
        return None
    headers: dict[str, str] = {}
    while (header := stream.readline(65_536).decode("latin-1").strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length") or 0))
    return Asked(line[0].decode(), line[1].decode(), headers.get("authorization", ""), body)


def serve(connection: socket.socket, core: Core) -> None:
    """Answer the requests of one connection."""
    with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
        while (asked := read(stream)) is not None:
            if core.fault == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            instead = raw(core.fault)
            if instead is not None:
                for piece in instead:
                    connection.sendall(piece)
                return
            said = odd(core, asked)
            if core.fault == "body-50mb":
                said = Said(said.status, None, said.headers, json.dumps(said.data).encode() + PADDING)
            connection.sendall(said.write())


def listen(handle: Callable[[socket.socket], None]) -> int:
    """A listener with a thread a connection; its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])


def hit(connection: socket.socket) -> None:
    """Somebody followed a redirection to where the descriptor does not point."""
    with connection:
        Path("elsewhere").write_text("contacted")


def main() -> None:
    """Serve until killed."""
    global BOMB_TWICE  # noqa: PLW0603 - made only where it is asked for
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", choices=FAULTS, default="")
    fault = parser.parse_args().fault
    if fault == "bomb-twice":
        BOMB_TWICE = gzip.compress(bomb(1500), 9)
    core = Core(fault)
    ELSEWHERE.append(listen(hit))
    port = listen(lambda connection: serve(connection, core))
    print(json.dumps({"port": port}), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
