"""A clinic's API without a framework: opaque tokens in a body or in cookies, and accounts that an administrator makes.

`clinic.py --admin URL ACTION USERNAME` is the administrator's command; the password stands in
STACKPROOF_ACCOUNT_PASSWORD. Faults may be given together: `--fault a --fault b`.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import secrets
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Sequence
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAULTS = {
    "inactive-access": "accounts.deactivated-access-refused",
    "inactive-refresh": "accounts.deactivated-refresh-refused",
    "inactive-login": "accounts.deactivated-login-refused",
    "deleted-access": "accounts.deleted-access-refused",
    "deleted-refresh": "accounts.deleted-refresh-refused",
    "deleted-breaks": "accounts.deleted-refresh-handled",
    "changed-access": "accounts.password-change-access",
    "changed-refresh": "accounts.password-change-refresh",
    "quick-unknown": "password.login-timing",
    "names-unknown": "password.login-answer",
}
ROUNDS = 100_000  # of PBKDF2


def descriptor(base_url: str, flags: Sequence[str] = ()) -> str:
    """The clinic's stackproof.toml."""
    cookies = "--cookies" in flags
    access, refresh = ("cookie:a", "cookie:r") if cookies else ("session.a", "session.r")
    carrier = "cookie:a" if cookies else "header:Authorization"
    command = [sys.executable, __file__, "--admin", base_url]
    words = {action: json.dumps([*command, action, "{username}"]) for action in ("create", "deactivate", "delete")}
    disposable = "\n".join(f"{action} = {given}" for action, given in words.items())
    promise = "" if "--no-promise" in flags else "revokes = true"
    return f"""
[target]
base_url = "{base_url}"
name = "clinic"
profile = "remote"

[auth]
carrier = "{carrier}"
scheme = "{"" if cookies else "Bearer"}"

[auth.login]
path = "/in"
username_field = "login"
password_field = "secret"
access = "{access}"
refresh = "{refresh}"

[auth.refresh]
path = "/again"
token = "{"cookie:r" if cookies else "r"}"

[auth.protected]
path = "/chart"

[auth.password_change]
path = "/secret"
old_field = "old"
new_field = "new"
{promise}

[accounts]
many_sessions = true
{"" if "--no-desk" in flags else "[accounts.disposable]"}
{"" if "--no-desk" in flags else disposable}
"""


class Clinic:
    """Accounts and tokens."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.faults = set(options.fault)
        self.lock = threading.Lock()
        self.accounts: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, tuple[str, str, int]] = {}
        self.failures: Counter[str] = Counter()
        self.administer("create", os.environ["FOREIGN_USERNAME"], os.environ["FOREIGN_PASSWORD"])

    def administer(self, action: str, name: str, password: str) -> None:
        """What the administrator's command asks for."""
        if action == "create":
            salt = secrets.token_bytes(16)
            self.accounts[name] = {"salt": salt, "hash": self.hashed(password, salt), "active": True, "version": 0}
        elif action == "deactivate":
            self.accounts[name]["active"] = False
        else:
            del self.accounts[name]

    def hashed(self, password: str, salt: bytes) -> bytes:
        """PBKDF2, slow enough to be noticed."""
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)

    def pair(self, name: str) -> dict[str, str]:
        """New tokens."""
        version = self.accounts.get(name, {"version": 0})["version"]
        made = {"a": secrets.token_urlsafe(24), "r": secrets.token_urlsafe(24)}
        self.tokens.update({token: (name, kind, version) for kind, token in made.items()})
        return made

    def sign_in(self, name: str, password: str) -> tuple[int, dict[str, str]]:
        """(status, tokens or words)."""
        refuse = self.options.refuse
        account = self.accounts.get(name)
        if self.options.lock and self.failures[name] >= self.options.lock:
            return 423, {"error": "locked"}
        words = {"error": "unknown" if account is None and "names-unknown" in self.faults else "wrong"}
        if account is None and "quick-unknown" in self.faults:
            return refuse, words
        given = self.hashed(password, account["salt"] if account else b"nobody")
        if account and hmac.compare_digest(given, account["hash"]) and self.usable(account, "login"):
            if self.options.forgives:
                self.failures[name] = 0
            return 200, self.pair(name)
        with self.lock:
            self.failures[name] += 1
        return refuse, words

    def usable(self, account: dict[str, Any], what: str) -> bool:
        """Whether the account is active, or nobody looks."""
        return account["active"] or f"inactive-{what}" in self.faults

    def owner(self, token: str, kind: str) -> str | None:
        """Whose token it is, where it is good.

        Raises:
            KeyError: the fault of looking for an account that is gone.
        """
        name, made_as, version = self.tokens.get(token, ("", "", 0))
        what = "access" if kind == "a" else "refresh"
        if made_as != kind:
            return None
        account = self.accounts.get(name)
        if account is None:
            if kind == "r" and "deleted-breaks" in self.faults:
                raise KeyError(name)
            return name if f"deleted-{what}" in self.faults else None
        changed = version != account["version"] and f"changed-{what}" not in self.faults
        return name if self.usable(account, what) and not changed else None


