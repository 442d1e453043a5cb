"""A harbour's signal log: FastAPI, a WebSocket on uvicorn, tokens wherever a service may carry them.

`token` is how they travel (the words of `websocket.token`), `manner` how a bad one is refused, `faults` what is wrong.
Its clock can be moved by a file; signals that one account sets are told to its own sockets, through a hub in memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import uvicorn
from fastapi import FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect

ORIGIN = "https://harbour.example"
LIFETIME = 900
TOKENS = ("header:X-Pass", "cookie:pass", "query:pass", "subprotocol", "subprotocol:harbour", "message:auth.pass")
#: before accept(), by a code of its own, by policy violation, by IANA's code for it
MANNERS = ("403", "4401", "1008", "3000")
#: requirement that each breaks; several services of it share the hub, save with "local"
FAULTS = {
    "no-token": "websocket.token-required",
    "any-token": "websocket.bad-token-refused",
    "refresh": "websocket.refresh-token-refused",
    "expired": "websocket.expired-token-refused",
    "inactive": "websocket.deactivated-refused",
    "unexplained": "websocket.refusal-told",
    "parameters": "websocket.token-not-in-query",
    "path-500": "websocket.unknown-path-refused",
    "any-origin": "websocket.foreign-origin-refused",
    "null-origin": "websocket.null-origin-refused",
    "origin-prefix": "websocket.look-alike-origin-refused",
    "outlives": "websocket.closed-at-expiry",
    "local": "websocket.broadcast-across-processes",
    "disorder": "websocket.order-kept",
    "everyone": "websocket.messages-of-others",
    "drops": "websocket.burst-arrives",
    "stuck": "websocket.slow-consumer",
    "long": "websocket.oversized-message",
    "unexpected": "websocket.unexpected-message",
}


def descriptor(base_url: str, flags: Sequence[str] = (), *, talks: bool = True, more: str = "") -> str:
    """The harbour's stackproof.toml."""
    given = _parser().parse_args(list(flags))
    name, _, _ = given.token.partition(":")
    talk = 'hello = "welcome"\nping = "ping"\npong = "pong"' if talks else ""
    extra = 'extra = { kind = "auth" }' if name == "message" else ""
    return f"""
[target]
base_url = "{base_url}"
profile = "remote"
{more}

[auth]
carrier = "header:X-Pass"
scheme = ""

[auth.login]
path = "/in"
username_field = "name"
password_field = "secret"
access = "pass"
refresh = "renewal"

[auth.refresh]
path = "/renew"
token = "renewal"
access = "pass"
refresh = "renewal"

[auth.protected]
path = "/me"

[accounts]
many_sessions = true

[websocket]
path = "/live"
token = "{given.token}"
origin = "{ORIGIN}"
trigger_id = "signal.number"
message_id = "about.number"
{talk}
{extra}

[websocket.trigger]
path = "/signals"
extra = {{ flag = "blue" }}

[websocket.undo]
path = "/signals/{{id}}"
"""


@dataclass
class Hub:
    """Who listens, and what is told to them."""

    sockets: dict[WebSocket, str] = field(default_factory=dict)
    told: int = 0
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Harbour:
    """State, ways and mistakes of the service; `faults` may change while it runs."""

    token: str = "header:X-Pass"
    manner: str = "403"
    faults: set[str] = field(default_factory=set)
    accounts: dict[str, str] = field(default_factory=dict)
    inactive: set[str] = field(default_factory=set)
    clock_file: Path | None = None
    key: str = field(default_factory=lambda: secrets.token_hex(32))
    signals: dict[str, str] = field(default_factory=dict)
    talks: bool = True
    tired: float = 0.0  # seconds after which a socket is closed, whatever its token; 0 for never

    def now(self) -> float:
        """The service's clock."""
        try:
            return time.time() + float(self.clock_file.read_text()) if self.clock_file else time.time()
        except (OSError, ValueError):
            return time.time()

    def mint(self, name: str, use: str) -> str:
        """A token."""
        now = int(self.now())
        life = LIFETIME if use == "access" else 604_800
        claims = {"sub": name, "use": use, "iat": now, "exp": now + life, "jti": secrets.token_hex(6)}
        return jwt.encode(claims, self.key, algorithm="HS256")

    def claims(self, token: str, use: str, faults: set[str]) -> dict[str, Any] | None:
        """Those of a good token."""
        options = {"verify_exp": False, "verify_signature": "any-token" not in faults, "verify_iat": False}
        try:
            found = jwt.decode(token, self.key, algorithms=["HS256"], options=options)
        except jwt.InvalidTokenError:
            return {"sub": "nobody", "exp": self.now() + LIFETIME} if "any-token" in faults and token else None
        if "expired" in faults:
            found["exp"] = max(found.get("exp", 0), self.now() + LIFETIME)
        if found.get("exp", 0) <= self.now() or (found.get("use") != use and "refresh" not in faults):
            return None
        return None if found.get("sub") in self.inactive and "inactive" not in faults else found


