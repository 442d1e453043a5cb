"""A rider's portal: FastAPI under uvicorn, tokens in HttpOnly cookies, CSRF by double submit, ES256, Argon2id.

The browser never sees a token in a body. Every unsafe request brings the value of the `csrf_cookie` in `X-CSRF`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import socket
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import jwt
import uvicorn
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Response
from pydantic import BaseModel

MINUTE, DAY = 60, 86_400

#: fault -> what it changes in `Policy`
FAULTS: dict[str, dict[str, Any]] = {
    "access-hour": {"access": 60 * MINUTE},
    "access-5min": {"access": 5 * MINUTE},
    "access-iat-shifted": {"access": 60 * MINUTE, "iat_ahead": 45 * MINUTE},
    "access-longer-after-refresh": {"refreshed_access": 24 * 60 * MINUTE},
    "refresh-month": {"refresh": 30 * DAY},
    "refresh-day": {"refresh": 1 * DAY},
    "refresh-frozen": {"frozen": True},
    "same-refresh": {"rotate": False, "blacklist_used": False},
    "no-new-refresh": {"rotate": False, "blacklist_used": False, "echo_refresh": False},
    "reuse-forever": {"blacklist_used": False},
    "reuse-grace": {"grace": 3.0},
    "race": {"pause": 0.01},
    "burst-no-winner": {"deadlocks": True},
    "logout-nothing": {"logout": "nothing"},
    "logout-access-only": {"logout": "access"},
    "logout-one-worker": {"workers": 2},
}
SATISFIED = dict.fromkeys(
    ("jwt.access-token-lifetime", "jwt.refresh-token-lifetime", "jwt.rotation", "jwt.blacklist"), "satisfied"
)
_BROKEN = {"access": "access-token-lifetime", "refresh": "refresh-token-lifetime", "logout": "blacklist"}
EXPECTED: dict[str | None, dict[str, str]] = {
    None: SATISFIED,
    "--jitter": SATISFIED,
    "--insecure-cookies": SATISFIED,
    **{name: {**SATISFIED, f"jwt.{_BROKEN.get(name.split('-')[0], 'rotation')}": "violated"} for name in FAULTS},
}
#: what single checks have to come to, where the requirement's verdict does not tell
EXPECTED_CHECKS: dict[str | None, dict[str, str]] = {
    None: {"jwt/concurrency::simultaneous_uses_give_exactly_one_pair": "satisfied"},
    "race": {"jwt/concurrency::simultaneous_uses_give_exactly_one_pair": "violated"},
}


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The portal's stackproof.toml."""
    return f"""
[target]
base_url = "{base_url}"
name = "rider portal"
profile = "remote"

[auth]
carrier = "cookie:access_cookie"
scheme = ""

[auth.csrf]
path = "/auth/csrf"
cookie = "csrf_cookie"
header = "X-CSRF"

[auth.login]
path = "/auth/login"
access = "cookie:access_cookie"
refresh = "cookie:refresh_cookie"

[auth.refresh]
path = "/auth/refresh"
token = "cookie:refresh_cookie"

[auth.logout]
path = "/auth/logout"
token = "cookie:refresh_cookie"

[auth.protected]
path = "/riders/me"
"""


@dataclass
class Policy:
    """How the portal treats its tokens; the default is how it should."""

    access: int = 15 * MINUTE
    refreshed_access: int | None = None
    refresh: int = 7 * DAY
    iat_ahead: int = 0
    frozen: bool = False
    rotate: bool = True
    echo_refresh: bool = True
    blacklist_used: bool = True
    grace: float = 0.0
    pause: float = 0.0
    deadlocks: bool = False
    logout: str = "refresh"
    workers: int = 1


@dataclass
class Store:
    """What the workers remember: one worker's blacklist is not the other's."""

    blacklists: list[set[str]]
    retired: dict[str, float] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    arrivals: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def noted(secret: str) -> None:
    """Write a secret down, so that a test can look for it where it must not stand."""
    with Path("ledger").open("a") as ledger:
        ledger.write(f"{secret}\n")


class Credentials(BaseModel):
    """The body of a sign-in."""

    username: str
    password: str


