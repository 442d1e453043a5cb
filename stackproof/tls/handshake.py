"""One attempt at a handshake, told as what happened rather than as an exception."""

from __future__ import annotations

import socket
import ssl
import warnings
from dataclasses import dataclass
from enum import Enum
from functools import cache

from stackproof.tls.endpoint import BadPreludeError, Deadline, Endpoint, Identity, SpeaksNoTlsError
from stackproof.tls.model import TlsVersion
from stackproof.tls.wire import (
    RECORD_CAP,
    SSL3,
    FirstWords,
    Said,
    client_hello,
    first_words,
    record_is_complete,
    ssl3_hello,
)

CIPHERS = "ALL:@SECLEVEL=0"  # whatever this machine's OpenSSL can speak at all
BYTES_CAP = 1_000_000  # of one handshake; the largest certificate lists are far below

_OPENSSL = {
    TlsVersion.TLS_1_0: ssl.TLSVersion.TLSv1,
    TlsVersion.TLS_1_1: ssl.TLSVersion.TLSv1_1,
    TlsVersion.TLS_1_2: ssl.TLSVersion.TLSv1_2,
    TlsVersion.TLS_1_3: ssl.TLSVersion.TLSv1_3,
}

SILENCE = FirstWords(Said.NOTHING)


class Ended(Enum):
    """How an attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"  # in the protocol: an alert, a message that OpenSSL rejects, an untrusted certificate
    EOF = "eof"  # closed by the server
    BROKEN = "broken"  # reset, refused or timed out: says nothing about TLS
    NO_TLS = "no-tls"  # the prelude said so


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt saw.

    Attributes:
        words: the server's first words.
        problem: a sentence, empty when completed.
        certificate: DER of the server's certificate, empty unless completed.
        verify_code: OpenSSL's X509_V_ERR_ number where a certificate was rejected, else 0.
    """

    ended: Ended
    words: FirstWords = SILENCE
    problem: str = ""
    cipher: str = ""
    certificate: bytes = b""
    verify_code: int = 0


def limit(context: ssl.SSLContext, version: TlsVersion) -> ssl.SSLContext:
    """The context, limited to one version and open to every suite that this OpenSSL has.

    Raises:
        ValueError, ssl.SSLError: this OpenSSL was built without the version.
    """
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_LEGACY_SERVER_CONNECT  # servers from before RFC 5746
    with warnings.catch_warnings():
        # Old versions are asked for on purpose: to see that they are refused.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = _OPENSSL[version]
    return context


def identify(context: ssl.SSLContext, identity: Identity) -> ssl.SSLContext:
    """The context, with a client's certificate where there is one.

    Raises:
        OSError: its files cannot be read (`ssl.SSLError` where they hold no certificate with its key).
    """
    if identity is not None:
        context.load_cert_chain(identity[0], identity[1], password="")  # never ask on the terminal
    return context


@cache
def open_context(version: TlsVersion, identity: Identity = None) -> ssl.SSLContext:
    """A client that trusts everybody and speaks one version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the question is the version; trust is asked apart
    return identify(limit(context, version), identity)


def attempt(endpoint: Endpoint, context: ssl.SSLContext, deadline: Deadline) -> Attempt:
    """Connect and shake hands; never raises for anything that the other side does."""
    try:
        sock = endpoint.connect(deadline)
    except SpeaksNoTlsError as error:
        return Attempt(Ended.NO_TLS, problem=str(error))
    except (OSError, BadPreludeError) as error:
        return Attempt(Ended.BROKEN, problem=describe(error))
    with sock:
        return _shake(sock, context, endpoint.server_name or endpoint.host, deadline)


def raw_attempt(endpoint: Endpoint, version: TlsVersion, deadline: Deadline) -> FirstWords:
    """The server's first words to a hello that names every suite there is, OpenSSL's or not."""
    return _first_words_to(client_hello(version, endpoint.server_name), endpoint, deadline)


def takes_ssl3(endpoint: Endpoint, deadline: Deadline) -> bool:
    """Whether a hello of SSL 3.0 is answered with a ServerHello of that version."""
    words = _first_words_to(ssl3_hello(), endpoint, deadline)
    return words.said is Said.SERVER_HELLO and words.version == SSL3


def _first_words_to(hello: bytes, endpoint: Endpoint, deadline: Deadline) -> FirstWords:
    seen = b""
    try:
        with endpoint.connect(deadline) as sock:
            sock.sendall(hello)
            while len(seen) < RECORD_CAP and not record_is_complete(seen):
                sock.settimeout(deadline.remaining())
                if not (data := sock.recv(4096)):
                    break
                seen += data
    except (OSError, UnicodeError, BadPreludeError, SpeaksNoTlsError):
        return SILENCE
    return first_words(seen)


def describe(error: Exception) -> str:
    """A failed connection as a sentence."""
    if isinstance(error, ConnectionRefusedError):
        return "the TCP connection was refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "the connection was reset, which is no refusal of a version"
    if isinstance(error, TimeoutError):
        return f"the endpoint did not answer in time ({error})"
    return str(error)


def _shake(sock: socket.socket, context: ssl.SSLContext, name: str, deadline: Deadline) -> Attempt:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    seen, total = bytearray(), 0
    try:
        tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    except ValueError as error:
        return Attempt(Ended.BROKEN, problem=f"{name!r} cannot be a server name: {error}")
    try:
        while True:
            if _advanced(tls, outgoing, sock, deadline):
                return _completed(tls, first_words(bytes(seen)))
            sock.settimeout(deadline.remaining())
            data = sock.recv(16_384)
            total += len(data)
            if not data:
                return Attempt(Ended.EOF, first_words(bytes(seen)), "the endpoint closed the connection")
            if total > BYTES_CAP:
                return Attempt(Ended.BROKEN, first_words(bytes(seen)), f"more than {BYTES_CAP} bytes came")
            seen += data[: max(0, RECORD_CAP - len(seen))]
            incoming.write(data)
    except ssl.SSLError as error:
        problem = getattr(error, "verify_message", "") or error.reason or str(error)
        code = getattr(error, "verify_code", 0)
        return Attempt(Ended.FAILED, first_words(bytes(seen)), str(problem), verify_code=code)
    except OSError as error:
        return Attempt(Ended.BROKEN, first_words(bytes(seen)), describe(error))


def _advanced(tls: ssl.SSLObject, outgoing: ssl.MemoryBIO, sock: socket.socket, deadline: Deadline) -> bool:
    """Take the handshake as far as the bytes allow, and send what it has to say; whether it is complete."""
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        done = False
    else:
        done = True
    if outgoing.pending:
        sock.settimeout(deadline.remaining())
        sock.sendall(outgoing.read())
    return done


def _completed(tls: ssl.SSLObject, words: FirstWords) -> Attempt:
    cipher = tls.cipher()
    return Attempt(
        Ended.COMPLETED,
        words,
        cipher=cipher[0] if cipher else "",
        certificate=tls.getpeercert(binary_form=True) or b"",
    )
