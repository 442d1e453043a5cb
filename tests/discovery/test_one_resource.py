"""One resource for the whole life of a session, below /v1 and under names of its own."""

import base64
import itertools
import json
import tomllib

from stackproof.discovery.writing import as_toml


def schema(*fields):
    """A JSON body with these fields."""
    properties = {name: {"type": "string"} for name in fields}
    return {"content": {"application/json": {"schema": {"properties": properties, "required": list(fields)}}}}


PAIR = {"200": {"content": {"application/json": {"schema": {"properties": {"bearer": {}, "renewal": {}}}}}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/v1/session": {
            "post": {"operationId": "session_open", "requestBody": schema("login", "secret"), "responses": PAIR},
            "patch": {"operationId": "session_prolong", "requestBody": schema("renewal"), "responses": PAIR},
        },
        "/v1/me": {"get": {"operationId": "me", "security": [{"key": []}]}},
    },
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
}


def test_patch_prolongs_what_post_made(serve, find, account):
    """The document stands at /v1/openapi; the refresh takes a field called renewal, and no other."""
    numbers, good = itertools.count(), set()

    def pair():
        made = {}
        for name, kind in (("bearer", "access"), ("renewal", "refresh")):
            claims = json.dumps({"sub": "1", "token_type": kind, "jti": str(next(numbers))}).encode()
            made[name] = f"eyJhbGciOiJIUzI1NiJ9.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c2lnbmF0dXJl"
        good.update(made.values())
        return 200, {}, made

    def handle(method, path, headers, body):
        given = json.loads(body or b"{}")
        if (method, path) == ("GET", "/v1/openapi"):
            return 200, {}, DOCUMENT
        if (method, path) == ("GET", "/v1/me"):
            known = headers.get("Authorization", "").removeprefix("Bearer ") in good
            return (200, {}, {"name": "rider"}) if known else (401, {"WWW-Authenticate": "Bearer"}, {})
        if path == "/v1/session" and method == "POST":
            return pair() if given == {"login": account.username, "secret": account.password} else (400, {}, {})
        if path == "/v1/session" and method == "PATCH":
            token = given.get("renewal")
            known = set(given) == {"renewal"} and token in good
            good.discard(token)
            return pair() if known else (401, {}, {})
        return 404, {}, {}

    written = as_toml(find(serve(handle)[0]))
    read = tomllib.loads(written)

    assert read["api"]["document"] == "/v1/openapi"
    assert read["auth"]["refresh"] == {"path": "/v1/session", "method": "PATCH", "token": "renewal"}
    assert 'method = "PATCH"  # seen' in written
