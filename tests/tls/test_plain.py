"""Endpoints that speak no TLS, and PostgreSQL's way into it."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from tls_servers import Serve, ServeTls

from stackproof.tls import TlsVersion, VersionState, probe

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


def test_a_plain_http_server_is_seen_to_speak_no_tls() -> None:
    """A real HTTP server without TLS is found out by its own answer, and no version is called refused."""
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        survey = probe("127.0.0.1", server.server_port, deadline_seconds=3)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert {one.state for one in survey.outcomes} == {VersionState.NO_TLS}
    assert survey.speaks_tls is False
    assert survey.plain_answer


def test_an_http_answer_to_the_hello_is_quoted(serve: Serve) -> None:
    """The first line of a plain answer is kept, without control characters."""

    def answer(connection: socket.socket) -> None:
        connection.recv(16_384)
        connection.sendall(b"HTTP/1.1 400 Bad\x1b[31m Request\r\nContent-Length: 0\r\n\r\n")

    survey = probe("127.0.0.1", serve(answer))

    assert survey.plain_answer == "HTTP/1.1 400 Bad\N{REPLACEMENT CHARACTER}[31m Request"
    assert {one.state for one in survey.outcomes} == {VersionState.NO_TLS}


def test_a_server_that_ignores_hellos_is_asked_in_plain_http(serve: Serve) -> None:
    """Silence on every hello and an HTTP status on a plain request: it speaks no TLS."""

    def wait_for_a_line(connection: socket.socket) -> None:
        seen = b""
        while not seen.endswith(b"\r\n\r\n"):
            seen += connection.recv(1024) or time.sleep(0.01) or b""
            if seen.startswith(b"HEAD ") and seen.endswith(b"\r\n\r\n"):
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

    survey = probe("127.0.0.1", serve(wait_for_a_line), deadline_seconds=1.2)

    assert {one.state for one in survey.outcomes} == {VersionState.NO_TLS}
    assert survey.plain_answer == "HTTP/1.0 200 OK"


def test_a_tls_server_is_never_called_plain(serve_tls: ServeTls) -> None:
    """An endpoint that speaks TLS has no plain answer."""
    survey = probe("127.0.0.1", serve_tls())

    assert survey.speaks_tls is True
    assert survey.plain_answer == ""


def postgres_answers(answer: bytes, connection: socket.socket) -> None:
    """What PostgreSQL does before the hello."""
    if connection.recv(8, socket.MSG_WAITALL) == SSL_REQUEST:
        connection.sendall(answer)


def test_postgresql_without_tls_says_so(serve: Serve) -> None:
    """`N` to the SSLRequest means no TLS, seen."""
    survey = probe("127.0.0.1", serve(lambda one: postgres_answers(b"N", one)), starttls="postgres")

    assert {one.state for one in survey.outcomes} == {VersionState.NO_TLS}
    assert "answered the SSLRequest with N" in survey.plain_answer


def test_something_else_than_postgresql_is_not_judged(serve: Serve) -> None:
    """An answer that is neither S nor N leaves every version not known, and is quoted."""
    survey = probe("127.0.0.1", serve(lambda one: postgres_answers(b"E", one)), starttls="postgres")

    assert {one.state for one in survey.outcomes} == {VersionState.NOT_KNOWN}
    assert "'E'" in survey.outcomes[0].reason


def test_postgresql_with_tls_is_surveyed_behind_its_request(serve_tls: ServeTls) -> None:
    """After `S` the versions are found as on any other endpoint."""
    port = serve_tls("1.2", "1.3", before=lambda one: postgres_answers(b"S", one))
    survey = probe("127.0.0.1", port, starttls="postgres")

    assert survey.offered == (TlsVersion.TLS_1_2, TlsVersion.TLS_1_3)
    assert survey.outcome(TlsVersion.TLS_1_0).refused
