"""Small services inside the test's own process, over real sockets."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        status, headers, content = self.server.handle(self.command, self.path, self.headers, body)
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def __getattr__(self, name):
        """Every method is answered alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def serve():
    """Serve `handle(method, path, headers, body) -> (status, headers, content)`; gives the URL and what was asked."""
    servers = []

    def start(handle, *, certificate=None, clients=None):
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads, server.handle, server.seen = True, handle, []
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            if clients:
                clients.configure_trust(context)
                context.verify_mode = ssl.CERT_REQUIRED
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}", server.seen

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def account():
    """An account, as the environment names it."""
    from stackproof.accounts.credentials import Credentials

    return Credentials("rider@example.com", "canary-of-a-password-1")


@pytest.fixture
def find(account):
    """Discover a URL."""
    from stackproof.discovery.discover import discover
    from stackproof.discovery.prober import Options

    def run(url, *, signed_in=True, **options):
        return discover(Options(url, **options), account if signed_in else None, lambda _line: None)

    return run


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr("stackproof.discovery.prober.PER_SECOND", 500)
