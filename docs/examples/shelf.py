"""Shelf: a lending library in one file, for the tutorial. `python shelf.py 8123`, with SHELF_PASSWORD for its reader.

It is a service like many: JSON, access and refresh tokens signed with HS256, everything kept in memory. Two things
are not as the reference specification wants them, and the tutorial finds them out.
"""

import hmac
import json
import os
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

ACCESS_MINUTES = 60
REFRESH_DAYS = 7
ROTATE = False

KEY = os.urandom(32)
READER, PASSWORD = "reader@example.com", os.environ.get("SHELF_PASSWORD", "")
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shelf", "version": "1"},
    "paths": {
        path: {
            method: {
                "responses": {"200": {"description": "done"}},
                **(
                    {"requestBody": {"content": {"application/json": {"schema": {"properties": fields}}}}}
                    if fields
                    else {}
                ),
            }
        }
        for path, method, fields in (
            ("/v2/sessions", "post", {"email": {"type": "string"}, "secret": {"type": "string"}}),
            ("/v2/sessions/renew", "post", {"renewal": {"type": "string"}}),
            ("/v2/sessions/revoke", "post", {"renewal": {"type": "string"}}),
            ("/v2/books", "get", {}),
        )
    },
}
revoked: set[str] = set()


def signed(kind: str, seconds: int) -> str:
    """A token of the reader."""
    now = int(time.time())
    claims = {"sub": READER, "kind": kind, "iat": now, "exp": now + seconds, "jti": uuid.uuid4().hex}
    return jwt.encode(claims, KEY, "HS256")


def pair() -> dict[str, str]:
    """What a login hands out."""
    return {"ticket": signed("access", ACCESS_MINUTES * 60), "renewal": signed("refresh", REFRESH_DAYS * 86_400)}


def opened(token: object, kind: str) -> dict[str, str] | None:
    """The claims of a good token of that kind."""
    try:
        claims = jwt.decode(str(token), KEY, algorithms=["HS256"], options={"require": ["exp", "jti", "sub"]})
    except jwt.PyJWTError:
        return None
    return claims if claims.get("kind") == kind and claims["jti"] not in revoked else None


class Shelf(BaseHTTPRequestHandler):
    """The operations."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The document, and the reader's books."""
        if self.path == "/openapi.json":
            return self.answer(200, DOCUMENT)
        if self.path == "/":
            return self.answer(200, {"name": "Shelf"})
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if self.path != "/v2/books":
            return self.answer(404, {"why": "there is nothing here"})
        known = scheme == "Bearer" and opened(token, "access")
        return self.answer(200, ["Middlemarch"]) if known else self.answer(401, {"why": "who are you?"})

    def do_POST(self) -> None:
        """Sign in, renew, sign out."""
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return self.answer(400, {"why": "send an object"})
        if self.path == "/v2/sessions":
            given = str(body.get("secret", "")).encode(), PASSWORD.encode()
            fits = PASSWORD and body.get("email") == READER and hmac.compare_digest(*given)
            return self.answer(200, pair()) if fits else self.answer(401, {"why": "no"})
        claims = opened(body.get("renewal"), "refresh")
        if claims is None:
            return self.answer(401, {"why": "sign in again"})
        if self.path == "/v2/sessions/revoke":
            revoked.add(claims["jti"])
            return self.answer(200, {})
        if self.path != "/v2/sessions/renew":
            return self.answer(404, {"why": "there is nothing here"})
        if not ROTATE:
            return self.answer(200, {"ticket": pair()["ticket"]})
        revoked.add(claims["jti"])
        return self.answer(200, pair())

    def answer(self, status: int, content: object) -> None:
        """JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Shelf).serve_forever()
