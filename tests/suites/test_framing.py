"""A server that answers first and refuses the rest afterwards has let nothing through."""

import socketserver
import threading

import pytest

from stackproof.check import Violation
from stackproof.serving import framing
from tests.suites.api_services import TOKEN, Views

CHECK = ("serving/framing::ambiguous_lengths_are_refused", "serving.framing")


def answer(status, *headers, body=b"{}"):
    """Bytes of an answer."""
    lines = [f"HTTP/1.1 {status} so", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Server(socketserver.ThreadingTCPServer):
    """Answers by the head alone, before it looks at the body.

    Attributes:
        late: what it says to a body whose chunks are none, after its answer: "refuse", "serve" or "end".
        unknown: the status of a path of no operation.
        transfer: what becomes of a Transfer-Encoding that nobody knows: "refuse", "cut" behind the answer, or "take".
        short: a good request's connection ends behind its answer, too.
    """

    allow_reuse_address = True
    daemon_threads = True
    late = "refuse"
    unknown = 404
    transfer = "refuse"
    short = False


class Handler(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self):
        """Requests until its end."""
        while (head := self._head()) is not None:
            lengths = [line for line in head if line.lower().startswith(("content-length", "transfer-encoding"))]
            odd = any("xchunked" in line for line in lengths) and self.server.transfer
            if odd in {"cut", "take"}:
                self.wfile.write(answer(200, body=b'{"access": "%s"}' % TOKEN.encode()))
                if odd == "cut":
                    return
                continue
            if len(lengths) > 1 or any(not line.endswith((": chunked", *"0123456789")) or "+" in line or "," in line
                                       or " :" in line for line in lengths):  # fmt: skip
                self.wfile.write(answer(400, "Connection: close"))
                return
            good = f"Authorization: Bearer {TOKEN}" in head or head[0].startswith("POST")
            known = "/me" in head[0] or "/login" in head[0]
            body = b'{"access": "%s"}' % TOKEN.encode()
            self.wfile.write(answer(200 if good else 401, body=body) if known else answer(self.server.unknown))
            if self.server.short or (lengths and not self._body(lengths[0])):
                return

    def _head(self):
        lines = []
        while line := self.rfile.readline():
            if line == b"\r\n":
                return lines
            lines.append(line.decode().rstrip())
        return None

    def _body(self, framed):
        if framed.lower().startswith("content-length"):
            self.rfile.read(int(framed.rpartition(":")[2]))
            return True
        size = self.rfile.readline().strip()
        if size.isdigit():
            return True
        if self.server.late == "serve":
            self.rfile.readline()
            return True
        if self.server.late == "refuse":
            self.wfile.write(answer(400, "Connection: close"))
        return False


@pytest.fixture
def judge(check, account):
    """The check's conclusion on such a server."""

    def run(**kind):
        with Server(("127.0.0.1", 0), Handler) as server:
            vars(server).update(kind)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            try:
                views = Views(f"http://127.0.0.1:{server.server_address[1]}")
                return check(*CHECK, session=views.session, descriptor=views.descriptor)
            finally:
                server.shutdown()

    return run


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch):
    monkeypatch.setattr(framing, "QUIET", 0.3)


@pytest.mark.parametrize("late", ["refuse", "end"])
def test_what_is_refused_after_the_answer_is_refused(judge, late):
    """As gunicorn does: the answer is on its way when the body turns out to be none; 400, and the connection ends."""
    assert "none of 8" in judge(late=late)


def test_what_is_served_after_the_answer_is_smuggled(judge):
    """The second request is answered as one, and the connection goes on."""
    with pytest.raises(
        Violation, match=r"no number: the bytes after it are answered as a request of their own \(200, 404"
    ):
        judge(late="serve")


def test_a_refusal_like_the_second_requests_own_answer_tells_nothing(judge):
    """Where a path of no operation is answered 400 too, a 400 is the answer to a request."""
    with pytest.raises(Violation, match=r"a request of their own \(200, 400"):
        judge(late="serve", unknown=400)


def test_an_answer_whose_connection_is_cut_has_let_nothing_through(judge):
    """As Node does: the handler has answered when the parser refuses what follows, and the connection ends."""
    said = judge(transfer="cut")

    assert "none of 8" in said
    assert "cut off: a Transfer-Encoding that nobody knows" in said


def test_an_end_that_every_request_has_says_nothing(judge):
    """Where the connection of a good request ends as well, that of a bad one was not cut off for its fault."""
    with pytest.raises(Violation, match="nobody knows: answered 200, as if it were a good one"):
        judge(transfer="cut", short=True)


def test_an_unknown_encoding_that_is_passed_over_smuggles(judge):
    """The header is ignored, and what follows is a request."""
    with pytest.raises(Violation, match="nobody knows: the bytes after it are answered"):
        judge(transfer="take")


def test_a_server_that_obeys_one_of_two_lengths_is_told_the_rule():
    """Go's net/http and Puma obey Transfer-Encoding, which is allowed, and keep the connection open, which is not."""
    case = next(one for one in framing.CASES if one.name.startswith("Content-Length beside"))

    assert "has to be closed (RFC 9112, section 6.1)" in framing.Seen((200, 404), closed=False).wrong(case)
    assert "has to be closed (RFC 9112, section 6.1)" in framing.Seen((200,), closed=False, open=True).wrong(case)
    assert not framing.Seen((200,), closed=True).wrong(case)
