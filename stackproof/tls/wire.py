"""Bytes: a hello written by hand, and what a server says first (RFC 5246, RFC 8446, RFC 6066)."""

from __future__ import annotations

import ipaddress
import secrets
import struct
from dataclasses import dataclass
from enum import Enum

from stackproof.tls.model import TlsVersion

RECORD_CAP = 5 + 2**14 + 256  # one TLS record (RFC 5246 section 6.2.1)

_ALERT, _HANDSHAKE, _SERVER_HELLO = 21, 22, 2
_SUPPORTED_VERSIONS = 43
_WARNING = 1  # level of an alert
_HELLO_LEAST = 42  # bytes of a ServerHello without session id and extensions

SSL3 = 0x0300
VERSION_NUMBERS = {
    TlsVersion.TLS_1_0: 0x0301,
    TlsVersion.TLS_1_1: 0x0302,
    TlsVersion.TLS_1_2: 0x0303,
    TlsVersion.TLS_1_3: 0x0304,
}
ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    40: "handshake_failure",
    42: "bad_certificate",
    47: "illegal_parameter",
    50: "decode_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    109: "missing_extension",
    112: "unrecognized_name",
    116: "certificate_required",
    120: "no_application_protocol",
}
# Every suite number that was ever assigned to TLS 1.2 and earlier, the weak and the forgotten too: a server whose
# old versions know only suites that OpenSSL dropped (RC4, 3DES, export) must not look as if it refused the version.
_OLD_SUITES = (*range(0x0001, 0x00C8), *range(0xC001, 0xC0B0), *range(0xCCA8, 0xCCAF), 0x00FF)
_NEW_SUITES = tuple(range(0x1301, 0x1306))
_GROUPS = (29, 23, 24, 25, 30, *range(1, 23), 26, 27, 28, 256, 257, 258)
_SIGNATURES = (
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B,
    0x0401, 0x0501, 0x0601, 0x0301, 0x0303, 0x0203, 0x0201, 0x0202, 0x0402, 0x0101,
)  # fmt: skip


class Said(Enum):
    """Kinds of a server's first words."""

    NOTHING = "nothing"
    SERVER_HELLO = "a ServerHello"
    ALERT = "an alert"
    NOT_TLS = "something that is not TLS"
    UNFINISHED = "an unfinished TLS record"


@dataclass(frozen=True, slots=True)
class FirstWords:
    """What a server said first, read from its bytes.

    Attributes:
        version: number of the version that a ServerHello chose, 0 otherwise.
        suite: number of the suite that it chose, 0 otherwise.
        alert: name of the alert, empty otherwise.
        text: first line of an answer that is not TLS.
    """

    said: Said
    version: int = 0
    suite: int = 0
    alert: str = ""
    text: str = ""


def first_words(seen: bytes) -> FirstWords:
    """Read a server's first record; never raises, whatever the bytes are."""
    if not seen:
        return FirstWords(Said.NOTHING)
    if seen[0] not in (_ALERT, _HANDSHAKE) or (len(seen) > 1 and seen[1] != 3):
        return FirstWords(Said.NOT_TLS, text=first_line(seen))
    if not record_is_complete(seen):
        return FirstWords(Said.UNFINISHED)
    body = seen[5 : 5 + int.from_bytes(seen[3:5])]
    return _alert(body, seen[5 + len(body) :]) if seen[0] == _ALERT else _server_hello(body)


def first_line(seen: bytes) -> str:
    """The first line as printable text, at most 120 characters."""
    line = seen[:400].splitlines()[0] if seen.strip() else b""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line.decode("latin-1"))[:120]


def record_is_complete(seen: bytes) -> bool:
    """Whether one whole TLS record has arrived."""
    return len(seen) >= 5 and len(seen) >= 5 + int.from_bytes(seen[3:5])


def client_hello(version: TlsVersion, server_name: str) -> bytes:
    """A ClientHello record that allows one version and names every suite there is for it.

    For TLS 1.3 it brings no key share: a server that knows the version answers with a HelloRetryRequest, which is
    a ServerHello too (RFC 8446 section 4.1.4).
    """
    new = version is TlsVersion.TLS_1_3
    suites = _NEW_SUITES if new else _OLD_SUITES
    number = 0x0303 if new else VERSION_NUMBERS[version]
    extensions = _name_extension(server_name) + _extension(10, _vector16(_GROUPS))
    if version in (TlsVersion.TLS_1_2, TlsVersion.TLS_1_3):
        extensions += _extension(13, _vector16(_SIGNATURES))
    if new:
        extensions += _extension(_SUPPORTED_VERSIONS, b"\x02\x03\x04") + _extension(51, b"\x00\x00")
    else:
        extensions += _extension(11, b"\x01\x00")
    body = struct.pack("!H", number) + secrets.token_bytes(32)
    body += b"\x20" + secrets.token_bytes(32) if new else b"\x00"
    body += _vector16(suites) + b"\x01\x00" + struct.pack("!H", len(extensions)) + extensions
    message = b"\x01" + len(body).to_bytes(3) + body
    return struct.pack("!BHH", _HANDSHAKE, 0x0301, len(message)) + message


def ssl3_hello() -> bytes:
    """A ClientHello record of SSL 3.0 (RFC 6101, section 5.6.1.2), with every suite there is and no extension."""
    body = struct.pack("!H", SSL3) + secrets.token_bytes(32) + b"\x00" + _vector16(_OLD_SUITES) + b"\x01\x00"
    message = b"\x01" + len(body).to_bytes(3) + body
    return struct.pack("!BHH", _HANDSHAKE, SSL3, len(message)) + message


def is_address(name: str) -> bool:
    """Whether the name is an IP address, which never travels as a server name (RFC 6066 section 3)."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _alert(body: bytes, rest: bytes) -> FirstWords:
    if len(body) != 2:
        return FirstWords(Said.UNFINISHED)
    if body[0] == _WARNING and rest:  # such as unrecognized_name before the ServerHello (RFC 6066 section 3)
        return first_words(rest)
    return FirstWords(Said.ALERT, alert=ALERTS.get(body[1], f"alert {body[1]}"))


def _server_hello(body: bytes) -> FirstWords:
    if len(body) < _HELLO_LEAST or body[0] != _SERVER_HELLO or len(body) < _HELLO_LEAST + body[38]:
        return FirstWords(Said.UNFINISHED)
    version = int.from_bytes(body[4:6])
    at = 38 + 1 + body[38]
    (suite,) = struct.unpack_from("!H", body, at)
    at += 3
    if at + 2 <= len(body):
        end = at + 2 + int.from_bytes(body[at : at + 2])
        at += 2
        while at + 4 <= min(end, len(body)):
            kind, length = struct.unpack_from("!HH", body, at)
            if kind == _SUPPORTED_VERSIONS and length == 2:
                (version,) = struct.unpack_from("!H", body, at + 4)
            at += 4 + length
    return FirstWords(Said.SERVER_HELLO, version=version, suite=suite)


def _vector16(numbers: tuple[int, ...]) -> bytes:
    return struct.pack(f"!H{len(numbers)}H", 2 * len(numbers), *numbers)


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!HH", kind, len(body)) + body


def _name_extension(server_name: str) -> bytes:
    if not server_name or is_address(server_name):
        return b""
    name = server_name.encode("idna")
    return _extension(0, struct.pack("!HBH", len(name) + 3, 0, len(name)) + name)
