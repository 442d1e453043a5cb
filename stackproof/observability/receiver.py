"""A server that stands in for Sentry: takes envelopes on a port of loopback, and says what stood in them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any

from stackproof.target.loopback import listening

KEY = "c0ffee00c0ffee00c0ffee00c0ffee00"
PROJECT = 42
SENT_CAP = 8 * 1024 * 1024  # bytes of a request that are read
UNPACKED_CAP = 32 * 1024 * 1024
KEPT = 50  # requests


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an envelope."""

    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """One request to the receiver.

    Attributes:
        text: its body, unpacked.
        trouble: why it could not be read, or "".
    """

    path: str
    text: bytes
    trouble: str = ""

    def items(self) -> list[Item]:
        """The items of the envelope (develop.sentry.dev, data model, envelopes), or the event of a store request."""
        if "/store/" in self.path:
            event = _object(self.text)
            return [Item("event", event)] if event else []
        _, _, rest = self.text.partition(b"\n")
        found = []
        while rest:
            head, _, rest = rest.partition(b"\n")
            header = _object(head)
            length = header.get("length")
            if isinstance(length, int) and 0 <= length <= len(rest):
                payload, rest = rest[:length], rest[length:].removeprefix(b"\n")
            else:
                payload, _, rest = rest.partition(b"\n")
            if header:
                found.append(Item(str(header.get("type", "")), _object(payload)))
        return found

    def exceptions(self) -> list[str]:
        """Types of the exceptions that its events are about."""
        events = [one.payload for one in self.items() if one.kind == "event"]
        chains = [event.get("exception") for event in events]
        values = [chain.get("values", []) if isinstance(chain, dict) else chain or [] for chain in chains]
        return [str(one.get("type", "")) for chain in values for one in chain if isinstance(one, dict)]


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def unpacked(text: bytes, encoding: str) -> tuple[bytes, str]:
    """A body without its encoding, and why it cannot be had."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return text, ""
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        return text, f"it is encoded as {encoding[:20]}, which cannot be read here"
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        found = unpacker.decompress(text, UNPACKED_CAP)
    except zlib.error:
        return text, f"it is not encoded as it says ({encoding})"
    return found, "" if unpacker.eof or len(found) == UNPACKED_CAP else "it ends too early"


class Receiver:
    """Listens while the context lasts.

    Attributes:
        port: where it listens.
        received: what came in, oldest first.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_POST(self) -> None:
                size = self.headers.get("Content-Length", "")
                sent = self.rfile.read(min(int(size), SENT_CAP)) if size.isdigit() else _chunked(self.rfile)
                text, trouble = unpacked(sent, self.headers.get("Content-Encoding", ""))
                if len(receiver.received) < KEPT:
                    receiver.received.append(Received(self.path, text, trouble))
                answer = b"{}"
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

        self._listening = listening(Handler)
        self.port = 0

    @property
    def dsn(self) -> str:
        """The DSN to configure."""
        return f"http://{KEY}@127.0.0.1:{self.port}/{PROJECT}"

    def __enter__(self) -> Receiver:
        self.port = self._listening.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.__exit__(kind, error, trace)

    def answers(self) -> bool:
        """Whether an envelope that is sent to it arrives and is understood; it is not kept."""
        import http.client

        event = json.dumps({"exception": {"values": [{"type": "Control"}]}}).encode()
        head = b'{"event_id":"0"}\n{"type":"event","length":%d}\n' % len(event)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            path = f"/api/{PROJECT}/envelope/"
            connection.request("POST", path, gzip.compress(head + event), {"Content-Encoding": "gzip"})
            status = connection.getresponse().status
        except OSError:
            return False
        finally:
            connection.close()
        arrived = [one for one in self.received if one.exceptions() == ["Control"]]
        self.received = [one for one in self.received if one not in arrived]
        return status == 200 and bool(arrived)


def _chunked(stream: Any) -> bytes:
    """A body in chunks (RFC 9112, section 7.1), as far as the cap."""
    found = bytearray()
    while len(found) < SENT_CAP:
        size = int(stream.readline(64).partition(b";")[0].strip() or b"0", 16)
        if size <= 0:
            break
        found += stream.read(min(size, SENT_CAP))
        stream.readline(64)
    return bytes(found)
