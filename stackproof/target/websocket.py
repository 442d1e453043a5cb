"""One WebSocket connection to the target, frame by frame (RFC 6455): capped, bounded in time, no thread of its own.

The connection answers pings only while it is read: whoever does not read it is a slow consumer.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Origin, Subprotocol
from websockets.uri import WebSocketURI

from stackproof.target.http import NoAnswer

MESSAGE_CAP = 1_048_576  # bytes of one message
KEPT_MESSAGES = 1_000  # messages that one connection keeps unread, and their characters in all
KEPT_TEXT = 16 * 1_048_576
READ_CHUNK = 65_536
SEND_CHUNK = 65_536
SHOWN_BODY = 500  # bytes of a refusal's body


@dataclass(frozen=True, slots=True)
class Handshake:
    """What is asked for.

    Attributes:
        address: where to connect, in place of `uri.host`; "" for the host itself.
        replaced: headers of the handshake that are sent otherwise than RFC 6455 has them; None leaves one out.
        small_buffer: take in as little as the system allows, so that not reading is felt soon.
    """

    uri: WebSocketURI
    address: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
    subprotocols: Sequence[str] = ()
    replaced: Mapping[str, str | None] = field(default_factory=dict)
    small_buffer: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer in place of an opened connection; `trouble` says what of a 101 was wrong."""

    status: int
    headers: Mapping[str, str]
    body: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a connection ended: the server's close code and reason; code 1006 where it sent none."""

    code: int
    reason: str = ""

    def describe(self) -> str:
        """One line."""
        if self.code == 1006:
            return "the connection ended without a close frame"
        return f"closed with {self.code}" + (f" ({self.reason[:100]})" if self.reason else "")


class Connection:
    """An open connection."""

    def __init__(
        self, sock: socket.socket, protocol: ClientProtocol, response: Response, early: Sequence[object]
    ) -> None:
        self._sock = sock
        self._protocol = protocol
        self._messages: list[str] = []
        self._pongs: set[bytes] = set()
        self._partial = b""
        self._pings = 0
        self.response = response
        self._take(early)
        self._flush()

    @property
    def closing(self) -> Closing | None:
        """How it ended, as far as it was read; None while it is open."""
        received = self._protocol.close_rcvd
        if received is not None:
            return Closing(int(received.code), received.reason)
        if self._protocol.eof_sent or self._protocol.state is State.CLOSED or self._sock.fileno() < 0:
            return Closing(1006)
        return None

    def receive(self, within: float) -> str | None:
        """The next message, or None where none came in time or the connection ended."""
        deadline = time.monotonic() + within
        while not self._messages:
            if self.closing is not None or not self._pump(deadline):
                break
        return self._messages.pop(0) if self._messages else None

    def messages(self, within: float) -> Iterator[str]:
        """Messages as they come, until the time is up or the connection ends."""
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            message = self.receive(left)
            if message is None:
                return
            yield message

    def ended(self, within: float) -> Closing | None:
        """How the connection ended, waiting so long for it; messages are kept."""
        deadline = time.monotonic() + within
        while self.closing is None and self._pump(deadline):
            pass
        return self.closing

    def ping(self, within: float) -> bool:
        """Whether a ping (RFC 6455, section 5.5.2) is answered in time."""
        self._pings += 1
        payload = f"stackproof-{self._pings}".encode()
        if not self.send_raw(masked(Opcode.PING, payload), within):
            return False
        deadline = time.monotonic() + within
        while payload not in self._pongs and self.closing is None and self._pump(deadline):
            pass
        return payload in self._pongs

    def send(self, text: str, within: float = 10.0) -> bool:
        """Send a text message; False where it could not be sent whole."""
        return self.send_raw(masked(Opcode.TEXT, text.encode()), within)

    def send_raw(self, data: bytes, within: float = 10.0) -> bool:
        """Send bytes as they are, and look for the server's answer between: it may end the connection halfway."""
        deadline = time.monotonic() + within
        sent = 0
        while sent < len(data) and self.closing is None:
            self._sock.settimeout(max(deadline - time.monotonic(), 0.01))
            try:
                self._sock.sendall(data[sent : sent + SEND_CHUNK])
            except TimeoutError:
                return False
            except OSError:
                self._pump(time.monotonic() + 0.5)  # what the server said before it went away
                self._gone()
                return False
            sent += SEND_CHUNK
            while sent < len(data) and self._readable() and self._pump(time.monotonic() + 0.1):
                pass
        return sent >= len(data)

    @contextmanager
    def read_meanwhile(self) -> Iterator[None]:
        """Read it beside other work, as a client would; it is used for nothing else inside.

        What a server says before it resets the connection is lost to whoever has not read it by then.
        """
        done = threading.Event()

        def read() -> None:
            while not done.is_set() and self.closing is None:
                self._pump(time.monotonic() + 0.1)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            yield
        finally:
            done.set()
            reader.join()

    def close(self) -> None:
        """Say goodbye and let go, without waiting."""
        if self.closing is None:
            with suppress(OSError):
                self._sock.settimeout(0.5)
                self._sock.sendall(masked(Opcode.CLOSE, (1000).to_bytes(2, "big")))
        self._gone()

    # -- the wire ------------------------------------------------------------------------------------------

    def _readable(self) -> bool:
        if self._sock.fileno() < 0:
            return False
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        return bool(select.select([self._sock], [], [], 0)[0])

    def _pump(self, deadline: float) -> bool:
        """Read once; False where the time is up or nothing more can come."""
        left = deadline - time.monotonic()
        if left <= 0 or self._sock.fileno() < 0 or self._protocol.state is State.CLOSED:
            return False
        self._sock.settimeout(left)
        try:
            data = self._sock.recv(READ_CHUNK)
        except TimeoutError:
            return False
        except OSError:
            data = b""
        if not data:
            self._protocol.receive_eof()
            self._take(self._protocol.events_received())
            self._gone()
            return False
        self._protocol.receive_data(data)
        self._take(self._protocol.events_received())
        self._flush()
        return True

    def _flush(self) -> None:
        """Send what the protocol has to say: pongs, the echo of a close frame."""
        for data in self._protocol.data_to_send():
            if data:
                try:
                    self._sock.sendall(data)
                except OSError:
                    self._gone()
                    return

    def _take(self, events: Sequence[object]) -> None:
        for frame in events:
            if not isinstance(frame, Frame):
                continue
            if frame.opcode is Opcode.PONG:
                if len(self._pongs) < KEPT_MESSAGES:
                    self._pongs.add(bytes(frame.data))
            elif frame.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                self._partial += bytes(frame.data)
                if frame.fin:
                    kept = sum(map(len, self._messages)) + len(self._partial)
                    if len(self._messages) < KEPT_MESSAGES and kept <= KEPT_TEXT:
                        self._messages.append(self._partial.decode("utf-8", "replace"))
                    self._partial = b""

    def _gone(self) -> None:
        with suppress(OSError):
            self._sock.close()


