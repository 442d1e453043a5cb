"""A parcel depot: two web processes of the standard library's http.server and a store of their own, no Django, no SQL.

Whoever runs it can have a part killed and started again: `depot.py --ask PORT kill|start|nothing PART`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FAULTS = ("hang", "crash", "blame", "forget", "promise", "island", "late", "grudge")
STORE_WITHIN = 1.0  # seconds that a web process waits for the store
CONFORMING = {
    "resilience/database::service_without_its_database_says_so": "satisfied",
    "resilience/database::database_that_comes_back_is_used_again": "satisfied",
    "resilience/database::what_was_acknowledged_outlives_the_database": "satisfied",
    "resilience/web::other_processes_keep_answering": "satisfied",
    "resilience/web::what_was_acknowledged_outlives_its_process": "satisfied",
    "resilience/connections::service_without_connections_says_so": "not-assessed",
    "resilience/certificate::renewed_certificate_is_served": "not-assessed",
}
DATABASE, WEB = "resilience/database::", "resilience/web::"
EXPECTED: dict[str | None, dict[str, str]] = {
    None: CONFORMING,
    "hang": {f"{DATABASE}service_without_its_database_says_so": "violated"},
    "crash": {f"{DATABASE}service_without_its_database_says_so": "violated"},
    "blame": {f"{DATABASE}service_without_its_database_says_so": "violated"},
    "forget": {
        f"{DATABASE}database_that_comes_back_is_used_again": "violated",
        f"{DATABASE}what_was_acknowledged_outlives_the_database": "violated",
    },
    "promise": {f"{DATABASE}what_was_acknowledged_outlives_the_database": "violated"},
    "island": {f"{WEB}other_processes_keep_answering": "not-assessed"},
    "late": {f"{WEB}what_was_acknowledged_outlives_its_process": "violated"},
    "grudge": {
        f"{DATABASE}service_without_its_database_says_so": "violated",
        f"{DATABASE}database_that_comes_back_is_used_again": "not-assessed",
    },
    "--fault grudge --dsn": {f"{DATABASE}service_without_its_database_says_so": "not-assessed"},
    "--commands nothing": {
        f"{DATABASE}service_without_its_database_says_so": "not-assessed",
        f"{DATABASE}database_that_comes_back_is_used_again": "not-assessed",
    },
}


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The depot's stackproof.toml; the second web process listens one port above the first, the keeper two."""
    port = int(base_url.rpartition(":")[2])
    kill = "nothing" if "nothing" in flags else "kill"
    mend = "nothing" if "unmended" in flags else "start"

    def part(name: str) -> str:
        words = [[sys.executable, "-S", "-E", str(Path(__file__).resolve()), "--ask", str(port + 2), what, name]
                 for what in (kill, mend)]  # fmt: skip
        return f"stop = {json.dumps(words[0])}\nstart = {json.dumps(words[1])}\nwithin = 8"

    return f"""
[target]
base_url = "{base_url}"
also = ["http://127.0.0.1:{port + 1}"]
name = "parcel depot"
profile = "remote"
timeout = 3

[auth.login]
path = "/desk"
username_field = "clerk"
password_field = "word"
access = "pass"
refresh = "again"

[auth.refresh]
path = "/desk/again"
token = "again"

[auth.protected]
path = "/me"

[api]
document = "/about"

{"[postgres]" + chr(10) + 'dsn = "postgresql://nobody@127.0.0.1:9/none"' if "--dsn" in flags else ""}

[record.create]
path = "/parcels"
extra = {{ size = "small" }}

[record]
id = "parcel.number"
read = {{ path = "/parcels/{{id}}" }}
delete = {{ path = "/parcels/{{id}}" }}

[drill.postgres]
{part("store")}

[drill.web]
{part("web-1")}
"""


# -- the store --------------------------------------------------------------------------------------------------------


def store(port: int, journal: Path, fault: str) -> None:
    """Keys and values; every change is in the journal before it is acknowledged."""
    kept: dict[str, Any] = {}
    for line in journal.read_text().splitlines() if journal.exists() and fault != "forget" else ():
        kept |= json.loads(line)
    lock = threading.Lock()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = json.loads(self.rfile.readline())
            with lock:
                before = kept.get(asked["key"])
                if "value" in asked:
                    kept[asked["key"]] = asked["value"]
                    with journal.open("a") as file:
                        file.write(json.dumps({asked["key"]: asked["value"]}) + "\n")
            self.wfile.write(json.dumps(before).encode() + b"\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", port), Handler) as server:
        server.serve_forever()


# -- a web process ----------------------------------------------------------------------------------------------------


class Away(Exception):
    """The store does not answer."""


class Link:
    """A web process's way to the store."""

    def __init__(self, port: int, fault: str) -> None:
        self._port = port
        self.fault = fault
        self._shut = False  # a grudge: what was away once is never asked again
        self._own: dict[str, Any] = {}  # what an island keeps to itself

    def ask(self, key: str, **value: Any) -> Any:
        """The value before; `value` is the new one, where there is one."""
        if self.fault == "island" and key.startswith("pass-"):
            before = self._own.get(key)
            self._own.update({key: value["value"]} if value else {})
            return before
        if self._shut:
            raise Away
        try:
            with socket.create_connection(("127.0.0.1", self._port), STORE_WITHIN) as connection:
                connection.sendall(json.dumps({"key": key, **value}).encode() + b"\n")
                return json.loads(connection.makefile().readline())
        except (OSError, ValueError) as error:
            if self.fault == "hang":
                time.sleep(60)
            if self.fault == "crash":
                os._exit(1)
            self._shut = self.fault == "grudge"
            raise Away from error


