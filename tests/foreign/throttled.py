"""A bank that throttles: so many sign-ins in a window, then 429 with Retry-After. Starlette under uvicorn.

`--window 3600` is the strict bank: two sign-ins an hour. `--refreshes` throttles the refresh endpoint as well.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import secrets
import socket
import time
from collections.abc import Sequence

import jwt
import uvicorn
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CLAUSES = ("jwt.access-token-lifetime", "jwt.refresh-token-lifetime", "jwt.rotation", "jwt.blacklist")
SATISFIED = dict.fromkeys(CLAUSES, "satisfied")
EXPECTED: dict[str | None, dict[str, str]] = {
    None: SATISFIED,
    "--window 3600 --allowed 0": dict.fromkeys(CLAUSES, "not-assessed"),
    "--window 3600 --allowed 2": dict.fromkeys(CLAUSES, "satisfied|not-assessed"),
    "--no-retry-after --window 3600 --allowed 0": dict.fromkeys(CLAUSES, "not-assessed"),
    "--refreshes": dict.fromkeys(CLAUSES, "satisfied"),
}
#: what single checks have to come to, where the requirement's verdict does not tell
EXPECTED_CHECKS: dict[str | None, dict[str, str]] = {
    "--refreshes": {"jwt/concurrency::simultaneous_uses_give_exactly_one_pair": "not-assessed"},
}


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The bank's stackproof.toml."""
    return f"""
[target]
base_url = "{base_url}"
name = "bank"
profile = "remote"

[auth.login]
path = "/oauth/token"
format = "form"
extra = {{ grant_type = "password" }}
access = "access_token"
refresh = "refresh_token"

[auth.refresh]
path = "/oauth/token"
format = "form"
extra = {{ grant_type = "refresh_token" }}
token = "refresh_token"

[auth.logout]
path = "/oauth/revoke"
format = "form"
token = "token"

[auth.protected]
path = "/userinfo"
"""


class Throttle:
    """At most `allowed` events in a window of `seconds`, by a fixed window as many libraries do."""

    def __init__(self, allowed: int, seconds: int) -> None:
        self.allowed, self.seconds = allowed, seconds
        self.began, self.seen = -math.inf, 0  # a machine may be up for less than a window

    def wait(self) -> int:
        """0 where the event may happen, else seconds until it may."""
        now = time.monotonic()
        if now - self.began >= self.seconds:
            self.began, self.seen = now, 0
        self.seen += 1
        return 0 if self.seen <= self.allowed else max(1, math.ceil(self.seconds - (now - self.began)))


class Bank:
    """OAuth-like: one token endpoint for both grants (RFC 6749, sections 4.3 and 6), revocation as in RFC 7009."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.key = secrets.token_bytes(48)
        self.hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
        self.stored = self.hasher.hash(os.environ["FOREIGN_PASSWORD"])
        self.logins = Throttle(options.allowed, options.window)
        self.refreshes = Throttle(5, 1) if options.refreshes else None
        self.tells = not options.no_retry_after
        self.live: set[str] = set()

    def tokens(self) -> JSONResponse:
        """A new pair."""
        now, jti = int(time.time()), secrets.token_hex(16)
        self.live.add(jti)
        common = {"sub": "account", "iss": "bank", "iat": now}
        access = jwt.encode({**common, "exp": now + 900, "scope": "user"}, self.key, algorithm="HS384")
        refresh = jwt.encode({**common, "exp": now + 604_800, "jti": jti}, self.key, algorithm="HS384")
        return JSONResponse({"access_token": access, "refresh_token": refresh, "token_type": "Bearer"})

    def claims(self, text: str) -> dict[str, object]:
        """The claims of a good token, else {}."""
        try:
            return jwt.decode(text, self.key, algorithms=["HS384"], issuer="bank")
        except jwt.InvalidTokenError:
            return {}

    def slow_down(self, seconds: int) -> JSONResponse:
        """429 (RFC 6585, section 4)."""
        headers = {"Retry-After": str(seconds)} if self.tells else {}
        return JSONResponse({"error": "slow_down"}, 429, headers)

    async def token(self, request: Request) -> JSONResponse:
        """Both grants."""
        form = {key: str(value) for key, value in (await request.form()).items()}
        if form.get("grant_type") == "refresh_token":
            return self.refresh(form.get("refresh_token", ""))
        if pause := self.logins.wait():
            return self.slow_down(pause)
        try:
            await run_in_threadpool(self.hasher.verify, self.stored, form.get("password", ""))
        except VerifyMismatchError:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form.get("username") != os.environ["FOREIGN_USERNAME"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return self.tokens()

    def refresh(self, text: str) -> JSONResponse:
        """No await between looking and acting: one loop, one winner."""
        if self.refreshes and (pause := self.refreshes.wait()):
            return self.slow_down(pause)
        jti = str(self.claims(text).get("jti"))
        if jti not in self.live:
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.live.discard(jti)
        return self.tokens()

    async def revoke(self, request: Request) -> JSONResponse:
        """Always 200, as RFC 7009 (section 2.2) asks for."""
        self.live.discard(str(self.claims(str((await request.form()).get("token"))).get("jti")))
        return JSONResponse({})

    async def userinfo(self, request: Request) -> JSONResponse:
        """The protected resource."""
        word, _, text = request.headers.get("authorization", "").partition(" ")
        good = word == "Bearer" and "scope" in self.claims(text)
        return JSONResponse({"sub": "account"} if good else {"error": "invalid_token"}, 200 if good else 401)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--allowed", type=int, default=5)
    parser.add_argument("--window", type=int, default=1)
    parser.add_argument("--refreshes", action="store_true")
    parser.add_argument("--no-retry-after", action="store_true")
    bank = Bank(parser.parse_args())
    app = Starlette(
        routes=[
            Route("/oauth/token", bank.token, methods=["POST"]),
            Route("/oauth/revoke", bank.revoke, methods=["POST"]),
            Route("/userinfo", bank.userinfo),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)).run(sockets=[listener])


if __name__ == "__main__":
    main()
