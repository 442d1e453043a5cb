"""The three services as their own front ends call them, with plain httpx: nothing here knows of Stackproof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import jwt

from tests.foreign.launch import Foreign


@dataclass(frozen=True)
class Got:
    """An answer, and the tokens in it."""

    status: int
    access: str = ""
    refresh: str = ""
    data: Any = None
    date: str = ""


class Client:
    """One connection pool to a service, which tests use from several threads."""

    refused = 401

    def __init__(self, service: Foreign) -> None:
        self.service = service
        self.http = httpx.Client(
            base_url=service.base_url, timeout=20, trust_env=False, limits=httpx.Limits(max_connections=32)
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Without the cookies of before."""
        self.http.cookies.clear()
        return self.http.request(method, path, **options)

    def login(self, password: str | None = None) -> Got:
        """Sign in."""
        raise NotImplementedError

    def refresh(self, token: str) -> Got:
        """Exchange a refresh token."""
        raise NotImplementedError

    def logout(self, tokens: Got) -> int:
        """Sign out; the status."""
        raise NotImplementedError

    def me(self, access: str) -> int:
        """Read the protected resource; the status."""
        raise NotImplementedError


class Shop(Client):
    """flask_shop."""

    refused = 403

    def _got(self, answer: httpx.Response) -> Got:
        data = answer.json().get("data", {}) if answer.is_success else {}
        tokens = data.get("accessToken", ""), data.get("refreshToken", "")
        return Got(answer.status_code, *tokens, data=data, date=answer.headers.get("date", ""))

    def login(self, password: str | None = None) -> Got:
        form = {"user": self.service.username, "pass": password or self.service.password}
        return self._got(self.send("POST", "/v2/session", data=form))

    def refresh(self, token: str) -> Got:
        return self._got(self.send("POST", "/v2/session/renew", json={"data": {"refreshToken": token}}))

    def logout(self, tokens: Got) -> int:
        return self.send("DELETE", "/v2/session", headers={"Authorization": f"JWT {tokens.access}"}).status_code

    def me(self, access: str) -> int:
        return self.send("GET", "/v2/profile", headers={"Authorization": f"JWT {access}"}).status_code


class Portal(Client):
    """fastapi_cookies."""

    def _post(self, path: str, *, refresh: str = "", **options: Any) -> Got:
        cookie = "csrf_cookie=proof" + (f"; refresh_cookie={refresh}" if refresh else "")
        answer = self.send("POST", path, headers={"Cookie": cookie, "X-CSRF": "proof"}, **options)
        set_cookies = {}
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            set_cookies[name] = value.strip('"')
            assert "httponly" in line.lower() or not value.strip('"'), "a token that scripts can read"
        tokens = set_cookies.get("access_cookie", ""), set_cookies.get("refresh_cookie", "")
        return Got(answer.status_code, *tokens, data=answer.text)

    def login(self, password: str | None = None) -> Got:
        body = {"username": self.service.username, "password": password or self.service.password}
        return self._post("/auth/login", json=body)

    def refresh(self, token: str) -> Got:
        return self._post("/auth/refresh", refresh=token)

    def logout(self, tokens: Got) -> int:
        return self._post("/auth/logout", refresh=tokens.refresh).status

    def me(self, access: str) -> int:
        return self.send("GET", "/riders/me", headers={"Cookie": f"access_cookie={access}"}).status_code


class Tracker(Client):
    """stdlib_opaque."""

    def _got(self, answer: httpx.Response) -> Got:
        data = answer.json()
        return Got(answer.status_code, data.get("token", ""), data.get("renewal", ""), data=data)

    def login(self, password: str | None = None) -> Got:
        body = {"email": self.service.username, "password": password or self.service.password}
        return self._got(self.send("POST", "/token", json=body))

    def refresh(self, token: str) -> Got:
        return self._got(self.send("POST", "/token/renew", headers={"X-Renewal-Token": token}))

    def logout(self, tokens: Got) -> int:
        return self.send("POST", "/token/revoke", json={"renewal": tokens.refresh}).status_code

    def me(self, access: str) -> int:
        return self.send("GET", "/me", headers={"X-Auth-Token": access}).status_code


CLIENTS: dict[str, type[Client]] = {"flask_shop": Shop, "fastapi_cookies": Portal, "stdlib_opaque": Tracker}


def claims(token: str) -> dict[str, Any]:
    """What a token says, nobody's signature asked."""
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found
