"""DSSE envelopes (dead simple signing envelope) of in-toto statements, under an Ed25519 or an ECDSA key in a file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.errors import SignatureError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

type Private = Ed25519PrivateKey | EllipticCurvePrivateKey
type Public = Ed25519PublicKey | EllipticCurvePublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PASSWORD = "STACKPROOF_KEY_PASSWORD"  # noqa: S105 - the variable's name
LARGEST_KEY = 64 * 1024  # bytes
LARGEST = 64 * 1024 * 1024  # bytes of an envelope
MAKE_ONE = "make one with `openssl genpkey -algorithm ed25519 -out key.pem`"


def pre_authentication(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """What is signed: the type and the payload with their lengths, so that neither can pass for the other."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, key: Private) -> dict[str, Any]:
    """The envelope of a statement."""
    from cryptography.hazmat.primitives.asymmetric import ec

    signed = pre_authentication(payload)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        signature = key.sign(signed, ec.ECDSA(_hash_of(key)))
    else:
        signature = key.sign(signed)
    return {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}],
    }


def verify(envelope: Path, key: Public) -> dict[str, Any]:
    """The statement in an envelope that this key signed.

    Raises:
        SignatureError: another key signed it, or it was changed since.
        UsageError: it is no envelope of a statement.
    """
    payload, signatures = _opened(envelope)
    signed, own = pre_authentication(payload), key_id(key)
    if not any(_holds(key, signature, signed) for _, signature in signatures):
        others = sorted({name for name, _ in signatures if name and name != own})
        if others and own not in {name for name, _ in signatures}:
            raise SignatureError(
                f"{envelope}: is signed by another key: {', '.join(one[:16] for one in others[:3])}, not {own[:16]}",
                hint="give the public key of whoever signed it with --key",
            )
        raise SignatureError(
            f"{envelope}: the signature does not hold: the content or the signature was changed, or the key is another",
            hint="trust nothing in it, and get it again from where it was signed",
        )
    return statement_in(envelope, payload)


def load_private(path: Path) -> Private:
    """A private key from a PEM file; the password of an encrypted one is in STACKPROOF_KEY_PASSWORD.

    Raises:
        UsageError: it is none, of another kind, or its password is missing or wrong.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    password = os.environ.get(PASSWORD)
    try:
        key = load_pem_private_key(read_capped(path, LARGEST_KEY), password.encode() if password else None)
    except TypeError:
        told = "is encrypted" if password is None else "is not encrypted, and a password is given"
        raise UsageError(f"{path}: {told}", hint=f"the password of an encrypted key is read from {PASSWORD}") from None
    except Exception:
        told = "cannot be opened with the password" if password else "is no private key in PEM"
        raise UsageError(f"{path}: {told}", hint=MAKE_ONE) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise _unknown_kind(path)
    return key


def load_public(path: Path) -> Public:
    """A public key from a PEM file.

    Raises:
        UsageError: it is none, or of another kind.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    data = read_capped(path, LARGEST_KEY)
    if b"PRIVATE KEY" in data:
        raise UsageError(
            f"{path}: is a private key", hint="give its public part: `openssl pkey -in key.pem -pubout -out key.pub`"
        )
    try:
        key = load_pem_public_key(data)
    except Exception:
        raise UsageError(
            f"{path}: is no public key in PEM", hint="`openssl pkey -in key.pem -pubout` prints one"
        ) from None
    if not isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey):
        raise _unknown_kind(path)
    return key


def key_id(key: Public) -> str:
    """SHA-256 of the public key's own DER encoding."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _holds(key: Public, signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(_hash_of(key)))
        else:
            key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _hash_of(key: EllipticCurvePrivateKey | EllipticCurvePublicKey) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    size = key.curve.key_size
    return hashes.SHA256() if size <= 256 else hashes.SHA384() if size <= 384 else hashes.SHA512()


def _unknown_kind(path: Path) -> UsageError:
    return UsageError(f"{path}: is neither an Ed25519 nor an ECDSA key", hint=MAKE_ONE)


def _opened(path: Path) -> tuple[bytes, list[tuple[str, bytes]]]:
    """(payload, [(key id, signature)]) of an envelope."""
    hint = "give what `stackproof sign` wrote"
    try:
        data = json.loads(read_capped(path, LARGEST))
        if data["payloadType"] != PAYLOAD_TYPE:
            raise UsageError(f"{path}: holds no in-toto statement: {str(data['payloadType'])[:80]!r}", hint=hint)
        signatures = [(str(one.get("keyid") or "")[:128], _decoded(one["sig"])) for one in data["signatures"][:100]]
        payload = _decoded(data["payload"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path}: is no DSSE envelope: {_told(error)}", hint=hint) from None
    if not signatures:
        raise UsageError(f"{path}: is not signed", hint=hint)
    return payload, signatures


def _told(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return (
        "it is no JSON" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else "a field has no such form"
    )


def _decoded(text: str) -> bytes:
    """Base64, of the standard or the URL-safe alphabet: DSSE admits both."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise ValueError("no base64") from None


def statement_in(path: Path, payload: bytes) -> dict[str, Any]:
    """The in-toto statement that was signed.

    Raises:
        UsageError: it is none.
    """
    try:
        statement = json.loads(payload)
    except (ValueError, RecursionError):
        statement = None
    if not isinstance(statement, dict) or statement.get("_type") != "https://in-toto.io/Statement/v1":
        raise UsageError(f"{path}: is signed, and holds no in-toto statement", hint="give what `stackproof sign` wrote")
    return statement


def read_capped(path: Path, largest: int) -> bytes:
    """A file of at most so many bytes.

    Raises:
        UsageError: it is larger, or cannot be read.
    """
    try:
        if path.stat().st_size > largest:
            raise UsageError(f"{path}: is larger than {largest // 1024} KiB", hint="give another file")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint="give the path of a file") from error
