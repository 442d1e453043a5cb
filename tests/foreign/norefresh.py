"""A back office with access tokens only: wsgiref with threads, JSON Web Tokens of RS256, no refresh by design.

`--undeclared` leaves out of the descriptor that this is by design, `--stays` its sign-out; with `--stateless` that
revokes nothing. With `--form` it is made for browsers: the login is a form, which leads on with the token in a cookie,
and whoever is not signed in is led to it. Its mistakes (`--fault`) are tokens of an hour and a sign-out that every
second request forgets.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from http.cookies import SimpleCookie
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

DECLARED = {
    "jwt.access-token-lifetime": "satisfied",
    "jwt.refresh-token-lifetime": "not-applicable",
    "jwt.rotation": "not-applicable",
    "jwt.blacklist": "satisfied",
}
UNDECLARED = {
    "jwt.access-token-lifetime": "satisfied",
    "jwt.refresh-token-lifetime": "not-assessed",
    "jwt.rotation": "not-assessed",
    "jwt.blacklist": "not-assessed",
}
EXPECTED: dict[str | None, dict[str, str]] = {
    None: DECLARED,
    "--undeclared": UNDECLARED,
    "--stays": {**DECLARED, "jwt.blacklist": "not-applicable"},
    "--stateless": {**DECLARED, "jwt.blacklist": "not-applicable"},
    "--form": DECLARED,
    "logout-half": {**DECLARED, "jwt.blacklist": "violated"},
    "access-hour": {**DECLARED, "jwt.access-token-lifetime": "violated"},
}

LOGOUT = """[auth.logout]
path = "/logout"
"""


FORM = """format = "form"
access = "cookie:jwt"
"""


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The back office's stackproof.toml."""
    form = "--form" in flags
    carriage = 'carrier = "cookie:jwt"\nscheme = ""' if form else ""
    return f"""
[target]
base_url = "{base_url}"
name = "back office"
profile = "remote"

[auth]
{"" if "--undeclared" in flags else "refresh_tokens = false"}
{carriage}

[auth.login]
path = "/login"
username_field = "login"
password_field = "secret"
{FORM if form else 'access = "jwt"'}

{"" if "--stays" in flags else LOGOUT}
[auth.protected]
path = "/whoami"
"""


class Office:
    """The WSGI application."""

    def __init__(self, lifetime: int, *, stateless: bool, forgetful: bool, form: bool = False) -> None:
        self.lifetime = lifetime
        self.form = form
        self.stateless = stateless
        self.forgetful = forgetful
        self.late = 0
        self.ended: set[str] = set()
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        self.salt = secrets.token_bytes(16)
        self.hash = self.hashed(os.environ["FOREIGN_PASSWORD"])

    def hashed(self, password: str) -> bytes:
        """Scrypt."""
        return hashlib.scrypt(password.encode(), salt=self.salt, n=2**14, r=8, p=1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        routes = {"POST /login": self.login, "POST /logout": self.logout, "GET /whoami": self.whoami}
        route = routes.get(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        status, data = route(environ) if route else ("404 Not Found", {})
        headers = []
        if self.form and (token := data.pop("jwt", "")):
            headers, status = [("Location", "/whoami"), ("Set-Cookie", f"jwt={token}; HttpOnly; Path=/")], "302 Found"
        elif self.form and status.startswith("401"):
            headers, status = [("Location", "/login")], "302 Found"
        body = json.dumps(data).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers])
        return [body]

    def token_of(self, environ: dict[str, Any]) -> tuple[str, str]:
        """(word, token) of a request."""
        if self.form:
            cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("jwt")
            return "Bearer", cookie.value if cookie else ""
        word, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        return word, token

    def login(self, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The access token."""
        try:
            raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            sent = dict(parse_qsl(raw.decode())) if self.form else json.loads(raw)
            right = hmac.compare_digest(self.hashed(str(sent["secret"])), self.hash)
        except (ValueError, KeyError, TypeError):
            return "400 Bad Request", {}
        if not right or sent.get("login") != os.environ["FOREIGN_USERNAME"]:
            return "401 Unauthorized", {"error": "wrong credentials"}
        now = int(time.time())
        claims = {"sub": sent["login"], "iat": now, "nbf": now, "exp": now + self.lifetime, "n": secrets.token_hex(8)}
        return "200 OK", {"jwt": jwt.encode(claims, self.key, algorithm="RS256")}

    def logout(self, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The token of the request is good no more."""
        if not self.stateless:
            self.ended.add(self.token_of(environ)[1])
        return "200 OK", {}

    def whoami(self, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The protected resource."""
        word, token = self.token_of(environ)
        self.late += token in self.ended
        if token in self.ended and not (self.forgetful and self.late % 2):
            return "401 Unauthorized", {"error": "signed out"}
        try:
            claims = jwt.decode(token, self.key.public_key(), algorithms=["RS256"])
        except jwt.InvalidTokenError:
            return "401 Unauthorized", {"error": "token"}
        return ("200 OK", {"login": claims["sub"]}) if word == "Bearer" else ("401 Unauthorized", {})


class Server(ThreadingMixIn, WSGIServer):
    """A thread a request."""

    daemon_threads = True
    request_queue_size = 64


class Quiet(WSGIRequestHandler):
    """Without a log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", choices=["access-hour", "logout-half"])
    parser.add_argument("--undeclared", action="store_true")
    parser.add_argument("--stays", action="store_true")
    parser.add_argument("--stateless", action="store_true")
    parser.add_argument("--form", action="store_true")
    options = parser.parse_args()
    office = Office(
        3600 if options.fault == "access-hour" else 900,
        stateless=options.stateless,
        forgetful=options.fault == "logout-half",
        form=options.form,
    )
    server = make_server("127.0.0.1", 0, office, server_class=Server, handler_class=Quiet)
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