def masked(opcode: int, payload: bytes, *, fin: bool = True, reserved: int = 0, mask: bool = True) -> bytes:
    """A client's frame (RFC 6455, section 5.2), also one that a client must not send; the mask is all zeros."""
    first = (0x80 if fin else 0) | (reserved << 4) | opcode
    length = len(payload)
    bit = 0x80 if mask else 0
    if length < 126:
        head = bytes([first, bit | length])
    elif length < 65_536:
        head = bytes([first, bit | 126]) + length.to_bytes(2, "big")
    else:
        head = bytes([first, bit | 127]) + length.to_bytes(8, "big")
    return head + (b"\0\0\0\0" if mask else b"") + payload


def connect(handshake: Handshake, context: ssl.SSLContext | None, within: float) -> Connection | Refusal:
    """Open a connection, or say how that was refused.

    Raises:
        NoAnswer: no HTTP answer came within the time.
    """
    uri, deadline = handshake.uri, time.monotonic() + within
    protocol = ClientProtocol(
        uri,
        origin=Origin(handshake.origin) if handshake.origin else None,
        subprotocols=[Subprotocol(one) for one in handshake.subprotocols] or None,
        max_size=MESSAGE_CAP,
    )
    where = f"{'wss' if uri.secure else 'ws'}://{uri.host}:{uri.port}{uri.path}"
    try:
        sock = _socket(handshake, context, deadline)
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"{where}: {str(error)[:200] or type(error).__name__}") from None
    try:
        return _shake_hands(sock, protocol, handshake, deadline)
    except OSError as error:
        sock.close()
        reason = f"no whole answer within {within:g} s" if isinstance(error, TimeoutError) else str(error)[:200]
        raise NoAnswer(f"{where}: {reason or type(error).__name__}") from None


def _socket(handshake: Handshake, context: ssl.SSLContext | None, deadline: float) -> socket.socket:
    uri = handshake.uri
    plain = socket.create_connection((handshake.address or uri.host, uri.port), max(deadline - time.monotonic(), 0.01))
    try:
        if handshake.small_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(max(deadline - time.monotonic(), 0.01))
        return context.wrap_socket(plain, server_hostname=uri.host) if context is not None else plain
    except BaseException:
        plain.close()
        raise


def _shake_hands(
    sock: socket.socket, protocol: ClientProtocol, handshake: Handshake, deadline: float
) -> Connection | Refusal:
    request = protocol.connect()
    for name, value in handshake.headers.items():
        request.headers[name] = value
    for name, other in handshake.replaced.items():
        del request.headers[name]
        if other is not None:
            request.headers[name] = other
    protocol.send_request(request)
    for data in protocol.data_to_send():
        sock.sendall(data)
    events: list[object] = []
    while not events and protocol.handshake_exc is None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        data = sock.recv(READ_CHUNK)
        if data:
            protocol.receive_data(data)
        else:
            protocol.receive_eof()
        events += protocol.events_received()
    response = next((one for one in events if isinstance(one, Response)), None)
    trouble = protocol.handshake_exc
    if response is not None and trouble is None:
        return Connection(sock, protocol, response, events)
    sock.close()
    if response is None:
        raise ConnectionError(f"no HTTP answer: {trouble or 'the connection ended'}")
    body = bytes(response.body or b"")[:SHOWN_BODY].decode("utf-8", "replace")
    told = "" if isinstance(trouble, InvalidStatus) else str(trouble)
    return Refusal(response.status_code, dict(list(response.headers.raw_items())[:30]), body, told)
