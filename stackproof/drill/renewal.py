"""Which certificate a service presents, and how long it does not answer while that is replaced."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from stackproof.check import NotAssessed
from stackproof.descriptor.model import Descriptor
from stackproof.target.http import tls_context

LOOK_EVERY = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class Presented:
    """The certificate of one handshake.

    Attributes:
        sha256: its fingerprint, "" where no handshake came about.
        trouble: why a client that verifies would not go on, or "".
    """

    sha256: str
    trouble: str = ""


def presented(descriptor: Descriptor, url: str) -> Presented:
    """What a verifying client is presented at a base URL now."""
    about, parts = descriptor.target, urlsplit(url)
    name = parts.hostname or ""
    place = (about.resolve.get(name, name), parts.port or 443)
    context = tls_context(about)
    try:
        return Presented(_fingerprint(place, name, context, about.timeout))
    except ssl.SSLCertVerificationError as error:
        trouble = error.verify_message
    except (OSError, ValueError) as error:
        return Presented("", str(error) or type(error).__name__)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        return Presented(_fingerprint(place, name, context, about.timeout), trouble)
    except (OSError, ValueError):
        return Presented("", trouble)


def _fingerprint(place: tuple[str, int], name: str, context: ssl.SSLContext, within: float) -> str:
    with (
        socket.create_connection(place, timeout=within) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        return hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()


@dataclass(slots=True)
class Downtime:
    """What a client saw that asked again and again.

    Attributes:
        asked: requests in all.
        failed: without an answer, or with a server error.
        longest: seconds between the last good answer and the next one.
    """

    asked: int = 0
    failed: int = 0
    longest: float = 0.0
    _good: float = field(default_factory=time.monotonic)

    def saw(self, good: bool) -> None:
        """Count a request."""
        now = time.monotonic()
        self.asked += 1
        self.failed += not good
        if good:
            self.longest = max(self.longest, now - self._good)
            self._good = now


@contextmanager
def watched(ask: Callable[[], bool]) -> Iterator[Downtime]:
    """Ask all the time while the context lasts.

    Args:
        ask: makes one request; gives whether it was answered well.
    """
    seen, over = Downtime(), threading.Event()

    def watch() -> None:
        while not over.is_set():
            try:
                good = ask()
            except NotAssessed:
                good = False
            seen.saw(good)
            over.wait(LOOK_EVERY)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
