"""A parcel tracker without a framework: http.server with a thread a connection, and its own few lines of HS256.

The access token is a JWT; the refresh token ("renewal") is a random word that means something to the server alone.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import random
import secrets
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FAULTS = {
    "access-hour": "jwt.access-token-lifetime",
    "access-5min": "jwt.access-token-lifetime",
    "access-iat-shifted": "jwt.access-token-lifetime",
    "access-longer-after-refresh": "jwt.access-token-lifetime",
    "expires-in-lies": "jwt.access-token-lifetime",
    "refresh-month": "",  # an opaque token claims nothing: unseen from outside
    "refresh-day": "",
    "refresh-frozen": "",
    "same-refresh": "jwt.rotation",
    "no-new-refresh": "jwt.rotation",
    "reuse-forever": "jwt.rotation",
    "reuse-grace": "jwt.rotation",
    "race": "jwt.rotation",
    "burst-no-winner": "jwt.rotation",
    "logout-nothing": "jwt.blacklist",
    "logout-one-worker": "jwt.blacklist",
}
CONFORMING = {
    "jwt.access-token-lifetime": "satisfied",
    "jwt.refresh-token-lifetime": "not-assessed",
    "jwt.rotation": "satisfied",
    "jwt.blacklist": "satisfied",
}
EXPECTED: dict[str | None, dict[str, str]] = {
    None: CONFORMING,
    "--jitter": CONFORMING,
    **{name: CONFORMING | ({clause: "violated"} if clause else {}) for name, clause in FAULTS.items()},
}
#: what single checks have to come to, where the requirement's verdict does not tell
EXPECTED_CHECKS: dict[str | None, dict[str, str]] = {
    None: {"jwt/concurrency::simultaneous_uses_give_exactly_one_pair": "satisfied"},
    "race": {"jwt/concurrency::simultaneous_uses_give_exactly_one_pair": "violated"},
}


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The tracker's stackproof.toml."""
    return f"""
[target]
base_url = "{base_url}"
name = "parcel tracker"
profile = "remote"

[auth]
carrier = "header:X-Auth-Token"
scheme = ""

[auth.login]
path = "/token"
username_field = "email"
access = "token"
refresh = "renewal"

[auth.refresh]
path = "/token/renew"
token = "header:X-Renewal-Token"

[auth.logout]
path = "/token/revoke"
token = "renewal"
send_access = false

[auth.protected]
path = "/me"
"""


