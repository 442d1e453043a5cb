"""A notes API as FastAPI's own tutorial begins: OAuth2PasswordBearer, a form to sign in, its document at /openapi.json.

Access tokens of 15 minutes, refresh tokens of 7 days that are replaced on each use; `--fault access-hour` and
`--fault reuse-forever` are its mistakes.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Sequence
from typing import Annotated

import jwt
import uvicorn
from fastapi import Depends, FastAPI, Form, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel

SATISFIED = dict.fromkeys(
    ("jwt.access-token-lifetime", "jwt.refresh-token-lifetime", "jwt.rotation", "jwt.blacklist"), "satisfied"
)
EXPECTED: dict[str | None, dict[str, str]] = {
    None: SATISFIED,
    "access-hour": {**SATISFIED, "jwt.access-token-lifetime": "violated"},
    "reuse-forever": {**SATISFIED, "jwt.rotation": "violated"},
}
FAULTS = ("access-hour", "reuse-forever")
BEARER = OAuth2PasswordBearer(tokenUrl="token")


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The notes' stackproof.toml."""
    return f"""
[target]
base_url = "{base_url}"
profile = "remote"

[auth.login]
path = "/token"
format = "form"
extra = {{ grant_type = "password" }}
access = "access_token"
refresh = "refresh_token"

[auth.refresh]
path = "/token/refresh"
token = "refresh_token"

[auth.logout]
path = "/logout"
token = "refresh_token"

[auth.protected]
path = "/users/me"
"""


class Pair(BaseModel):
    """What a login answers."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"


class Used(BaseModel):
    """A refresh token that comes back."""

    refresh_token: str


class User(BaseModel):
    """The account."""

    username: str


class Notes:
    """Keys, and the refresh tokens that are good."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.key = secrets.token_hex(32)
        self.good: set[str] = set()
        self.lock = threading.Lock()

    def pair(self) -> Pair:
        """New tokens."""
        now, jti = int(time.time()), secrets.token_hex(8)
        with self.lock:
            self.good.add(jti)
        minutes = 60 if self.fault == "access-hour" else 15
        access = {"sub": "1", "iat": now, "exp": now + minutes * 60, "token_type": "access"}
        refresh = {"sub": "1", "iat": now, "exp": now + 7 * 86_400, "token_type": "refresh", "jti": jti}
        return Pair(access_token=self.signed(access), refresh_token=self.signed(refresh))

    def signed(self, claims: dict[str, object]) -> str:
        """A token."""
        return jwt.encode(claims, self.key, algorithm="HS256")

    def claims(self, token: str, kind: str) -> dict[str, str]:
        """Those of a good token.

        Raises:
            HTTPException: 401 where it is none.
        """
        try:
            found: dict[str, str] = jwt.decode(token, self.key, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            found = {}
        if found.get("token_type") != kind:
            raise HTTPException(401, "Could not validate credentials", {"WWW-Authenticate": "Bearer"})
        return found

    def take(self, token: str, *, keep: bool = False) -> None:
        """Use a refresh token up.

        Raises:
            HTTPException: 401 where it is not good any more.
        """
        jti = self.claims(token, "refresh")["jti"]
        with self.lock:
            if jti not in self.good:
                raise HTTPException(401, "Token was used or revoked")
            if not keep:
                self.good.discard(jti)


def create_app(notes: Notes) -> FastAPI:
    """The routes."""
    app = FastAPI(title="Notes")

    @app.post("/token")
    def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Pair:
        right = secrets.compare_digest(form.password, os.environ["FOREIGN_PASSWORD"])
        if form.username != os.environ["FOREIGN_USERNAME"] or not right:
            raise HTTPException(401, "Incorrect username or password")
        return notes.pair()

    @app.post("/token/refresh")
    def refresh(used: Used) -> Pair:
        notes.take(used.refresh_token, keep=notes.fault == "reuse-forever")
        return notes.pair()

    @app.post("/logout", status_code=204)
    def logout(used: Used) -> None:
        notes.take(used.refresh_token)

    @app.post("/users")
    def register(username: Annotated[str, Form()], password: Annotated[str, Form()]) -> User:
        raise HTTPException(403, f"closed to {len(username)} and {len(password)}")

    @app.get("/users/me")
    def me(token: Annotated[str, Depends(BEARER)]) -> User:
        notes.claims(token, "access")
        return User(username=os.environ["FOREIGN_USERNAME"])

    @app.get("/notes/{number}")
    def note(number: int, token: Annotated[str, Depends(BEARER)]) -> dict[str, int]:
        notes.claims(token, "access")
        return {"number": number}

    return app


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", choices=FAULTS, default="")
    notes = Notes(parser.parse_args().fault)
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    config = uvicorn.Config(create_app(notes), log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