def create_app(harbour: Harbour, hub: Hub) -> FastAPI:  # noqa: C901 - one function a route
    """The routes of one process."""
    app = FastAPI(openapi_url=None)
    faults = harbour.faults

    def account(request: Request) -> str:
        claims = harbour.claims(request.headers.get("x-pass", ""), "access", set())
        if claims is None:
            raise HTTPException(401, "no pass")
        return str(claims["sub"])

    @app.post("/in")
    async def enter(request: Request) -> dict[str, str]:
        given = await request.json()
        name = str(given.get("name"))
        if harbour.accounts.get(name) != given.get("secret") or name in harbour.inactive:
            raise HTTPException(401, "not known")
        return {"pass": harbour.mint(name, "access"), "renewal": harbour.mint(name, "refresh")}

    @app.post("/renew")
    async def renew(request: Request) -> dict[str, str]:
        claims = harbour.claims(str((await request.json()).get("renewal")), "refresh", set())
        if claims is None:
            raise HTTPException(401, "no renewal")
        return {"pass": harbour.mint(claims["sub"], "access"), "renewal": harbour.mint(claims["sub"], "refresh")}

    @app.get("/me")
    async def me(request: Request) -> dict[str, str]:
        return {"name": account(request)}

    @app.post("/signals", status_code=201)
    async def signal(request: Request) -> dict[str, dict[str, str]]:
        name, number = account(request), secrets.token_hex(8)
        harbour.signals[number] = name
        await announce(harbour, hub, name, number)
        return {"signal": {"number": number}}

    @app.delete("/signals/{number}", status_code=204)
    async def strike(number: str, request: Request) -> None:
        if harbour.signals.pop(number, None) != account(request):
            raise HTTPException(404, "no such signal")

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await listen(harbour, hub, socket)

    @app.websocket("/{path:path}")
    async def elsewhere(socket: WebSocket, path: str) -> None:
        if "path-500" in faults:
            raise RuntimeError(path)
        await socket.close()

    return app


async def announce(harbour: Harbour, hub: Hub, name: str, number: str) -> None:
    """Tell the account's sockets."""
    faults = harbour.faults
    hub.told += 1
    message = json.dumps({"about": {"number": number}, "filler": "x" * (60_000 if "stuck" in faults else 10)})
    if "drops" in faults and hub.told % 4 == 0:
        return
    everyone = "everyone" in faults
    for one in [one for one, owner in list(hub.sockets.items()) if owner == name or everyone]:
        if "stuck" in faults:
            async with hub.gate:
                await _send(hub, one, message)
        elif "disorder" in faults and hub.told % 3 == 0:
            asyncio.get_running_loop().call_later(0.2, lambda one=one: asyncio.ensure_future(_send(hub, one, message)))
        else:
            task = asyncio.ensure_future(_send(hub, one, message))
            await asyncio.wait({task}, timeout=0.05)


async def _send(hub: Hub, one: WebSocket, message: str) -> None:
    try:
        await one.send_text(message)
    except (RuntimeError, WebSocketDisconnect, OSError):
        hub.sockets.pop(one, None)


async def listen(harbour: Harbour, hub: Hub, socket: WebSocket) -> None:
    """Let a client in, or send it away; then answer pings until its token ends."""
    faults = harbour.faults
    if not _origin_is_known(socket, faults):
        await socket.close()
        return
    token, subprotocol, accepted = await _token_of(harbour, socket)
    claims = harbour.claims(token, "access", faults)
    if claims is None and not token and "no-token" in faults:
        claims = {"sub": next(iter(harbour.accounts)), "exp": harbour.now() + LIFETIME}
    if claims is None:
        await _refuse(harbour, socket, subprotocol, accepted=accepted)
        return
    if not accepted:
        await socket.accept(subprotocol)
    if harbour.talks:
        await socket.send_text("welcome aboard")
    hub.sockets[socket] = claims["sub"]
    end = asyncio.ensure_future(_end(harbour, socket, float(claims["exp"])))
    try:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            await _answer(faults, socket, message.get("text"))
    finally:
        end.cancel()
        hub.sockets.pop(socket, None)