def b64(data: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(payload: dict[str, Any], key: bytes) -> str:
    """A compact HS256 token."""
    head = b64(b'{"typ":"JWT","alg":"HS256"}') + "." + b64(json.dumps(payload).encode())
    return head + "." + b64(hmac.digest(key, head.encode(), "sha256"))


def verify(token: str, key: bytes) -> dict[str, Any] | None:
    """The payload where signature and expiry are good."""
    head, _, signature = token.rpartition(".")
    if not hmac.compare_digest(b64(hmac.digest(key, head.encode(), "sha256")).encode(), signature.encode()):
        return None
    body = head.partition(".")[2]
    payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return payload if payload["exp"] > time.time() else None


class Tracker:
    """Renewal tokens, each with the end of its life; whoever takes one out of the dictionary owns it."""

    def __init__(self, fault: str, *, jitter: bool) -> None:
        self.fault, self.jitter = fault, jitter
        self.key = secrets.token_bytes(32)
        self.email = os.environ["FOREIGN_USERNAME"]
        self.salt = secrets.token_bytes(16)
        self.hash = self.hashed(os.environ["FOREIGN_PASSWORD"])
        self.renewals: dict[str, float] = {}
        self.used: dict[str, tuple[float, float]] = {}
        self.revoked: dict[str, tuple[float, int]] = {}
        self.arrivals: dict[str, list[float]] = {}
        self.lock = threading.Lock()

    def hashed(self, password: str) -> bytes:
        """PBKDF2, slow enough to be noticed."""
        return hashlib.pbkdf2_hmac("sha256", password.encode(), self.salt, 300_000)

    def pair(self, *, refreshed: bool = False, until: float | None = None) -> dict[str, Any]:
        """What a sign-in or a renewal answers."""
        now = int(time.time())
        lifetime = {"access-hour": 3600, "access-5min": 300, "access-iat-shifted": 3600}.get(self.fault, 900)
        if self.fault == "expires-in-lies" or (self.fault == "access-longer-after-refresh" and refreshed):
            lifetime = 7200
        if self.jitter:
            lifetime += random.randint(-5, 1)
        issued = now + 2700 if self.fault == "access-iat-shifted" else now
        access = sign({"email": self.email, "iat": issued, "exp": now + lifetime}, self.key)
        seconds = {"refresh-month": 30, "refresh-day": 1}.get(self.fault, 7) * 86_400
        renewal = secrets.token_urlsafe(48)
        with Path("ledger").open("a") as ledger:  # lets a test look for tokens where they must not stand
            ledger.write(f"{access}\n{renewal}\n")
        self.renewals[renewal] = until if until and self.fault == "refresh-frozen" else now + seconds
        stated = 900 if self.fault == "expires-in-lies" else lifetime
        return {
            "token": access,
            "renewal": renewal,
            "expires_in": stated,
            "renewal_expires_in": int(self.renewals[renewal] - now),
        }

    def renew(self, renewal: str) -> dict[str, Any] | None:
        """A new pair for a renewal token, or None."""
        until = self._claim(renewal)
        if until is None or until < time.time():
            return None
        answer = self.pair(refreshed=True, until=until)
        if self.fault == "same-refresh":
            answer["renewal"] = renewal
        if self.fault == "no-new-refresh":
            del answer["renewal"], answer["renewal_expires_in"]
        return answer

    def _claim(self, renewal: str) -> float | None:
        if self.fault in {"same-refresh", "no-new-refresh", "reuse-forever"}:
            return self.renewals.get(renewal)
        if self.fault == "race":
            until = self.renewals.get(renewal)
            time.sleep(random.uniform(0.0, 0.02))
            self.renewals.pop(renewal, None)
            return until
        if self.fault == "burst-no-winner":
            self._collide(renewal)
        if self.fault == "logout-one-worker" and renewal in self.revoked:
            until, asked = self.revoked[renewal]
            self.revoked[renewal] = (until, asked + 1)
            return until if asked % 2 else None
        with self.lock:
            until = self.renewals.pop(renewal, None)
            if until is not None:
                self.used[renewal] = (time.monotonic(), until)
        if until is None and self.fault == "reuse-grace" and renewal in self.used:
            since, until = self.used[renewal]
            return until if time.monotonic() - since < 3.0 else None
        return until

    def _collide(self, renewal: str) -> None:
        mine = time.monotonic()
        arrivals = self.arrivals.setdefault(renewal, [])
        arrivals.append(mine)
        time.sleep(0.15)
        if sum(abs(other - mine) < 0.14 for other in arrivals) > 1:
            raise ArithmeticError("could not serialize access due to concurrent update")

    def revoke(self, renewal: str) -> None:
        """Sign out; an unknown token is no error."""
        if self.fault == "logout-one-worker":
            self.revoked[renewal] = (self.renewals[renewal], 0)
        elif self.fault != "logout-nothing":
            with self.lock:
                self.renewals.pop(renewal, None)


class Handler(BaseHTTPRequestHandler):
    """The routes."""

    protocol_version = "HTTP/1.1"
    tracker: Tracker

    def do_GET(self) -> None:
        """Only `/me`."""
        payload = verify(self.headers.get("X-Auth-Token", ""), self.tracker.key)
        if self.path != "/me":
            self.answer(404, {"error": "not found"})
        elif payload is None:
            self.answer(401, {"error": "unauthorized"})
        else:
            self.answer(200, {"email": payload["email"]})

    def do_POST(self) -> None:
        """Sign in, renew, revoke."""
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            self.route(body if isinstance(body, dict) else {})
        except ArithmeticError as error:
            self.answer(500, {"error": str(error)})
        except ValueError:
            self.answer(400, {"error": "malformed"})

    def route(self, body: dict[str, Any]) -> None:
        """Answer one POST."""
        tracker = self.tracker
        if self.path == "/token":
            good = hmac.compare_digest(tracker.hashed(str(body.get("password"))), tracker.hash)
            if good and body.get("email") == tracker.email:
                self.answer(200, tracker.pair())
            else:
                self.answer(401, {"error": "invalid_grant"})
        elif self.path == "/token/renew":
            answer = tracker.renew(self.headers.get("X-Renewal-Token", ""))
            self.answer(200 if answer else 400, answer or {"error": "invalid_grant"})
        elif self.path == "/token/revoke":
            tracker.revoke(str(body.get("renewal")))
            self.answer(200, {"revoked": True})
        else:
            self.answer(404, {"error": "not found"})

    def answer(self, status: int, data: dict[str, Any]) -> None:
        """Write a JSON answer."""
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A thread a connection."""

    request_queue_size = 128
    daemon_threads = True


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", choices=sorted(FAULTS), default="")
    parser.add_argument("--jitter", action="store_true")
    options = parser.parse_args()
    Handler.tracker = Tracker(options.fault, jitter=options.jitter)
    server = Server(("127.0.0.1", 0), Handler)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
