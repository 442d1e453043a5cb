"""A web shop's API: Flask and PyJWT, tokens nested in `data`, the scheme word "JWT", 403 for every refusal, no `iat`.

Sessions live in one dictionary; a refresh token carries the session's id and is good while it is the newest one.
Signing out names no refresh token: the session's id stands in the access token too.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import secrets
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import jwt
from flask import Flask, Response, jsonify, request, session
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.serving import make_server

FAULTS = (
    "access-hour",
    "access-5min",
    "access-iat-shifted",
    "access-never-expires",
    "access-longer-after-refresh",
    "refresh-month",
    "refresh-day",
    "refresh-never-expires",
    "refresh-day-after-rotation",
    "refresh-frozen",
    "same-refresh",
    "no-new-refresh",
    "reuse-forever",
    "reuse-grace",
    "race",
    "burst-no-winner",
    "logout-nothing",
    "logout-cookie-only",
    "logout-one-worker",
    "reuse-one-worker",
)
# Conforming, each in another way; `--no-date` takes away what the lifetime could be measured by, and `--misdescribed`
# is a slip of the pen in the descriptor: every refresh is refused for it.
VARIATIONS = (
    "--jitter",
    "--no-date",
    "--cookie-session",
    "--reuse-ends-session",
    "--reuse-ends-account",
    "--one-session",
    "--logout-redirects",
    "--strict-delete",
    "--prefixed",
    "--misdescribed",
)

SATISFIED = {
    "jwt.access-token-lifetime": "satisfied",
    "jwt.refresh-token-lifetime": "satisfied",
    "jwt.rotation": "satisfied",
    "jwt.blacklist": "satisfied",
}
ACCESS = {**SATISFIED, "jwt.access-token-lifetime": "violated"}
REFRESH = {**SATISFIED, "jwt.refresh-token-lifetime": "violated"}
ROTATION = {**SATISFIED, "jwt.rotation": "violated"}
BLACKLIST = {**SATISFIED, "jwt.blacklist": "violated"}
EXPECTED: dict[str | None, dict[str, str]] = {
    None: SATISFIED,
    "access-hour": ACCESS,
    "access-5min": ACCESS,
    "access-iat-shifted": ACCESS,
    "access-never-expires": ACCESS,
    "access-longer-after-refresh": ACCESS,
    "refresh-month": REFRESH,
    "refresh-day": REFRESH,
    "refresh-never-expires": REFRESH,
    "refresh-day-after-rotation": REFRESH,
    "refresh-frozen": REFRESH,
    "same-refresh": ROTATION,
    "no-new-refresh": ROTATION,
    "reuse-forever": ROTATION,
    "reuse-grace": ROTATION,
    "race": ROTATION,
    "burst-no-winner": ROTATION,
    "logout-nothing": BLACKLIST,
    "logout-cookie-only": BLACKLIST,
    "logout-one-worker": BLACKLIST,
    "reuse-one-worker": ROTATION,
    "--jitter": SATISFIED,
    "--no-date": {
        **SATISFIED,
        "jwt.access-token-lifetime": "not-assessed",
        "jwt.refresh-token-lifetime": "not-assessed",
    },
    "--cookie-session": SATISFIED,
    "--reuse-ends-session": SATISFIED,
    "--reuse-ends-account": SATISFIED,
    "--one-session": SATISFIED,
    "--logout-redirects": SATISFIED,
    "--strict-delete": SATISFIED,
    "--prefixed": SATISFIED,
    "--misdescribed": {
        **SATISFIED,
        "jwt.refresh-token-lifetime": "not-assessed",
        "jwt.rotation": "not-assessed",
        "jwt.blacklist": "not-assessed",
    },
}
#: what single checks have to come to, where the requirement's verdict does not tell
EXPECTED_CHECKS: dict[str | None, dict[str, str]] = {
    None: {"jwt/concurrency::simultaneous_uses_give_exactly_one_pair": "satisfied"},
    "race": {"jwt/concurrency::simultaneous_uses_give_exactly_one_pair": "violated"},
}


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The shop's stackproof.toml; under `--prefixed` the whole API stands behind a path."""
    base_url += "/shop" if "--prefixed" in flags else ""
    refresh_field = "refreshToken" if "--misdescribed" in flags else "data.refreshToken"
    logout_token = 'token = ""' if "--strict-delete" in flags else ""
    return f"""
[target]
base_url = "{base_url}"
name = "shop"
profile = "remote"

[auth]
scheme = "JWT"

[auth.login]
path = "/v2/session"
format = "form"
username_field = "user"
password_field = "pass"
access = "data.accessToken"
refresh = "data.refreshToken"

[auth.refresh]
path = "/v2/session/renew"
token = "{refresh_field}"

[auth.logout]
path = "/v2/session"
method = "DELETE"
{logout_token}

[auth.protected]
path = "/v2/profile"
"""


