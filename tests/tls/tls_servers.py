"""Real servers on loopback: some speak TLS, some answer in ways that only look like a refusal."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import struct
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

Talk = Callable[[socket.socket], None]
Serve = Callable[[Talk], int]
ServeTls = Callable[..., int]

FAULTS = (OSError, ValueError)  # the prober hangs up on purpose: no fault of a test's server


@dataclass(frozen=True)
class Authority:
    """A throw-away certificate authority and the file with its certificate."""

    ca: trustme.CA
    file: str


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the tests' clients trust."""
    ca, path = trustme.CA(), tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return Authority(ca, str(path))


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that runs `talk` on each connection, in a thread each; returns its port."""
    stop, listeners, threads = threading.Event(), [], []

    def accept(listener: socket.socket, talk: Talk) -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            one = threading.Thread(target=run, args=(connection, talk), daemon=True)
            one.start()

    def run(connection: socket.socket, talk: Talk) -> None:
        with contextlib.suppress(*FAULTS), connection:
            connection.settimeout(5)
            talk(connection)

    def start(talk: Talk) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=accept, args=(listener, talk), daemon=True)
        listeners.append(listener)
        threads.append(thread)
        thread.start()
        return int(listener.getsockname()[1])

    yield start
    stop.set()
    for listener in listeners:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(2)


def server_context(authority: Authority, lowest: str, highest: str, names: tuple[str, ...]) -> ssl.SSLContext:
    """A server between two versions, with a certificate for `names`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion[f"TLSv{lowest.replace('.', '_').replace('_0', '')}"]
        context.maximum_version = ssl.TLSVersion[f"TLSv{highest.replace('.', '_').replace('_0', '')}"]
    authority.ca.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
def serve_tls(serve: Serve, authority: Authority) -> ServeTls:
    """Start a TLS server between two versions; `before` talks first, `change` alters its context."""

    def start(
        lowest: str = "1.2",
        highest: str = "1.3",
        *,
        names: tuple[str, ...] = ("localhost", "127.0.0.1"),
        before: Talk = lambda connection: None,
        change: Callable[[ssl.SSLContext], Any] = lambda context: None,
    ) -> int:
        context = server_context(authority, lowest, highest, names)
        change(context)

        def talk(connection: socket.socket) -> None:
            before(connection)
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(1)

        return serve(talk)

    return start


def reset(connection: socket.socket) -> None:
    """Close with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def allowed_version(hello: bytes) -> int:
    """Number of the one version that a ClientHello allows."""
    return 0x0304 if b"\x00\x2b\x00\x03\x02\x03\x04" in hello else int.from_bytes(hello[9:11])


def peek_hello(connection: socket.socket) -> bytes:
    """A ClientHello, left in the socket for whoever reads next."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        seen = connection.recv(16_384, socket.MSG_PEEK)
        if seen[:1] != b"\x16" or len(seen) >= 5 + int.from_bytes(seen[3:5]):
            return seen
        time.sleep(0.005)
    return b""


def certificate(
    folder: Path,
    names: tuple[str, ...],
    *,
    days: tuple[int, int] = (-1, 30),
    issuer: trustme.CA | None = None,
    bits: int = 2048,
    alternative: bool = True,
) -> tuple[str, str]:
    """A certificate with an RSA key and its dates in days from now, self-signed unless an issuer is given.

    Without `alternative` names the first one stands in the subject alone.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    signer: Any = key
    issuer_name = subject
    if issuer is not None:
        signer = serialization.load_pem_private_key(issuer.private_key_pem.bytes(), None)
        issuer_name = x509.load_pem_x509_certificate(issuer.cert_pem.bytes()).subject
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=days[0]))
        .not_valid_after(now + datetime.timedelta(days=days[1]))
    )
    if alternative:
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    signed = built.sign(signer, hashes.SHA256())
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(chain), str(secret)
