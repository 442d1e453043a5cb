"""Names and certificates: a name pinned to an address, a client that has to say who it is, a pace of logins."""

import contextlib
import http.server
import ssl
import threading
import time

import pytest
import trustme

from stackproof.check import View
from stackproof.descriptor.reading import read_descriptor
from stackproof.evidence import Redactor
from stackproof.target.http import HttpClient, NoAnswer, Request
from stackproof.target.traffic import OutOfTime, Traffic
from stackproof.target.views import open_views

AUTH = '[auth]\nlogins_per_minute = 600\n[auth.login]\npath = "/login"\n[auth.protected]\npath = "/me"\n'


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the Host that it was asked for."""

    def do_GET(self):
        """Answer."""
        body = self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the base's names

    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def tls_server(authority, name, *, client_authority=None):
    """An HTTPS server on loopback with a certificate for `name` alone; gives (port, the names that were asked for)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    asked = []
    context.sni_callback = lambda _socket, sni, _context: asked.append(sni)
    if client_authority:
        context.verify_mode = ssl.CERT_REQUIRED
        client_authority.configure_trust(context)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def authority(tmp_path):
    """A certificate authority whose certificate is ca.pem."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return made


def client_of(tmp_path, url, extra=""):
    """A client, and the descriptor that it came from."""
    file = tmp_path / "stackproof.toml"
    file.write_text(f'[target]\nbase_url = "{url}"\nca = "ca.pem"\ntimeout = 3\n{extra}')
    descriptor = read_descriptor(file)
    return HttpClient(descriptor, Redactor()), descriptor


def test_a_pinned_name_is_asked_for_at_its_address(tmp_path, authority):
    """The connection goes to the address; SNI, certificate and Host are the name's."""
    with tls_server(authority, "service.example") as (port, asked):
        url = f"https://service.example:{port}"
        client, descriptor = client_of(tmp_path, url, '[target.resolve]\n"service.example" = "127.0.0.1"\n')
        answer = client.send(Request("GET", f"{url}/x"))
        openings = open_views(descriptor)

    assert answer.body.decode() == f"service.example:{port}"
    assert asked == ["service.example"]
    assert openings[View.HTTP].open, openings[View.HTTP].reason


def test_the_certificate_of_another_name_is_refused(tmp_path, authority):
    """Pinning an address switches no verification off."""
    with tls_server(authority, "other.example") as (port, _):
        url = f"https://service.example:{port}"
        client, _descriptor = client_of(tmp_path, url, '[target.resolve]\n"service.example" = "127.0.0.1"\n')
        with pytest.raises(NoAnswer, match=r"(?i)certificate"):
            client.send(Request("GET", url))


def test_a_client_certificate_is_shown(tmp_path, authority):
    """With it there is an answer, without it there is none; fresh clients have it, too."""
    authority.issue_cert("robot@example.com").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "client.pem"))
    with tls_server(authority, "127.0.0.1", client_authority=authority) as (port, _):
        url = f"https://127.0.0.1:{port}"
        named, _ = client_of(tmp_path, url, 'client_certificate = "client.pem"\n')
        nobody, _ = client_of(tmp_path, url)

        assert named.send(Request("GET", url)).status == 200
        assert named.fresh().send(Request("GET", url)).status == 200
        with pytest.raises(NoAnswer):
            nobody.send(Request("GET", url))


def test_logins_keep_their_own_pace(tmp_path, authority):
    """Six hundred a minute are one in a tenth of a second, over every connection together and whatever they carry."""
    with tls_server(authority, "127.0.0.1") as (port, _):
        url = f"https://127.0.0.1:{port}"
        client, _ = client_of(tmp_path, url, AUTH)
        fresh = client.fresh()
        began = time.monotonic()
        for one in (client, fresh, client, fresh, client):
            assert one.send(Request("POST", f"{url}/login?next=x", content=b"{")).status == 200

    assert 0.38 <= time.monotonic() - began < 8


def test_what_signs_nobody_in_keeps_no_pace_of_logins(tmp_path, authority):
    """Another path, and another method of the login's: one login a minute does not hold them back."""
    with tls_server(authority, "127.0.0.1") as (port, _):
        url = f"https://127.0.0.1:{port}"
        client, _ = client_of(tmp_path, url, AUTH.replace("600", "1"))
        began = time.monotonic()
        for method, path in (("POST", "/login"), ("GET", "/login"), ("POST", "/me"), ("POST", "/login/more")):
            assert client.send(Request(method, f"{url}{path}")).status == 200

    assert time.monotonic() - began < 20


def test_a_login_that_would_come_too_late_is_not_waited_for(tmp_path, authority):
    """The budget counts before the wait, not after it."""
    with tls_server(authority, "127.0.0.1") as (port, _):
        url = f"https://127.0.0.1:{port}"
        _, descriptor = client_of(tmp_path, url, AUTH.replace("600", "1"))
        client = HttpClient(descriptor, Redactor(), Traffic("late", 0, time.monotonic() + 5))
        client.send(Request("POST", f"{url}/login"))
        began = time.monotonic()
        with pytest.raises(OutOfTime):
            client.send(Request("POST", f"{url}/login"))

    assert time.monotonic() - began < 5