async def _token_of(harbour: Harbour, socket: WebSocket) -> tuple[str, str | None, bool]:
    """(token, subprotocol to answer, whether the handshake had to be accepted for it)."""
    kind, _, name = harbour.token.partition(":")
    if kind == "message":
        await socket.accept()
        return await _first_message(socket, name), None, True
    offered = socket.headers.get("sec-websocket-protocol", "").replace(" ", "").split(",")
    carried = {
        "header": socket.headers.get(name.lower(), ""),
        "cookie": socket.cookies.get(name, ""),
        "query": socket.query_params.get(name, ""),
        "subprotocol": offered[-1],
    }[kind]
    if not carried and "parameters" in harbour.faults:
        carried = socket.query_params.get("access_token", "")
    return carried, offered[0] if kind == "subprotocol" and offered[0] else None, False


async def _answer(faults: set[str], socket: WebSocket, text: str | None) -> None:
    if text == "ping":
        await socket.send_text("pong")
    elif "long" in faults and text and len(text) > 50_000:
        await socket.close(1011)
    elif "unexpected" in faults and (not text or len(text) < 50_000):
        raise RuntimeError("what is that?")


async def _end(harbour: Harbour, socket: WebSocket, moment: float) -> None:
    tired = time.monotonic() + (harbour.tired or math.inf)
    while (harbour.now() < moment or "outlives" in harbour.faults) and time.monotonic() < tired:
        await asyncio.sleep(0.1)
    await socket.close(4401)


async def _refuse(harbour: Harbour, socket: WebSocket, subprotocol: str | None, *, accepted: bool) -> None:
    if harbour.manner == "500":
        raise RuntimeError("nobody thought of that")
    code = 1000 if "unexplained" in harbour.faults else 4403 if harbour.manner == "403" else int(harbour.manner)
    if harbour.manner == "403" and "unexplained" not in harbour.faults and not accepted:
        await socket.close()
        return
    if not accepted:
        await socket.accept(subprotocol)
    await socket.close(code)


async def _first_message(socket: WebSocket, name: str) -> str:
    try:
        data = json.loads(await asyncio.wait_for(socket.receive_text(), 1.0))
        for step in name.split("."):
            data = data[step]
        return str(data)
    except (TimeoutError, ValueError, KeyError, TypeError):
        return ""


def _origin_is_known(socket: WebSocket, faults: set[str]) -> bool:
    origin = socket.headers.get("origin", "")
    if "any-origin" in faults or origin in {"", ORIGIN}:
        return True
    return ("null-origin" in faults and origin == "null") or ("origin-prefix" in faults and origin.startswith(ORIGIN))


@contextmanager
def serving(harbour: Harbour, count: int = 1) -> Iterator[list[str]]:
    """Base URLs of so many processes of the harbour, each a server in a thread of this one."""
    hub = Hub()
    with _stopping() as servers:
        urls = []
        for _ in range(count):
            listener = socket.create_server(("127.0.0.1", 0), backlog=256)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
            app = create_app(harbour, Hub() if "local" in harbour.faults else hub)
            config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, ws_max_size=2_000_000)
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
            thread.start()
            servers.append((server, thread))
            urls.append(f"http://127.0.0.1:{listener.getsockname()[1]}")
        yield urls


@contextmanager
def _stopping() -> Iterator[list[tuple[uvicorn.Server, threading.Thread]]]:
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []
    try:
        yield servers
    finally:
        for server, _ in servers:
            server.should_exit = True
        for _, thread in servers:
            thread.join(5)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("--token", choices=TOKENS, default=TOKENS[0])
    parser.add_argument("--manner", choices=MANNERS, default=MANNERS[0])
    parser.add_argument("--fault", choices=FAULTS, action="append", default=[])
    return parser


def main() -> None:
    """Serve until killed."""
    given = _parser().parse_args()
    harbour = Harbour(given.token, given.manner, set(given.fault))
    harbour.accounts[os.environ["FOREIGN_USERNAME"]] = os.environ["FOREIGN_PASSWORD"]
    with serving(harbour) as [url]:
        print(json.dumps({"port": int(url.rpartition(":")[2])}), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
