"""The WebSocket client against servers that do not behave, and the descriptor's ways of reaching one."""

import base64
import contextlib
import hashlib
import re
import select
import socket
import ssl
import threading
import time

import pytest

from fixtures.authority import make_authority
from stackproof.check import NotAssessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.frames import malformed_frames, text_frame
from stackproof.target.http import HttpClient
from stackproof.target.sockets import Sockets
from stackproof.target.websocket import KEPT_MESSAGES, Closing, masked
from stackproof.tokens.looks import Outcome

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@contextlib.contextmanager
def server(serve, context=None):
    """A raw server on loopback; `serve(connection, request)` answers each handshake."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def one(plain):
        with contextlib.suppress(OSError):
            connection = context.wrap_socket(plain, server_side=True) if context else plain
            with connection:
                request = connection.recv(65_536).decode("latin-1")
                seen.append(request)
                serve(connection, request)

    def loop():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def accepted(request):
    """The answer that opens the connection."""
    key = re.search(r"Sec-WebSocket-Key: (\S+)", request)[1]
    accept = base64.b64encode(hashlib.sha1((key + MAGIC).encode()).digest()).decode()
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return f"{head}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()


def after_opening(data, *, stay=5.0):
    """Open, send some bytes, and listen for a while."""

    def serve(connection, request):
        connection.sendall(accepted(request) + data)
        connection.settimeout(stay)
        while connection.recv(65_536):
            pass

    return serve


def frame(opcode, payload, **how):
    """A frame of a server."""
    return masked(opcode, payload, mask=False, **how)


def sockets_at(url, tmp_path, path="/live", **target):
    """What judges that server, and its evidence."""
    given = {
        "target": {"base_url": url, "timeout": 1.0, **target},
        "auth": {"login": {"path": "/in"}, "protected": {"path": "/me"}},
        "websocket": {"path": path},
    }
    described = parse_descriptor(given, tmp_path / "t.toml")
    redactor = Redactor()
    recorder = Recorder(redactor)
    return Sockets(described, HttpClient(described, redactor), recorder, redactor), recorder


@pytest.fixture(autouse=True)
def _briefly(monkeypatch):
    monkeypatch.setattr("stackproof.target.sockets.SETTLES_WITHIN", 0.3)
    monkeypatch.setattr("stackproof.target.sockets.ANSWERS_WITHIN", 0.5)


def looked(serve, tmp_path):
    with server(serve) as (port, _):
        sockets, recorder = sockets_at(f"http://127.0.0.1:{port}", tmp_path)
        began = time.monotonic()
        look = sockets.look("with a token", "a-token-of-some-length")
    return look, recorder, time.monotonic() - began


def answering(data):
    def serve(connection, _request):
        connection.sendall(data)

    return serve


def dripping(connection, _request):
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nX-Slow: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("serve", "outcome", "words"),
    [
        (answering(b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno"), Outcome.REFUSED, "answered 401"),
        (answering(b"HTTP/1.1 302 Away\r\nContent-Length: 0\r\n\r\n"), Outcome.REFUSED, "answered 302"),
        (answering(b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"), Outcome.UNCLEAR, "answered 429"),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), Outcome.UNCLEAR, "answered 200"),
        (answering(b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n"), Outcome.BROKEN, "answered 503"),
        (answering(b"SSH-2.0-OpenSSH\r\n"), Outcome.CLOSED, "no HTTP answer"),
        (answering(b""), Outcome.CLOSED, "no HTTP answer"),
        (dripping, Outcome.CLOSED, "no whole answer within 1 s"),
        (lambda connection, _: time.sleep(3), Outcome.CLOSED, "no whole answer within 1 s"),
        (
            lambda connection, request: connection.sendall(accepted(request.replace("Key: ", "Key: A"))),
            Outcome.UNCLEAR,
            "Sec-WebSocket-Accept",
        ),
        (answering(b"HTTP/1.1 101 Yes\r\nConnection: Upgrade\r\n\r\n"), Outcome.UNCLEAR, "Upgrade"),
        (after_opening(frame(8, b"\x11\x31why")), Outcome.REFUSED, r"closed with 4401 \(why\)"),
        (after_opening(frame(8, b"\x03\xf0")), Outcome.REFUSED, "closed with 1008"),
        (after_opening(frame(8, b"")), Outcome.REFUSED, "closed with 1005"),
        (after_opening(frame(8, b"\x03\xf3")), Outcome.BROKEN, "closed with 1011"),
        (lambda connection, request: connection.sendall(accepted(request)), Outcome.CLOSED, "without a close frame"),
        (after_opening(b""), Outcome.UNCLEAR, "answered no ping"),
        (after_opening(b"\xff\xff\xff\xff"), Outcome.CLOSED, ""),
    ],
)
def test_what_a_server_may_do(serve, outcome, words, tmp_path):
    """Only what was seen to refuse is a refusal; nothing takes longer than its bound."""
    look, recorder, seconds = looked(serve, tmp_path)

    assert re.search(words, look.described), look
    assert look.outcome is outcome or (words == "" and look.outcome is not Outcome.ACCEPTED)
    assert seconds < 20
    assert "a-token-of-some-length" not in repr(recorder.records)


def test_a_flood_is_bounded(tmp_path):
    """Messages beyond what is kept are dropped, and a message of more than a megabyte ends the connection."""

    def flood(connection, request):
        connection.sendall(accepted(request))
        while True:
            connection.sendall(frame(1, b"x" * 100) * 50)

    with server(flood) as (port, _):
        sockets, _ = sockets_at(f"http://127.0.0.1:{port}", tmp_path)
        connection = sockets.knock("a flood", None).connection
        connection.ended(0.5)
        kept = len(connection._messages)
        connection.close()
    look, _, _ = looked(after_opening(frame(1, b"x" * 2_000_000)), tmp_path)

    assert 0 < kept <= KEPT_MESSAGES
    assert look.outcome is not Outcome.ACCEPTED


def test_fragments_are_one_message(tmp_path):
    """With a ping between them, which is answered (RFC 6455, section 5.4)."""
    data = frame(1, b"one, ", fin=False) + frame(9, b"?") + frame(0, b"two")
    with server(after_opening(data)) as (port, _):
        sockets, _ = sockets_at(f"http://127.0.0.1:{port}", tmp_path)
        connection = sockets.knock("fragments", None).connection

        assert connection.receive(2) == "one, two"
        connection.close()


def test_the_descriptors_ways_are_kept(tmp_path):
    """Its authority, its address for a name, its headers, and the name in Host and TLS."""
    authority = make_authority(tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)
    more = {"headers": {"X-Team": "blue"}, "resolve": {"localhost": "127.0.0.1"}}
    with server(after_opening(b""), context) as (port, seen):
        for ca, opens in ((str(authority.ca), True), (None, False)):
            given = more | ({"ca": ca} if ca else {})
            sockets, _ = sockets_at(f"https://localhost:{port}", tmp_path, path="/live?a=b", **given)
            knock = sockets.knock("over TLS", "a-token-of-some-length", origin="https://x.example")

            assert (knock.connection is not None) is opens, knock
            assert opens or "CERTIFICATE_VERIFY_FAILED" in knock.trouble
    request = seen[0]
    assert request.startswith("GET /live?a=b HTTP/1.1\r\n")
    for line in (f"Host: localhost:{port}", "X-Team: blue", "Origin: https://x.example", "Authorization: Bearer a-"):
        assert line in request, request


def test_a_whole_url_is_kept_to(tmp_path):
    """For another path too; the socket of another base URL is not known then."""
    sockets, _ = sockets_at("https://service.example", tmp_path, path="ws://live.example:9000/socket?x=1")

    assert sockets.uri().resource_name == "/socket?x=1"
    assert (sockets.uri("/nowhere").host, sockets.uri("/nowhere").resource_name) == ("live.example", "/nowhere")
    with pytest.raises(NotAssessed, match="whole URL"):
        sockets.at("https://replica.example")
    below, _ = sockets_at("https://service.example/prefix", tmp_path)
    assert (below.uri().secure, below.uri().port, below.uri().path) == (True, 443, "/prefix/live")


def test_a_name_that_nobody_has_is_no_refusal(tmp_path):
    """Neither is a port that nobody listens on."""
    for url in ("http://nowhere.invalid", "http://127.0.0.1:9"):
        sockets, _ = sockets_at(url, tmp_path)

        assert sockets.look("anywhere", None).outcome is Outcome.CLOSED


def test_bad_frames_are_what_they_say(tmp_path):
    """The library's own server fails the connection at each of them, save at the text, which it leaves undecoded."""
    from websockets.server import ServerProtocol

    text, *others = sorted(malformed_frames(), key=lambda bad: bad.rule != "section 8.1")
    with pytest.raises(UnicodeDecodeError):
        text.data[6:].decode()
    for bad in others:
        protocol = ServerProtocol()
        handshake = (
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(b'0' * 16).decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        protocol.receive_data(handshake.encode())
        [request] = protocol.events_received()
        protocol.send_response(protocol.accept(request))
        protocol.receive_data(bad.data)

        assert protocol.parser_exc is not None, bad.name


class Deaf:
    """A socket whose peer takes no close frame any more."""

    def __init__(self, sock):
        self._sock = sock

    def __getattr__(self, name):
        return getattr(self._sock, name)

    def sendall(self, data):
        """Everything else gets there."""
        if data[:1] == b"\x88":
            raise BrokenPipeError
        self._sock.sendall(data)


def test_a_server_that_is_gone_before_its_goodbye_is_returned(tmp_path):
    """As ws does with an oversized message: 1009, and the connection is reset while the rest is on its way."""

    def serve(connection, request):
        connection.sendall(accepted(request))
        time.sleep(0.3)
        connection.sendall(frame(0x8, (1009).to_bytes(2, "big")))
        while connection.recv(65_536):
            pass

    with server(serve) as (port, _):
        sockets, _ = sockets_at(f"http://127.0.0.1:{port}", tmp_path)
        connection = sockets.knock("with a token", "a-token-of-some-length").connection
        connection._sock = Deaf(connection._sock)
        select.select([connection._sock], [], [], 5)
        whole = connection.send_raw(text_frame("x" * 1_000_000))

    assert not whole
    assert connection.closing == Closing(1009)