class Sessions:
    """Which refresh token of which session is the newest; `None` after the session's end."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.newest: dict[str, str | None] = {}

    def begin(self, *, alone: bool) -> str:
        """A new session's id."""
        sid = str(uuid.uuid4())
        with self.lock:
            if alone:
                self.newest = dict.fromkeys(self.newest)
            self.newest[sid] = ""
        return sid

    def end(self, sid: str) -> None:
        """No refresh token of the session is good any more."""
        with self.lock:
            self.newest[sid] = None

    def end_all(self) -> None:
        """Sign the account out everywhere."""
        with self.lock:
            self.newest = dict.fromkeys(self.newest)

    def advance(self, sid: str, used: str, new: str) -> bool:
        """Put the new token in the place of the used one, unless that is not the newest: one step, under the lock."""
        with self.lock:
            good = self.newest.get(sid) == used
            if good:
                self.newest[sid] = new
            return good


class Shop:
    """The service's state and its deliberate mistake."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.fault: str = options.fault
        self.options = options
        self.key = secrets.token_hex(32)
        self.user = os.environ["FOREIGN_USERNAME"]
        self.hash = generate_password_hash(os.environ["FOREIGN_PASSWORD"])
        self.sessions = Sessions()
        self.used_at: dict[str, float] = {}
        self.arrivals: dict[str, list[float]] = {}
        self.uses: Counter[str] = Counter()
        self.ended: set[str] = set()

    # -- tokens --------------------------------------------------------------------------------------------

    def access(self, sid: str, *, refreshed: bool) -> str:
        """An access token of a session."""
        minutes = {"access-hour": 60, "access-5min": 5, "access-iat-shifted": 60}.get(self.fault, 15)
        if self.fault == "access-longer-after-refresh" and refreshed:
            minutes = 8 * 60
        lifetime = minutes * 60 + (random.choice((-5, -2, 0, 1)) if self.options.jitter else 0)
        payload: dict[str, Any] = {"use": "access", "sid": sid, "exp": int(time.time()) + lifetime}
        if self.fault == "access-iat-shifted":
            payload["iat"] = payload["exp"] - 900
        if self.fault == "access-never-expires":
            del payload["exp"]
        return jwt.encode(payload, self.key, algorithm="HS256")

    def refresh(self, sid: str, jti: str, until: int | None = None) -> str:
        """A refresh token of a session."""
        days = {"refresh-month": 30, "refresh-day": 1}.get(self.fault, 7)
        if self.fault == "refresh-day-after-rotation" and until is not None:
            days = 1
        end = int(time.time()) + int(datetime.timedelta(days=days).total_seconds())
        if self.options.jitter:
            end += random.choice((-5, -2, 0, 1))
        if self.fault == "refresh-frozen" and until is not None:
            end = until
        payload: dict[str, Any] = {"use": "refresh", "sid": sid, "jti": jti, "exp": end}
        if self.fault == "refresh-never-expires":
            del payload["exp"]
        return jwt.encode(payload, self.key, algorithm="HS256")

    def read(self, token: str, use: str) -> dict[str, Any] | None:
        """The claims of a good token of that use."""
        try:
            payload = jwt.decode(token, self.key, algorithms=["HS256"], options={"verify_iat": False})
        except jwt.InvalidTokenError:
            return None
        return payload if payload.get("use") == use else None

    # -- sessions ------------------------------------------------------------------------------------------

    def sign_in(self) -> tuple[str, dict[str, str]]:
        """A new session's id and tokens."""
        sid, jti = self.sessions.begin(alone=self.options.one_session), secrets.token_hex(8)
        self.sessions.advance(sid, "", jti)
        return sid, {"accessToken": self.access(sid, refreshed=False), "refreshToken": self.refresh(sid, jti)}

    def renew(self, token: str) -> tuple[dict[str, str] | None, int]:
        """New tokens for a refresh token, and the status of the answer."""
        claims = self.read(token, "refresh")
        if claims is None:
            return None, 403
        sid, used, new = claims["sid"], claims["jti"], secrets.token_hex(8)
        if self.fault == "burst-no-winner" and not self._alone_with(used):
            return None, 500
        if not self._take(sid, used, new):
            self._answer_reuse(sid)
            return None, 403
        tokens = {"accessToken": self.access(sid, refreshed=True)}
        if self.fault == "same-refresh":
            tokens["refreshToken"] = token
        elif self.fault != "no-new-refresh":
            tokens["refreshToken"] = self.refresh(sid, new, claims.get("exp"))
        return tokens, 200

    def _alone_with(self, used: str) -> bool:
        """What a deadlock makes of several at once: all of them fail."""
        mine = time.monotonic()
        arrivals = self.arrivals.setdefault(used, [])
        arrivals.append(mine)
        time.sleep(0.15)
        return sum(abs(other - mine) < 0.14 for other in arrivals) == 1

    def _take(self, sid: str, used: str, new: str) -> bool:
        alive = self.sessions.newest.get(sid) is not None
        match self.fault:
            case "same-refresh" | "no-new-refresh" | "reuse-forever":
                return alive
            case "reuse-one-worker":  # each of two processes remembers the uses that it saw; the balancer takes turns
                with self.sessions.lock:
                    self.uses[used] += 1
                    return alive and self.uses[used] <= 2
            case "logout-one-worker" if sid in self.ended:
                with self.sessions.lock:
                    self.uses[sid] += 1
                    knows = self.uses[sid] % 2 == 1
                return not knows and self.sessions.advance(sid, used, new)
            case "race":
                good = self.sessions.newest.get(sid) == used
                time.sleep(random.uniform(0.0, 0.02))
                if good:
                    self.sessions.newest[sid] = new
                return good
            case "reuse-grace" if self._within_grace(sid, used):
                return True
            case _:
                return self.sessions.advance(sid, used, new)

    def _within_grace(self, sid: str, used: str) -> bool:
        first = self.used_at.setdefault(used, time.monotonic())
        known = self.sessions.newest.get(sid)
        return known is not None and known != used and 0 < time.monotonic() - first < 3.0

    def _answer_reuse(self, sid: str) -> None:
        if self.options.reuse_ends_session:
            self.sessions.end(sid)
        if self.options.reuse_ends_account:
            self.sessions.end_all()

    def sign_out(self, sid: str) -> None:
        """End a session, or pretend to."""
        if self.fault == "logout-one-worker":
            self.ended.add(sid)
        elif self.fault not in {"logout-nothing", "logout-cookie-only"}:
            self.sessions.end(sid)


