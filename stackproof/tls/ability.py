"""Proof that this machine can speak a version at all, before anybody is said to refuse it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from functools import cache

import trustme

from stackproof.tls.endpoint import Deadline, Endpoint
from stackproof.tls.handshake import Ended, attempt, limit, open_context
from stackproof.tls.model import TlsVersion

PROOF_SECONDS = 5.0


@cache
def inability(version: TlsVersion) -> str:
    """Why this process cannot speak the version; empty when it has just done so against a server of its own.

    The answer holds for the life of the process: it depends on OpenSSL and on its configuration alone.
    """
    said = f"this machine's {ssl.OPENSSL_VERSION} cannot speak TLS {version.value}"
    try:
        server = limit(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), version)
        client = open_context(version)
    except (ValueError, ssl.SSLError) as error:
        return f"{said}: {error}"
    trustme.CA().issue_cert("127.0.0.1").configure_cert(server)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        worker = threading.Thread(target=_serve_once, args=(listener, server), daemon=True)
        worker.start()
        endpoint = Endpoint("127.0.0.1", port, "", "none", socket.AF_INET, ("127.0.0.1", port))
        seen = attempt(endpoint, client, Deadline(PROOF_SECONDS))
        worker.join(PROOF_SECONDS)
    return "" if seen.ended is Ended.COMPLETED else f"{said}: {seen.problem}"


def _serve_once(listener: socket.socket, context: ssl.SSLContext) -> None:
    listener.settimeout(PROOF_SECONDS)
    with contextlib.suppress(OSError):
        connection, _ = listener.accept()
        connection.settimeout(PROOF_SECONDS)
        with context.wrap_socket(connection, server_side=True):
            pass