class Handler(BaseHTTPRequestHandler):
    """The routes."""

    clinic: Clinic
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: else the client's delayed acknowledgement adds 40 ms

    def do_GET(self) -> None:
        """The protected resource."""
        name = self.clinic.owner(self.token("a"), "a")
        self.answer(200 if name else self.clinic.options.refuse, {"of": name} if name else {"error": "not signed in"})

    def do_POST(self) -> None:
        """Everything else."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        try:
            self.route(body)
        except KeyError:
            self.answer(500, {"error": "no such row"})

    def route(self, body: dict[str, Any]) -> None:
        """Answer one POST."""
        clinic, refuse = self.clinic, self.clinic.options.refuse
        if self.path == "/in":
            status, data = clinic.sign_in(str(body.get("login")), str(body.get("secret")))
            self.hand_out(status, data)
        elif self.path == "/again":
            token = self.token("r") or str(body.get("r"))
            name = clinic.owner(token, "r")
            clinic.tokens.pop(token, None)
            self.hand_out(200 if name else refuse, clinic.pair(name) if name else {"error": "no"})
        elif self.path == "/secret":
            name = clinic.owner(self.token("a"), "a")
            if name:
                account = clinic.accounts[name]
                account.update(hash=clinic.hashed(body["new"], account["salt"]), version=account["version"] + 1)
            self.answer(200 if name else refuse, {})
        else:
            clinic.administer(body["action"], body["username"], body["password"])
            self.answer(200, {})

    def token(self, kind: str) -> str:
        """The token that the request carries."""
        if self.clinic.options.cookies:
            found = SimpleCookie(self.headers.get("Cookie") or "").get(kind)
            return found.value if found else ""
        return (self.headers.get("Authorization") or "").removeprefix("Bearer ") if kind == "a" else ""

    def hand_out(self, status: int, data: dict[str, str]) -> None:
        """Tokens in the body or in cookies."""
        if status != 200:
            self.answer(status, data)
        elif self.clinic.options.cookies:
            self.answer(200, {"welcome": "back"}, data)
        else:
            self.answer(200, {"session": data})

    def answer(self, status: int, data: dict[str, Any], cookies: dict[str, str] | None = None) -> None:
        """Write a JSON answer."""
        body = json.dumps(data).encode()
        self.send_response(status)
        for name, value in (cookies or {}).items():
            self.send_header("Set-Cookie", f"{name}={value}; Path=/; HttpOnly")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def administer(base_url: str, action: str, username: str) -> None:
    """The administrator's command."""
    password = os.environ.get("STACKPROOF_ACCOUNT_PASSWORD", "")
    body = json.dumps({"action": action, "username": username, "password": password}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{base_url}/admin", body), timeout=20) as answer:
        answer.read()


def main() -> None:
    """Serve until killed, or ask a running clinic something."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--admin", nargs=3)
    parser.add_argument("--fault", choices=sorted(FAULTS), action="append", default=[])
    parser.add_argument("--cookies", action="store_true")
    parser.add_argument("--refuse", type=int, default=401)
    parser.add_argument("--lock", type=int, default=0, help="wrong passwords after which an account is locked")
    parser.add_argument("--forgives", action="store_true", help="the right password sets that count back")
    parser.add_argument("--no-desk", action="store_true")
    parser.add_argument("--no-promise", action="store_true")
    options = parser.parse_args()
    if options.admin:
        administer(*options.admin)
        return
    Handler.clinic = Clinic(options)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
