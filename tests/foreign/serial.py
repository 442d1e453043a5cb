"""A hobby project that works on strictly one request at a time.

Its rotation looks first and acts later, so it races; nobody sees it while requests queue up. `--threaded` is the
very same code with a thread a connection, and shows the race.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

import jwt

SATISFIED = dict.fromkeys(
    ("jwt.access-token-lifetime", "jwt.refresh-token-lifetime", "jwt.rotation", "jwt.blacklist"), "satisfied"
)
EXPECTED: dict[str | None, dict[str, str]] = {None: SATISFIED, "--threaded": {**SATISFIED, "jwt.rotation": "violated"}}
#: what single checks have to come to, where the requirement's verdict does not tell
EXPECTED_CHECKS: dict[str | None, dict[str, str]] = {
    None: {"jwt/concurrency::simultaneous_uses_give_exactly_one_pair": "not-assessed"},
}


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The project's stackproof.toml; most keys are the defaults."""
    return f"""
[target]
base_url = "{base_url}"
profile = "remote"
[auth.login]
path = "/login"
[auth.refresh]
path = "/refresh"
[auth.logout]
path = "/logout"
[auth.protected]
path = "/me"
"""


KEY = secrets.token_hex(32)
SALT = secrets.token_bytes(8)
GOOD: set[str] = set()


def hashed(password: str) -> bytes:
    """About 50 ms of work."""
    return hashlib.pbkdf2_hmac("sha256", password.encode(), SALT, 200_000)


def token(kind: str, seconds: int) -> str:
    """A token; a refresh token is good while its jti is known."""
    now, jti = int(time.time()), secrets.token_hex(8)
    if kind == "refresh":
        GOOD.add(jti)
    return jwt.encode({"kind": kind, "jti": jti, "iat": now, "exp": now + seconds}, KEY, algorithm="HS512")


def pair() -> dict[str, str]:
    """Both tokens."""
    return {"access": token("access", 900), "refresh": token("refresh", 604_800)}


def jti_of(text: Any, kind: str) -> str | None:
    """The jti of a valid token of that kind."""
    try:
        claims = jwt.decode(str(text), KEY, algorithms=["HS512"])
    except jwt.InvalidTokenError:
        return None
    return str(claims["jti"]) if claims["kind"] == kind else None


class Handler(BaseHTTPRequestHandler):
    """HTTP/1.0: each request has its own connection, and the next waits in the queue."""

    def do_GET(self) -> None:
        """The protected resource."""
        good = jti_of(self.headers.get("Authorization", "").removeprefix("Bearer "), "access")
        self.answer(200 if good else 401, {"me": "you"} if good else {})

    def do_POST(self) -> None:
        """Sign in, refresh, sign out."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        jti = jti_of(body.get("refresh"), "refresh")
        if self.path == "/login":
            right = hashed(body["password"]) == HASH and body["username"] == os.environ["FOREIGN_USERNAME"]
            self.answer(200 if right else 401, pair() if right else {})
        elif self.path == "/logout":
            GOOD.discard(jti or "")
            self.answer(200, {})
        elif jti in GOOD:
            new = pair()
            time.sleep(0.005)
            GOOD.discard(jti or "")
            self.answer(200, new)
        else:
            self.answer(401, {})

    def answer(self, status: int, data: dict[str, Any]) -> None:
        """Write JSON; the end of the connection is the end of the body."""
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(data).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


HASH = hashed(os.environ.get("FOREIGN_PASSWORD", ""))


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threaded", action="store_true")
    kind = ThreadingHTTPServer if parser.parse_args().threaded else HTTPServer
    kind.request_queue_size = 128
    server = kind(("127.0.0.1", 0), Handler)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
