"""The HTTP client against servers that do not behave."""

import contextlib
import gzip
import socket
import threading
import time

import pytest

from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Redactor
from stackproof.target.http import BODY_CAP, HttpClient, NoAnswer, Request


@contextlib.contextmanager
def server(serve):
    """A raw server on loopback; `serve(connection)` handles each connection after its request was read."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def one(connection):
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            serve(connection)

    def loop():
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def client(base_url, tmp_path, **target):
    descriptor = parse_descriptor({"target": {"base_url": base_url, "timeout": 0.6, **target}}, tmp_path / "t.toml")
    return HttpClient(descriptor, Redactor())


def drip_headers(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def drip_body(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"a")
        time.sleep(0.05)


def hang(_connection):
    time.sleep(5)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def speak_garbage(connection):
    connection.sendall(b"\x00\x01SSH-2.0-no\x1b[31m\r\n\r\n")


@pytest.mark.parametrize("behaviour", [drip_headers, drip_body, hang, reset, speak_garbage])
def test_a_server_without_a_whole_answer_gives_none(behaviour, tmp_path):
    """A drip, a hang, a reset or garbage ends as "no answer" within the time-out, never as an answer."""
    with server(behaviour) as base_url:
        started = time.monotonic()
        with pytest.raises(NoAnswer) as caught:
            client(base_url, tmp_path).send(Request("GET", f"{base_url}/"))
        assert time.monotonic() - started < 3
        assert "\x1b" not in str(caught.value)


def test_the_client_goes_on_after_an_error_that_ends_the_connection(tmp_path):
    """After an error that nobody handled uvicorn hangs up and does not say so: the next connection is a new one."""

    def fail(connection):
        connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno")
        connection.recv(65_536)

    with server(fail) as base_url:
        asking = client(base_url, tmp_path)

        assert [asking.send(Request("GET", f"{base_url}/")).status for _ in range(2)] == [500, 500]


def test_the_client_goes_on_after_a_drip(tmp_path):
    """An exchange that was cut off does not spoil the next one of the same client."""
    behaviours = [lambda connection: connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n"), drip_body]

    def serve(connection):
        behaviours.pop()(connection)

    with server(serve) as base_url:
        one = client(base_url, tmp_path)
        with pytest.raises(NoAnswer):
            one.send(Request("GET", f"{base_url}/"))
        assert one.send(Request("GET", f"{base_url}/")).status == 204


def test_an_endless_body_is_capped(tmp_path):
    """No more than the cap is read, and the answer says that there was more."""

    def pour(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        while True:
            connection.sendall(b"a" * 65_536)

    with server(pour) as base_url:
        answer = client(base_url, tmp_path, timeout=10).send(Request("GET", f"{base_url}/"))

    assert answer.truncated
    assert len(answer.body) == BODY_CAP


def test_a_redirect_is_an_answer_and_is_not_followed(tmp_path):
    """A redirect to another host is told, and nothing connects there."""
    location = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"
    with server(lambda connection: connection.sendall(location)) as base_url:
        assert client(base_url, tmp_path).send(Request("GET", f"{base_url}/")).status == 302


def test_only_named_hosts_are_contacted(tmp_path):
    """A URL of a host that the descriptor does not name is refused before a connection is made."""
    with pytest.raises(NoAnswer, match="no host that the descriptor names"):
        client("http://127.0.0.1:9", tmp_path).send(Request("GET", "http://127.0.0.2:9/"))


def test_a_short_throttle_is_waited_for(tmp_path):
    """429 with a Retry-After within bounds is tried again; one with hours is handed over as it is."""
    answers = [
        b"HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ]
    left = iter(answers)
    with server(lambda connection: connection.sendall(next(left))) as base_url:
        one = client(base_url, tmp_path)
        assert one.send(Request("GET", f"{base_url}/")).status == 200
        assert one.send(Request("GET", f"{base_url}/")).status == 429


def test_an_answer_does_not_unpack_beyond_the_cap(tmp_path):
    """A megabyte of zeros in a kilobyte is unpacked no further than the cap; what is packed twice is no answer."""
    packed = gzip.compress(b"0" * (BODY_CAP * 20))
    head = "HTTP/1.1 200 OK\r\nContent-Encoding: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n"

    def once(connection):
        connection.sendall(head.format("gzip", len(packed)).encode() + packed)

    def twice(connection):
        connection.sendall(head.format("gzip, gzip", len(packed)).encode() + packed)

    with server(once) as base_url:
        answer = client(base_url, tmp_path).send(Request("GET", f"{base_url}/"))
        assert len(answer.body) == BODY_CAP
        assert answer.truncated
    with server(twice) as base_url, pytest.raises(NoAnswer, match="encoded"):
        client(base_url, tmp_path).send(Request("GET", f"{base_url}/"))
