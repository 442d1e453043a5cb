"""Speaking without TLS: what an address makes of a few bytes of plain text, told as what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stackproof.tls.endpoint import BadPreludeError, Deadline, SpeaksNoTlsError, locate
from stackproof.tls.handshake import describe
from stackproof.tls.wire import first_line

READ_CAP = 16_384  # bytes of an answer that are looked at


class Ending(StrEnum):
    """How a plain exchange ended."""

    ANSWERED = "answered"
    REFUSED = "refused"  # a refused TCP connection: nothing listens
    CLOSED = "closed"  # the connection was taken, and closed or reset instead of an answer
    SILENT = "silent"  # the connection was taken, and nothing came in time
    UNREACHABLE = "unreachable"  # no connection, and no refusal of it either


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """What came back.

    Attributes:
        said: at most `READ_CAP` bytes.
        problem: how the exchange failed; empty when answered.
    """

    ending: Ending
    said: bytes = b""
    problem: str = ""

    @property
    def line(self) -> str:
        """The first line, printable and short."""
        return first_line(self.said)

    @property
    def status(self) -> int:
        """The status of an HTTP answer, 0 where it is none."""
        words = self.said[:64].split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1][:3].isdigit():
            return 0
        return int(words[1][:3])

    def header(self, name: str) -> str:
        """The first header of that name in an HTTP answer, or ""."""
        for line in self.said.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[1:]:
            key, _, value = line.decode("latin-1").partition(":")
            if key.strip().lower() == name.lower():
                return value.strip()
        return ""

    def as_evidence(self) -> dict[str, Any]:
        """JSON-able; the first line, and where an HTTP answer leads."""
        facts = {"ending": self.ending.value, "first_line": self.line, "problem": self.problem}
        return {key: value for key, value in facts.items() if value} | (
            {"location": self.header("location")} if self.status else {}
        )


def ask_plainly(
    host: str, port: int, request: bytes, *, address: str = "", end: bytes = b"\r\n\r\n", within: float = 10.0
) -> PlainAnswer:
    """Send bytes without TLS and read until `end`, the connection's end, the cap or the time (seconds) is reached."""
    deadline = Deadline(within)
    try:
        endpoint = locate(host, port, "", "none", deadline, address=address)
        sock = endpoint.connect(deadline)
    except ConnectionRefusedError as error:
        return PlainAnswer(Ending.REFUSED, problem=describe(error))
    except (OSError, BadPreludeError, SpeaksNoTlsError) as error:
        return PlainAnswer(Ending.UNREACHABLE, problem=describe(error))
    seen = b""
    try:
        with sock:
            sock.settimeout(deadline.remaining())
            sock.sendall(request)
            while end not in seen and len(seen) < READ_CAP:
                sock.settimeout(deadline.remaining())
                if not (data := sock.recv(4096)):
                    break
                seen += data
    except TimeoutError as error:
        return PlainAnswer(Ending.ANSWERED if seen else Ending.SILENT, seen, "" if seen else describe(error))
    except OSError as error:
        return PlainAnswer(Ending.ANSWERED if seen else Ending.CLOSED, seen, "" if seen else describe(error))
    if not seen:
        return PlainAnswer(Ending.CLOSED, problem="the connection was closed without an answer")
    return PlainAnswer(Ending.ANSWERED, seen)


def get_plainly(host: str, port: int, path: str, *, address: str = "", within: float = 10.0) -> PlainAnswer:
    """One `GET` over plain HTTP that carries nothing of the run: no token, no cookie, no header of the descriptor."""
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        return PlainAnswer(Ending.UNREACHABLE, problem=f"{host!r} is no host name: {error}")
    shown = f"[{host}]" if ":" in host else host
    lines = [
        f"GET {path or '/'} HTTP/1.1",
        f"Host: {shown}" + ("" if port == 80 else f":{port}"),
        "User-Agent: stackproof",
        "Accept: */*",
        "Connection: close",
        "",
        "",
    ]
    request = "\r\n".join(lines).encode("utf-8", "replace")
    return ask_plainly(host, port, request, address=address, within=within)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its loopback, where tunnels begin."""
    return host in {"localhost", "::1"} or host.startswith("127.")
