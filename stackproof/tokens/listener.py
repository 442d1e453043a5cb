"""A small HTTP server on the loopback interface that offers our public key, and remembers who asked for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from stackproof.target.loopback import listening

MOST = 20  # requests that are remembered


class Listener:
    """What was asked of the server so far.

    Attributes:
        url: where it listens.
        asked: methods and paths, oldest first.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []


@contextmanager
def key_listener(jwk: Mapping[str, Any], certificate: str) -> Iterator[Listener]:
    """Serve a key set below `/jku` and a certificate below `/x5u` until the block is left.

    Args:
        certificate: DER in base64.
    """
    documents = {
        "/x5u": f"-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n".encode(),
        "/jku": json.dumps({"keys": [dict(jwk)]}).encode(),
    }

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:  # the name that http.server calls
            if len(listener.asked) < MOST:
                listener.asked.append(f"GET {self.path[:40]}")
            body = documents["/x5u" if self.path.startswith("/x5u") else "/jku"]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    with listening(Handler) as port:
        listener = Listener(f"http://127.0.0.1:{port}")
        yield listener