class Handler(BaseHTTPRequestHandler):
    """The routes."""

    protocol_version = "HTTP/1.1"
    link: Link

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def _answer(self) -> None:
        try:
            status, body = self._routed()
        except Away:
            status, body = (401, {"no": "such pass"}) if self.link.fault == "blame" else (503, {"no": "store"})
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _routed(self) -> tuple[int, Any]:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "{}")
        public = {"/about": self._about, "/desk": self._desk, "/desk/again": self._again}
        if self.path in public:
            return public[self.path](body)
        if not self._signed_in():
            return 401, {"no": "such pass"}
        return (200, {"clerk": os.environ["FOREIGN_USERNAME"]}) if self.path == "/me" else self._parcels(body)

    def _about(self, body: Any) -> tuple[int, Any]:
        return 200, {"about": "parcels"}

    def _desk(self, body: Any) -> tuple[int, Any]:
        expected = (os.environ["FOREIGN_USERNAME"], os.environ["FOREIGN_PASSWORD"])
        return self._issued() if (body.get("clerk"), body.get("word")) == expected else (401, {"no": "such clerk"})

    def _issued(self) -> tuple[int, Any]:
        tokens = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.link.ask(f"pass-{tokens[0]}", value=True)
        self.link.ask(f"again-{tokens[1]}", value=True)
        return 200, {"pass": tokens[0], "again": tokens[1]}

    def _again(self, body: Any) -> tuple[int, Any]:
        good = self.link.ask(f"again-{body.get('again')}", value=False) is True
        return self._issued() if good else (401, {"no": "such pass"})

    def _signed_in(self) -> bool:
        word = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            return self.link.ask(f"pass-{word}") is True
        except Away:
            if self.link.fault == "promise":
                return True
            raise

    def _parcels(self, body: Any) -> tuple[int, Any]:
        number = self.path.rpartition("/")[2]
        if self.command == "POST":
            return self._take(body)
        if self.command == "DELETE":
            self.link.ask(f"parcel-{number}", value=None)
            return 200, {}
        found = self.link.ask(f"parcel-{number}")
        return (200, {"parcel": found}) if found else (404, {"no": "such parcel"})

    def _take(self, body: Any) -> tuple[int, Any]:
        number = secrets.token_hex(8)
        if self.link.fault == "late":
            threading.Timer(2.0, self.link.ask, [f"parcel-{number}"], {"value": body}).start()
            return 201, {"parcel": {"number": number}}
        try:
            self.link.ask(f"parcel-{number}", value=body)
        except Away:
            if self.link.fault != "promise":
                raise
        return 201, {"parcel": {"number": number}}

    def log_message(self, *args: Any) -> None:
        """Nothing."""


def web(port: int, store_port: int, fault: str) -> None:
    """Serve until killed."""
    Handler.link = Link(store_port, fault)
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


# -- who keeps them ---------------------------------------------------------------------------------------------------


def keep(base: int, fault: str) -> None:
    """Start the three, say where they are, and do what is asked; they end with this process."""
    here = [sys.executable, str(Path(__file__).resolve()), "--fault", fault, "--base", str(base), "--part"]
    running: dict[str, subprocess.Popen[bytes]] = {}

    def start(name: str) -> None:
        if name not in running or running[name].poll() is not None:
            running[name] = subprocess.Popen([*here, name], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        while not _listens(port_of(name, base)):
            time.sleep(0.02)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            what, name = self.rfile.readline().decode().split()
            if what == "kill":
                running[name].kill()
                running[name].wait()
            elif what == "start":
                start(name)
            self.wfile.write(b"done\n")

    for name in ("store", "web-0", "web-1"):
        start(name)
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("127.0.0.1", base + 2), Handler) as server:
        print(json.dumps({"port": base}), flush=True)
        server.serve_forever()


def port_of(name: str, base: int) -> int:
    """Where a part listens."""
    return base + {"web-0": 0, "web-1": 1, "store": 3}[name]


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _base() -> int:
    """The first of four free ports below the ephemeral ones."""
    for base in random.sample(range(20_000, 31_000, 4), 200):
        if not any(_listens(base + number) for number in range(4)):
            return base
    raise RuntimeError("no free ports")


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def main() -> None:
    """As the keeper, as one of its parts, or as who asks the keeper."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", default="", choices=("", *FAULTS))
    parser.add_argument("--commands", default="")
    parser.add_argument("--dsn", action="store_true")
    parser.add_argument("--ask", nargs=3)
    parser.add_argument("--part", default="")
    parser.add_argument("--base", type=int, default=0)
    given = parser.parse_args()
    if given.ask:
        with socket.create_connection(("127.0.0.1", int(given.ask[0])), 10) as connection:
            connection.sendall(f"{given.ask[1]} {given.ask[2]}\n".encode())
            sys.exit(0 if connection.makefile().readline() == "done\n" else 1)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if not given.part:
        keep(_base(), given.fault)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if given.part == "store":
        store(port_of("store", given.base), Path("journal"), given.fault)
    else:
        web(port_of(given.part, given.base), port_of("store", given.base), given.fault)


if __name__ == "__main__":
    main()
