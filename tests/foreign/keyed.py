"""A service whose key the harness is given: Flask and PyJWT, lifetimes to choose, two replicas on neighbouring ports.

What it revokes stands in a dictionary of the process; POST /restart forgets what would not outlive a restart.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import jwt
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

FLAGS = (
    "--expiry-ignored",  # tokens are taken whatever their exp says
    "--outstanding",  # a refresh token must be one that was handed out, letter by letter
    "--floor",  # tokens from before the account's last login are refused
    "--forgets",  # revocations do not outlive a restart
    "--apart",  # the replica has a memory of its own for revocations
    "--stranger",  # the replica has keys and sessions of its own
    "--milliseconds",  # times in tokens count milliseconds
    "--text",  # exp is text
    "--sliding",  # one token for both purposes
    "--skew",  # the clock that signs is two minutes ahead
    "--same-again",  # a used refresh token is answered with the pair of its first use, for a while
)
KEY = "0123456789abcdef0123456789abcdef-keyed"


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """Its stackproof.toml."""
    port = int(base_url.rpartition(":")[2])
    restart = f"import urllib.request as u; u.urlopen(u.Request('{base_url}/restart', method='POST'))"
    return f"""
[target]
base_url = "{base_url}"
also = ["http://127.0.0.1:{port + 1}"]
profile = "remote"

[auth.login]
path = "/login"

[auth.refresh]
path = "/refresh"

[auth.logout]
path = "/logout"

[auth.protected]
path = "/me"

[auth.signing_key]
env = "KEYED_KEY"

[accounts]
many_sessions = true

[restart]
command = ['{sys.executable}', "-c", "{restart}"]
"""


class Memory:
    """What a replica remembers."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.revoked: set[str] = set()
        self.issued: set[str] = set()
        self.last_login = 0.0
        self.pairs: dict[str, tuple[float, dict[str, str]]] = {}


class Keyed:
    """One replica."""

    def __init__(self, options: argparse.Namespace, memory: Memory, key: str) -> None:
        self.options, self.memory, self.key = options, memory, key

    def _token(self, use: str, seconds: float) -> str:
        unit = 1000 if self.options.milliseconds else 1
        now = int(time.time()) + (120 if self.options.skew else 0)
        end: Any = int((now + seconds) * unit)
        claims = {"use": use, "iat": now * unit, "exp": str(end) if self.options.text else end}
        return jwt.encode({**claims, "jti": secrets.token_hex(8)}, self.key, algorithm="HS256")

    def pair(self) -> dict[str, str]:
        """New tokens."""
        access = self._token("access", self.options.access_seconds)
        refresh = access if self.options.sliding else self._token("refresh", self.options.refresh_seconds)
        with self.memory.lock:
            self.memory.issued.add(refresh)
        return {"access": access, "refresh": refresh}

    def read(self, token: str, use: str) -> dict[str, Any] | None:
        """The claims of a good token."""
        odd = self.options.milliseconds or self.options.text or self.options.skew
        checks = {"verify_exp": not odd and not self.options.expiry_ignored, "verify_iat": False}
        try:
            claims = jwt.decode(token, self.key, algorithms=["HS256"], options=checks)
        except jwt.InvalidTokenError:
            return None
        if self.options.floor and claims["iat"] < int(self.memory.last_login) - 1:
            return None
        return claims if self.options.sliding or claims["use"] == use else None

    def renew(self, token: str) -> dict[str, str] | None:
        """A new pair for a refresh token that is spent by it."""
        claims = self.read(token, "refresh")
        if claims is None or (self.options.outstanding and token not in self.memory.issued):
            return None
        with self.memory.lock:
            if self.options.same_again and claims["jti"] in self.memory.pairs:
                used, pair = self.memory.pairs[claims["jti"]]
                return pair if time.monotonic() - used < 6 else None
            if claims["jti"] in self.memory.revoked:
                return None
            self.memory.revoked.add(claims["jti"])
        pair = self.pair()
        self.memory.pairs[claims["jti"]] = (time.monotonic(), pair)
        return pair


def create_app(service: Keyed) -> Flask:
    """The application of a replica."""
    app = Flask("keyed")

    def field(name: str) -> str:
        return str((request.get_json(silent=True) or {}).get(name, ""))

    @app.post("/login")
    def login() -> Any:
        known = (os.environ["FOREIGN_USERNAME"], os.environ["FOREIGN_PASSWORD"])
        if (field("username"), field("password")) != known:
            return jsonify(error="no"), 401
        service.memory.last_login = time.time()
        return jsonify(service.pair())

    @app.post("/refresh")
    def refresh() -> Any:
        pair = service.renew(field("refresh"))
        return jsonify(pair) if pair else (jsonify(error="no"), 401)

    @app.post("/logout")
    def logout() -> Any:
        claims = service.read(field("refresh"), "refresh")
        if claims is None:
            return jsonify(error="no"), 401
        service.memory.revoked.add(claims["jti"])
        return "", 204

    @app.get("/me")
    def me() -> Any:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return jsonify(user="x") if service.read(token, "access") else (jsonify(error="no"), 401)

    @app.post("/restart")
    def restart() -> Any:
        if service.options.forgets:
            service.memory.revoked.clear()
        return "", 204

    return app


def main() -> None:
    """Serve both replicas until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--access-seconds", type=float, default=900)
    parser.add_argument("--refresh-seconds", type=float, default=7 * 86_400)
    for name in FLAGS:
        parser.add_argument(name, action="store_true")
    options = parser.parse_args()
    first = Keyed(options, Memory(), KEY)
    own = options.stranger or options.apart
    second = Keyed(options, Memory() if own else first.memory, secrets.token_hex(32) if options.stranger else KEY)
    port, servers = 0, []
    while not servers:
        port = 20_000 + secrets.randbelow(11_000)
        try:
            servers = [make_server("127.0.0.1", port + n, create_app(one), threaded=True)
                       for n, one in enumerate((first, second))]  # fmt: skip
        except (OSError, SystemExit):
            continue
    print(json.dumps({"port": port}), flush=True)
    threading.Thread(target=servers[1].serve_forever, daemon=True).start()
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
