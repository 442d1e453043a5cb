"""Connections to one endpoint: one address, one deadline, and PostgreSQL's SSLRequest before the hello."""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Any

from stackproof.tls.model import Starttls
from stackproof.tls.wire import first_line

_SSL_REQUEST = struct.pack("!II", 8, 80877103)  # PostgreSQL, "Message Formats", SSLRequest


#: files of a client's certificate and of its key (None: the key stands in the certificate's file), or no identity
type Identity = tuple[str, str | None] | None


class SpeaksNoTlsError(Exception):
    """The endpoint itself said that it has no TLS; the argument is what it said."""


class BadPreludeError(Exception):
    """The exchange before the hello went wrong; the argument says how."""


class Deadline:
    """A moment on the monotonic clock that every wait is measured against, so that drips cannot stretch it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds that are left.

        Raises:
            TimeoutError: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no end within {self.seconds:.3g} s")
        return left

    def share(self, parts: int) -> Deadline:
        """A nearer deadline: one of `parts` equal shares of what is left (nothing, when nothing is left)."""
        return Deadline(max(0.0, self._end - time.monotonic()) / parts)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the connections of one survey go; the address is found once, so that all of them meet the same server."""

    host: str
    port: int
    server_name: str
    starttls: Starttls
    family: int
    sockaddr: tuple[Any, ...]
    identity: Identity = None

    def connect(self, deadline: Deadline) -> socket.socket:
        """A TCP connection on which a ClientHello may be sent.

        Raises:
            OSError: no connection, a reset, or (TimeoutError) no answer in time.
            SpeaksNoTlsError: PostgreSQL answered the SSLRequest with `N`.
            BadPreludeError: it answered with something else.
        """
        sock = socket.socket(self.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(deadline.remaining())
            sock.connect(self.sockaddr)
            if self.starttls == "postgres":
                _request_ssl(sock, deadline)
        except BaseException:
            sock.close()
            raise
        return sock


def locate(
    host: str,
    port: int,
    server_name: str,
    starttls: Starttls,
    deadline: Deadline,
    *,
    address: str = "",
    identity: Identity = None,
) -> Endpoint:
    """Resolve the host and keep the first address that takes a connection.

    Args:
        address: look there, in place of what the host resolves to.
        identity: what the client shows to a server that asks who it is.

    Raises:
        OSError: no such host, or none of its addresses takes a connection in time.
    """
    problem = OSError(f"{host} has no address")
    for family, sockaddr in _addresses(address or host, port, deadline):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as sock:
                sock.settimeout(deadline.remaining())
                sock.connect(sockaddr)
        except OSError as error:
            problem = error
        else:
            return Endpoint(host, port, server_name, starttls, family, sockaddr, identity)
    raise problem


def _addresses(host: str, port: int, deadline: Deadline) -> list[tuple[int, tuple[Any, ...]]]:
    found: list[tuple[int, tuple[Any, ...]]] = []
    failed: list[OSError] = []

    def resolve() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            failed.append(error)
        except UnicodeError as error:
            failed.append(OSError(f"{host!r} is no host name: {error}"))
        else:
            found.extend((family, sockaddr) for family, _, _, _, sockaddr in answers)

    # The resolver has no time-out of its own that a caller could set.
    worker = threading.Thread(target=resolve, daemon=True)
    worker.start()
    worker.join(deadline.remaining())
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError(f"the name {host} did not resolve within {deadline.seconds:.3g} s")
    return found


def _request_ssl(sock: socket.socket, deadline: Deadline) -> None:
    sock.sendall(_SSL_REQUEST)
    sock.settimeout(deadline.remaining())
    answer = sock.recv(1)
    if answer == b"S":
        return
    if answer == b"N":
        raise SpeaksNoTlsError("PostgreSQL answered the SSLRequest with N: it serves no TLS here")
    if not answer:
        raise BadPreludeError("the endpoint closed instead of answering PostgreSQL's SSLRequest")
    raise BadPreludeError(f"the endpoint answered PostgreSQL's SSLRequest with {first_line(answer)!r}, not S or N")