def forbidden() -> tuple[Response, int]:
    """The one answer to whoever may not."""
    return jsonify(error={"code": "FORBIDDEN", "detail": "You shall not pass"}), 403


def caller(shop: Shop) -> dict[str, Any] | None:
    """Who asks: by the token of the header, or by the cookie session under `--cookie-session`."""
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    claims = shop.read(token, "access") if word == "JWT" else None
    if claims is None and shop.options.cookie_session and "sid" in session:
        return {"sid": session["sid"]}
    return claims


def sign_in(shop: Shop) -> Any:
    """POST /v2/session, a form."""
    known = request.form.get("user") == shop.user
    if not check_password_hash(shop.hash, request.form.get("pass", "")) or not known:
        return forbidden()
    sid, tokens = shop.sign_in()
    if shop.options.cookie_session:
        session["sid"] = sid
    return jsonify(data=tokens, meta={"shop": "foreign"}), 201


def renew(shop: Shop) -> Any:
    """POST /v2/session/renew, JSON."""
    data = (request.get_json(silent=True) or {}).get("data") or {}
    tokens, status = shop.renew(str(data.get("refreshToken", "")))
    if status == 500:
        return jsonify(error={"code": "INTERNAL"}), 500
    return (jsonify(data=tokens), status) if tokens else forbidden()


def sign_out(shop: Shop) -> Any:
    """DELETE /v2/session: the access token says which session."""
    claims = caller(shop)
    if claims is None:
        return forbidden()
    if shop.options.strict_delete and request.content_length:
        return jsonify(error={"code": "BODY_NOT_ALLOWED"}), 400
    shop.sign_out(claims["sid"])
    answer = Response(status=302 if shop.options.logout_redirects else 204)
    answer.delete_cookie("shop_refresh")
    if shop.options.logout_redirects:
        answer.headers["Location"] = "/"
    return answer


def profile(shop: Shop) -> Any:
    """GET /v2/profile."""
    return jsonify(data={"user": shop.user}) if caller(shop) else forbidden()


def create_app(shop: Shop) -> Flask:
    """The application with its routes."""
    app = Flask("shop")
    app.secret_key = secrets.token_hex(16)
    prefix = "/shop" if shop.options.prefixed else ""
    for method, path, view in (
        ("POST", "/v2/session", sign_in),
        ("POST", "/v2/session/renew", renew),
        ("DELETE", "/v2/session", sign_out),
        ("GET", "/v2/profile", profile),
    ):
        app.add_url_rule(prefix + path, view.__name__, partial(view, shop), methods=[method])
    return app


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", choices=FAULTS, default="")
    for name in VARIATIONS:
        parser.add_argument(name, action="store_true")
    options = parser.parse_args()
    server = make_server("127.0.0.1", 0, create_app(Shop(options)), threaded=True)
    if options.no_date:
        server.RequestHandlerClass.send_header = _without_date(server.RequestHandlerClass.send_header)  # type: ignore[method-assign]
    print(json.dumps({"port": server.port}), flush=True)
    server.serve_forever()


def _without_date(send_header: Any) -> Any:
    def send(handler: Any, keyword: str, value: str) -> None:
        if keyword.lower() != "date":
            send_header(handler, keyword, value)

    return send


if __name__ == "__main__":
    main()
