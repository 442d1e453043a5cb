"""A refresh token in an HttpOnly cookie of any name beside a signed access token, behind a proof that is fetched."""

import base64
import itertools
import json
import re
import tomllib
from http.cookies import SimpleCookie

import pytest

from stackproof.discovery.writing import as_toml

BODY = {
    "content": {
        "application/json": {
            "schema": {
                "properties": {"email": {"type": "string"}, "password": {"type": "string"}},
                "required": ["email"],
            }
        }
    }
}
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/v2/auth/csrf": {"get": {"operationId": "csrf"}},
        "/v2/auth/login": {"post": {"operationId": "login", "requestBody": BODY}},
        "/v2/auth/refresh": {"post": {"operationId": "refresh"}},
        "/v2/auth/logout": {"post": {"operationId": "logout"}},
        "/v2/auth/keys/jwks": {"get": {"operationId": "keys"}},
        "/v2/users/me": {"get": {"operationId": "me", "security": [{"bearer": []}]}},
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}


class Service:
    """Sessions by the number of their cookie; `proof` is the header that has to repeat the cookie of the proof."""

    def __init__(self, account, proof="X-XSRF-TOKEN", flags="; HttpOnly"):
        self.account, self.proof, self.flags = account, proof, flags
        self.numbers, self.access, self.live = itertools.count(), set(), set()

    def handed_out(self):
        """An access token in the body, and the cookie."""
        claims = (
            base64.urlsafe_b64encode(json.dumps({"sub": "1", "n": next(self.numbers)}).encode()).decode().rstrip("=")
        )
        access, cookie = f"eyJhbGciOiJFUzI1NiJ9.{claims}.c2lnbmF0dXJl", f"{next(self.numbers):040d}"
        self.access.add(access)
        self.live.add(cookie)
        return 200, {"Set-Cookie": f"rt={cookie}; Path=/v2/auth{self.flags}"}, {"accessToken": access, "expiresIn": 900}

    def handle(self, method, path, headers, body):
        """Answer a request."""
        jar = {name: one.value for name, one in SimpleCookie(headers.get("Cookie", "")).items()}
        match (method, path):
            case "GET", "/openapi.json":
                return 200, {}, DOCUMENT
            case "GET", "/v2/auth/csrf":
                return 200, {"Set-Cookie": "XSRF-TOKEN=a-proof-of-forty-letters-and-of-nothing-else"}, {}
            case "GET", "/v2/auth/keys/jwks":
                return 200, {}, {"keys": [{"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ"}]}
            case "GET", "/v2/users/me":
                good = headers.get("Authorization", "").removeprefix("Bearer ") in self.access
                return (200, {}, {"id": 1}) if good else (401, {}, {})
            case "POST", "/v2/auth/login":
                given = {"email": self.account.username, "password": self.account.password}
                return self.handed_out() if json.loads(body) == given else (401, {}, {})
            case "POST", "/v2/auth/refresh" | "/v2/auth/logout":
                if not jar.get("XSRF-TOKEN") or headers.get(self.proof) != jar["XSRF-TOKEN"]:
                    return 403, {}, {"message": "csrf"}
                known = jar.get("rt") in self.live
                self.live.discard(jar.get("rt"))
                answer = self.handed_out() if path.endswith("refresh") else (204, {}, b"")
                return answer if known else (401, {}, {})
        return 404, {}, {}


@pytest.mark.parametrize("proof", ["X-XSRF-TOKEN", "X-CSRF-Token"])
def test_the_cookie_is_found_by_what_it_does(serve, find, account, proof):
    """It is no token by its name; it is HttpOnly, and a refresh with it works. So do the proof and the key set."""
    auth = tomllib.loads(as_toml(find(serve(Service(account, proof).handle)[0])))["auth"]

    assert auth["login"]["access"] == "accessToken"
    assert auth["login"]["refresh"] == "cookie:rt"
    assert auth["refresh"] == {"path": "/v2/auth/refresh", "token": "cookie:rt"}
    assert (auth["csrf"]["path"], auth["csrf"]["cookie"]) == ("/v2/auth/csrf", "XSRF-TOKEN")
    assert auth["csrf"]["header"].lower() == proof.lower()
    assert (auth["logout"]["path"], auth["logout"]["token"]) == ("/v2/auth/logout", "cookie:rt")
    assert auth["jwks"] == "/v2/auth/keys/jwks"


def test_a_cookie_that_scripts_may_read_is_no_token(serve, find, account):
    """Nothing is tried with it, and no reason speaks of a refresh token that was not there."""
    found = find(serve(Service(account, flags="").handle)[0])

    assert "refresh" not in tomllib.loads(as_toml(found))["auth"]["login"]
    said = " ".join(found.notes)
    assert "no refresh token" in said
    assert not re.search(r"the refresh token still worked", said)