class Portal:
    """Tokens and their fate."""

    def __init__(self, policy: Policy, *, jitter: bool, secure: bool) -> None:
        self.policy, self.jitter, self.secure = policy, jitter, secure
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.hasher = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)
        self.username = os.environ["FOREIGN_USERNAME"]
        self.stored = self.hasher.hash(os.environ["FOREIGN_PASSWORD"])
        self.store = Store([set() for _ in range(policy.workers)])

    def mint(self, kind: str, seconds: int, until: int | None = None) -> str:
        """A signed token."""
        now = int(time.time())
        lifetime = seconds + (random.randint(-5, 1) if self.jitter else 0)
        ahead = self.policy.iat_ahead if kind == "access" else 0
        claims = {
            "sub": self.username,
            "typ": kind,
            "jti": secrets.token_hex(12),
            "iat": now + ahead,
            "exp": until or now + lifetime,
        }
        made = jwt.encode(claims, self.key, algorithm="ES256", headers={"kid": "portal-1"})
        noted(made)
        return made

    def claims(self, token: str | None, kind: str) -> dict[str, Any]:
        """The claims of a good token.

        Raises:
            HTTPException: 401 for any other.
        """
        try:
            found = jwt.decode(token or "", self.key.public_key(), algorithms=["ES256"], options={"verify_iat": False})
        except jwt.InvalidTokenError as error:
            raise HTTPException(401, "not signed in") from error
        if found["typ"] != kind:
            raise HTTPException(401, "wrong kind of token")
        return found

    def sign_in(self, credentials: Credentials) -> None:
        """Compare the credentials; takes as long for an unknown name.

        Raises:
            HTTPException: 401 where they are wrong.
        """
        try:
            self.hasher.verify(self.stored, credentials.password)
        except VerifyMismatchError as error:
            raise HTTPException(401, "wrong credentials") from error
        if credentials.username != self.username:
            raise HTTPException(401, "wrong credentials")

    async def use(self, token: str | None) -> dict[str, Any]:
        """Use a refresh token up; its claims.

        Raises:
            HTTPException: 401 where it is not good, 500 where the database would give up.
        """
        claims = self.claims(token, "refresh")
        jti, policy, store = claims["jti"], self.policy, self.store
        turn = store.uses[jti]
        store.uses[jti] += 1
        if policy.deadlocks:
            await self.collide(jti)
        if jti in store.blacklists[turn % policy.workers]:
            raise HTTPException(401, "revoked")
        retired = store.retired.get(jti)
        if retired is not None and time.monotonic() - retired >= policy.grace:
            raise HTTPException(401, "used before")
        if policy.pause:
            await asyncio.sleep(random.uniform(0, policy.pause))
        if policy.blacklist_used:
            store.retired.setdefault(jti, time.monotonic())
        return claims

    async def collide(self, jti: str) -> None:
        """What a deadlock makes of several uses at once.

        Raises:
            HTTPException: 500 for all of them.
        """
        mine = time.monotonic()
        self.store.arrivals[jti].append(mine)
        await asyncio.sleep(0.15)
        if sum(abs(other - mine) < 0.14 for other in self.store.arrivals[jti]) > 1:
            raise HTTPException(500, "deadlock detected")

    def revoke(self, token: str | None) -> None:
        """Revoke a refresh token, in the worker that happens to be asked."""
        if self.policy.logout == "refresh":
            self.store.blacklists[0].add(self.claims(token, "refresh")["jti"])

    def hand_out(self, response: Response, access: str, refresh: str | None) -> None:
        """Put the tokens into cookies that no script can read."""
        common: dict[str, Any] = {"httponly": True, "secure": self.secure, "samesite": "lax"}
        response.set_cookie("access_cookie", access, max_age=self.policy.access, path="/", **common)
        if refresh:
            response.set_cookie("refresh_cookie", refresh, max_age=self.policy.refresh, path="/auth", **common)


def double_submit(
    csrf_cookie: Annotated[str | None, Cookie()] = None, x_csrf: Annotated[str | None, Header()] = None
) -> None:
    """Refuse what another site could have sent."""
    if not csrf_cookie or not x_csrf or not secrets.compare_digest(csrf_cookie.encode(), x_csrf.encode()):
        raise HTTPException(403, "CSRF proof missing")


def create_app(portal: Portal) -> FastAPI:
    """The routes."""
    app = FastAPI(title="Rider portal")
    policy = portal.policy

    @app.get("/auth/csrf")
    async def csrf(response: Response) -> dict[str, bool]:
        proof = secrets.token_urlsafe(16)
        noted(proof)
        response.set_cookie("csrf_cookie", proof, samesite="lax", secure=portal.secure)
        return {"ok": True}

    @app.post("/auth/login", dependencies=[Depends(double_submit)])
    def login(credentials: Credentials, response: Response) -> dict[str, bool]:
        portal.sign_in(credentials)
        portal.hand_out(response, portal.mint("access", policy.access), portal.mint("refresh", policy.refresh))
        return {"ok": True}

    @app.post("/auth/refresh", dependencies=[Depends(double_submit)])
    async def refresh(response: Response, refresh_cookie: Annotated[str | None, Cookie()] = None) -> dict[str, bool]:
        claims = await portal.use(refresh_cookie)
        new = refresh_cookie if policy.echo_refresh else None
        if policy.rotate:
            new = portal.mint("refresh", policy.refresh, claims["exp"] if policy.frozen else None)
        portal.hand_out(response, portal.mint("access", policy.refreshed_access or policy.access), new)
        return {"ok": True}

    @app.post("/auth/logout", dependencies=[Depends(double_submit)])
    async def logout(response: Response, refresh_cookie: Annotated[str | None, Cookie()] = None) -> dict[str, str]:
        portal.revoke(refresh_cookie)
        response.delete_cookie("access_cookie")
        response.delete_cookie("refresh_cookie", path="/auth")
        return {"detail": "signed out"}

    @app.get("/riders/me")
    async def me(access_cookie: Annotated[str | None, Cookie()] = None) -> dict[str, Any]:
        return {"rider": portal.claims(access_cookie, "access")["sub"]}

    return app


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", choices=sorted(FAULTS))
    parser.add_argument("--jitter", action="store_true")
    parser.add_argument("--insecure-cookies", action="store_true")
    options = parser.parse_args()
    policy = Policy(**FAULTS.get(options.fault, {}))
    portal = Portal(policy, jitter=options.jitter, secure=not options.insecure_cookies)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    config = uvicorn.Config(create_app(portal), log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
