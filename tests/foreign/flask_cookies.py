"""A farm shop: flask-jwt-extended as its documentation has it for browsers, tokens and their proofs in cookies.

Its login sets four cookies: two tokens, and the double-submit proof of each, which the token's claim `csrf` names. It
answers 422 to what is no token of its own, and the blocklist holds sessions. `--blocklist-of-refresh` signs out with
the refresh token alone, and `--worded` puts "Bearer " before the token in its one cookie, without proofs.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Flask, Response, jsonify, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
    set_access_cookies,
    set_refresh_cookies,
    unset_jwt_cookies,
)
from werkzeug.serving import make_server

FAULTS = ("no-new-refresh", "reuse-forever", "logout-nothing", "access-hour")
SATISFIED = dict.fromkeys(
    ("jwt.access-token-lifetime", "jwt.refresh-token-lifetime", "jwt.rotation", "jwt.blacklist"), "satisfied"
)
EXPECTED: dict[str | None, dict[str, str]] = {
    None: SATISFIED,
    "no-new-refresh": {**SATISFIED, "jwt.rotation": "violated"},
    "reuse-forever": {**SATISFIED, "jwt.rotation": "violated"},
    "logout-nothing": {**SATISFIED, "jwt.blacklist": "violated"},
    "access-hour": {**SATISFIED, "jwt.access-token-lifetime": "violated"},
    "--blocklist-of-refresh": SATISFIED,
    "--worded": SATISFIED,
    "--worded --fault access-hour": {**SATISFIED, "jwt.access-token-lifetime": "violated"},
}


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The shop's stackproof.toml."""
    proof = """
[auth.csrf]
cookie = "csrf_access_token"
refresh_cookie = "csrf_refresh_token"
header = "X-CSRF-TOKEN"
"""
    logout = 'token = "cookie:refresh_token_cookie"\nsend_access = false' if "--blocklist-of-refresh" in flags else ""
    return f"""
[target]
base_url = "{base_url}"
name = "farm shop"
profile = "remote"

[auth]
carrier = "cookie:access_token_cookie"
scheme = ""
{'cookie_prefix = "Bearer "' if "--worded" in flags else proof}
[auth.login]
path = "/auth/login"
access = "cookie:access_token_cookie"
refresh = "cookie:refresh_token_cookie"

[auth.refresh]
path = "/auth/renew"
token = "cookie:refresh_token_cookie"

[auth.logout]
path = "/auth/logout"
{logout or 'token = ""'}

[auth.protected]
path = "/me"
"""


class Shop:
    """The account, and what was revoked."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.user = os.environ["FOREIGN_USERNAME"]
        self.hasher = PasswordHasher(time_cost=1, memory_cost=1024)
        self.hash = self.hasher.hash(os.environ["FOREIGN_PASSWORD"])
        self.lock = threading.Lock()
        self.revoked: set[str] = set()

    def knows(self, given: Any) -> bool:
        """Whether that is the account and its password."""
        try:
            self.hasher.verify(self.hash, str(given.get("password")))
        except (VerifyMismatchError, AttributeError):
            return False
        return bool(given.get("username") == self.user)

    def take(self, jti: str) -> bool:
        """Use a refresh token up; False where it was."""
        with self.lock:
            fresh = jti not in self.revoked
            self.revoked.add(jti)
            return fresh or self.fault == "reuse-forever"

    def is_revoked(self, _header: dict[str, Any], claims: dict[str, Any]) -> bool:
        """What the library asks for each token."""
        if self.fault == "reuse-forever" and claims["type"] == "refresh":
            return claims["session"] in self.revoked
        return claims["jti"] in self.revoked or claims["session"] in self.revoked


def create_app(shop: Shop, *, refresh_signs_out: bool) -> Flask:  # noqa: C901 - a whole service
    """The routes."""
    app = Flask(__name__)
    app.config.update(
        JWT_SECRET_KEY=secrets.token_hex(32),
        JWT_TOKEN_LOCATION=["cookies"],
        JWT_ACCESS_TOKEN_EXPIRES=datetime.timedelta(minutes=60 if shop.fault == "access-hour" else 15),
        JWT_REFRESH_TOKEN_EXPIRES=datetime.timedelta(days=7),
        JWT_REFRESH_COOKIE_PATH="/auth",
    )
    manager = JWTManager(app)
    manager.token_in_blocklist_loader(shop.is_revoked)

    def handing_out(session: str, *, fresh: bool, alone: bool = False) -> Response:
        answer = jsonify(ok=True)
        claims = {"session": session}
        set_access_cookies(answer, create_access_token(shop.user, fresh=fresh, additional_claims=claims))
        if not alone:
            set_refresh_cookies(answer, create_refresh_token(shop.user, additional_claims=claims))
        return answer

    @app.post("/auth/login")
    def login() -> tuple[Response, int]:
        if not shop.knows(request.get_json(silent=True)):
            return jsonify(msg="bad username or password"), 401
        return handing_out(secrets.token_hex(8), fresh=True), 200

    @app.post("/auth/renew")
    @jwt_required(refresh=True)
    def renew() -> tuple[Response, int]:
        if shop.fault == "no-new-refresh":
            return handing_out(get_jwt()["session"], fresh=False, alone=True), 200
        if not shop.take(get_jwt()["jti"]):
            return jsonify(msg="Token has been revoked"), 401
        return handing_out(get_jwt()["session"], fresh=False), 200

    @app.post("/auth/logout")
    @jwt_required(refresh=refresh_signs_out)
    def logout() -> Response:
        if shop.fault != "logout-nothing":
            shop.revoked.add(get_jwt()["session"])
        answer = jsonify(ok=True)
        unset_jwt_cookies(answer)
        return answer

    @app.get("/me")
    @jwt_required()
    def me() -> Response:
        return jsonify(username=get_jwt_identity())

    return app


class Worded:
    """Puts "Bearer " before the token in a cookie, as several frameworks do, and takes it off again."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """One request."""
        sent = environ.get("HTTP_COOKIE", "")
        environ["HTTP_COOKIE"] = "; ".join(
            f"{name}={value.strip('"').removeprefix('Bearer ')}"
            for name, _, value in (one.strip().partition("=") for one in sent.split(";"))
            if not name.endswith("_token_cookie") or value.strip('"').startswith("Bearer ")
        )

        def worded(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [(name, _worded(name, value)) for name, value in headers], *rest)

        return self.app(environ, worded)


def _worded(name: str, value: str) -> str:
    if name.lower() != "set-cookie" or "_token_cookie=ey" not in value:
        return value
    first, _, rest = value.partition(";")
    key, _, token = first.partition("=")
    return f'{key}="Bearer {token}";{rest}'


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", choices=FAULTS, default="")
    parser.add_argument("--blocklist-of-refresh", action="store_true")
    parser.add_argument("--worded", action="store_true")
    options = parser.parse_args()
    app = create_app(Shop(options.fault), refresh_signs_out=options.blocklist_of_refresh)
    app.config["JWT_COOKIE_CSRF_PROTECT"] = not options.worded
    server = make_server("127.0.0.1", 0, Worded(app) if options.worded else app, threaded=True)
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
