"""What a server makes of a body that is none: refused late is refused, and answered is smuggled."""

import contextlib
import re
import socket
import threading
from pathlib import Path

import pytest

from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Redactor
from stackproof.serving.framing import CASES, Framing
from stackproof.serving.wire import Wire
from stackproof.target.http import HttpClient

BAD_CHUNK = next(one for one in CASES if "no number" in one.name)


def response(status, connection="keep-alive"):
    return f"HTTP/1.1 {status} X\r\nConnection: {connection}\r\nContent-Length: 2\r\n\r\n{{}}".encode()


def answers_first(heads, connection):
    """Like gunicorn: the answer is sent, then the body is read, and it is none."""
    for at, head in enumerate(heads):
        if b"chunked" in head:
            connection.sendall(response(200) + response(400, "close"))
            return
        connection.sendall(response(404 if b"second" in head else 200))
        if at == len(heads) - 1:
            return


def knows_no_chunks(heads, connection):
    """What looks like a request is one."""
    for head in heads:
        connection.sendall(response(404 if b"second" in head else 200))


def refuses_what_it_cannot_read(heads, connection):
    """It takes the chunk for the body's end, answers what follows it with 400, and goes away."""
    connection.sendall(response(200))
    if len(heads) > 1:
        connection.sendall(response(400, "close"))


@pytest.fixture
def seen():
    """What a server of that manner makes of a chunk whose size is no number."""
    with contextlib.ExitStack() as stack:

        def ask(manner):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve():
                while True:
                    try:
                        connection, _ = listener.accept()
                    except OSError:
                        return
                    with connection, contextlib.suppress(OSError):
                        data = connection.recv(65_536)
                        manner(re.findall(rb"GET [^\r]*\r\n.*?\r\n\r\n", data, re.DOTALL), connection)

            threading.Thread(target=serve, daemon=True).start()
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            descriptor = parse_descriptor({"target": {"base_url": url}}, Path("stackproof.toml"))
            wire = Wire(descriptor, HttpClient(descriptor, Redactor()))
            return Framing(wire, f"{url}/me", {}).try_case(BAD_CHUNK)

        yield ask


def test_a_late_refusal_of_the_body_is_no_second_request(seen):
    """200 to the request and 400 to its body, with and without anything behind it; then the connection ends."""
    found = seen(answers_first)

    assert found.wrong(BAD_CHUNK) == ""
    assert str(found) == "answered 200, then 400 for the body, connection closed"


@pytest.mark.parametrize("manner", [knows_no_chunks, refuses_what_it_cannot_read])
def test_an_answer_that_only_the_bytes_behind_it_get_is_smuggled(seen, manner):
    """Whatever its status is."""
    assert "answered as a request of their own" in seen(manner).wrong(BAD_CHUNK)
