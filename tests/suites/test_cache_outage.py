"""The drill of the cache, on a small service over HTTP whose "cache" is away while a file is there."""

import json
import secrets
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.drill.parts import Drills
from stackproof.evidence import Recorder, Redactor
from stackproof.target.http import HttpClient
from stackproof.target.session import Session

NAME, OF = "resilience/cache::service_answers_without_its_cache", "resilience.cache-outage"


class Service(ThreadingHTTPServer):
    """Signs in, out and refreshes; what it does without its cache is its habit."""

    def __init__(self, away, habit):
        super().__init__(("127.0.0.1", 0), Handler)
        self.away, self.habit = away, habit
        self.access, self.refreshing, self.revoked = set(), set(), set()

    def was_away(self):
        """Whether the cache is away; a service that keeps things there forgets them."""
        if not self.away.exists():
            return False
        if self.habit == "forgets-revoked":
            self.revoked.clear()
        if self.habit == "forgets-sessions":
            self.access.clear()
        if self.habit == "stays-broken":
            self.habit = "broken"
        return True


class Handler(BaseHTTPRequestHandler):
    """Its operations."""

    def log_message(self, *_):
        """Be silent."""

    def _answer(self, status, **body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        """The protected resource."""
        if self._broken():
            return self._answer(500)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return self._answer(200 if token in self.server.access else 401)

    def do_POST(self):
        """Sign in, refresh, sign out."""
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self._broken():
            return self._answer(500)
        token = body.get("refresh")
        if self.path == "/logout":
            self.server.revoked.add(token)
            return self._answer(200)
        if self.path == "/refresh" and (token in self.server.revoked or token not in self.server.refreshing):
            return self._answer(401)
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.server.access.add(access)
        self.server.refreshing.add(refresh)
        return self._answer(200, access=access, refresh=refresh)

    def _broken(self):
        away = self.server.was_away()
        return self.server.habit == "broken" or (away and self.server.habit == "needs-it")


@pytest.fixture
def judge(check, tmp_path, monkeypatch):
    """The check on a service of a habit."""
    monkeypatch.setenv("STACKPROOF_USERNAME", "ann@example.com")
    monkeypatch.setenv("STACKPROOF_PASSWORD", "correct horse battery")
    servers = []

    def run(habit, *, needed=False, stop=None):
        away = tmp_path / "away"
        service = Service(away, habit)
        threading.Thread(target=service.serve_forever, daemon=True).start()
        servers.append(service)
        base_url = f"http://127.0.0.1:{service.server_port}"
        data = {
            "target": {"base_url": base_url},
            "auth": {
                "login": {"path": "/login", "access": "access", "refresh": "refresh"},
                "refresh": {"path": "/refresh", "token": "refresh"},
                "logout": {"path": "/logout", "token": "refresh"},
                "protected": {"path": "/me"},
            },
            "redis": {"cache": {"url": "redis://127.0.0.1:1", "needed": needed}},
            "drill": {"cache": {"stop": stop or ["touch", str(away)], "start": ["rm", "-f", str(away)], "within": 4.0}},
        }
        descriptor, redactor = parse_descriptor(data, Path(__file__)), Redactor()
        recorder = Recorder(redactor)
        with closing(HttpClient(descriptor, redactor)) as http:
            session = Session(descriptor, http, recorder, redactor, base_url)
            told = check(NAME, OF, descriptor=descriptor, session=session, drills=Drills(descriptor, recorder))
        assert not away.exists()
        return told

    yield run
    for one in servers:
        one.shutdown()
        one.server_close()


def test_a_service_that_answers_without_its_cache_is_satisfied(judge):
    """All answers are counted."""
    assert judge("sound").startswith("9 answers without the cache, 0 server errors")


@pytest.mark.parametrize(
    ("habit", "words"),
    [
        ("needs-it", "6 of 6 answers are server errors: POST /login answered 500"),
        ("stays-broken", "server errors"),
        ("forgets-revoked", "revoked before the cache went away"),
        ("forgets-sessions", "handed out before to serve"),
    ],
)
def test_a_service_that_breaks_with_its_cache_is_violated(judge, habit, words):
    """By its answers meanwhile, afterwards, or by what it lost."""
    with pytest.raises(Violation, match=words):
        judge(habit)


def test_a_cache_that_is_needed_by_design_may_be_missed(judge):
    """Then only that it recovers and loses nothing is looked at."""
    assert "6 server errors" in judge("needs-it", needed=True)
    with pytest.raises(Violation, match=r"within 4 s of the cache's return; seen: they do not"):
        judge("stays-broken", needed=True)


def test_a_cache_that_cannot_be_taken_away_is_not_assessed(judge):
    """The command failed; nothing is said of the service."""
    with pytest.raises(NotAssessed, match="left with 1"):
        judge("sound", stop=["false"])
