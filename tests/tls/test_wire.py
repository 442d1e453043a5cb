"""A server's first bytes, whatever they are."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tls_servers import Serve

from stackproof.tls import TlsVersion, probe
from stackproof.tls.wire import Said, client_hello, first_words

TLS_1_0 = b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + bytes(32) + b"\x00\x00\x05\x00"


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(seen: bytes) -> None:
    """Hostile bytes are read as something, never an exception."""
    assert first_words(seen).said in Said


@given(st.binary(max_size=80))
def test_no_handshake_record_breaks_the_reader(body: bytes) -> None:
    """Nor do they as the body of a ServerHello."""
    record = b"\x02" + body
    assert first_words(b"\x16\x03\x03" + len(record).to_bytes(2) + record).said in Said


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (b"", Said.NOTHING),
        (b"HTTP/1.1 400 Bad Request\r\n", Said.NOT_TLS),
        (b"220 mail.example.com ESMTP\r\n", Said.NOT_TLS),
        (b"\x15\x03\x01\x00\x02\x02", Said.UNFINISHED),
        (b"\x15\x03\x01\x00\x02\x02\x46", Said.ALERT),
        (TLS_1_0[:-1], Said.UNFINISHED),
        (TLS_1_0, Said.SERVER_HELLO),
        (b"\x15\x03\x01\x00\x02\x01\x70" + TLS_1_0, Said.SERVER_HELLO),
    ],
)
def test_first_words_are_told_apart(seen: bytes, said: Said) -> None:
    """Nothing, plain text, an alert, half a record and a ServerHello (behind a warning too) are different things."""
    assert first_words(seen).said is said


def test_a_server_hello_shows_version_and_suite() -> None:
    """The chosen version and suite are read from their places."""
    words = first_words(TLS_1_0)

    assert (words.version, words.suite) == (0x0301, 0x0005)


@pytest.mark.parametrize("version", list(TlsVersion))
def test_a_hello_is_one_record_of_its_own_length(version: TlsVersion) -> None:
    """The lengths of record and message add up, with and without a name."""
    for name in ("", "127.0.0.1", "localhost", "bücher.example"):
        hello = client_hello(version, name)
        assert int.from_bytes(hello[3:5]) == len(hello) - 5
        assert int.from_bytes(hello[6:9]) == len(hello) - 9


def test_ssl3_is_found_by_a_hello_of_its_own(serve: Serve) -> None:
    """A server that chooses version 3.0 offers it, though OpenSSL cannot go on; one that closes does not."""

    def hello(version: int) -> bytes:
        body = version.to_bytes(2) + bytes(32) + b"\x00" + b"\x00\x0a" + b"\x00"
        message = b"\x02" + len(body).to_bytes(3) + body
        return b"\x16" + version.to_bytes(2) + len(message).to_bytes(2) + message

    def old(connection: socket.socket) -> None:
        asked = int.from_bytes(connection.recv(16_384)[9:11])
        connection.sendall(hello(0x0300) if asked >= 0x0300 else b"")

    def new(connection: socket.socket) -> None:
        asked = int.from_bytes(connection.recv(16_384)[9:11])
        if asked >= 0x0303:
            connection.sendall(hello(0x0303))

    assert probe("127.0.0.1", serve(old)).ssl3_offered
    assert not probe("127.0.0.1", serve(new)).ssl3_offered
