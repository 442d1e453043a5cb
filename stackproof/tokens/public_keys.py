"""The keys with which a service's tokens are verified: from the descriptor, or where the service publishes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import jwt

from stackproof.check import not_assessed
from stackproof.target.http import NoAnswer
from stackproof.target.session import Session
from stackproof.tokens.forge import key_text, parts_of, public_half

WELL_KNOWN = "/.well-known/jwks.json"
MOST_KEYS = 20
PRIVATE = ("d", "p", "q", "dp", "dq", "qi")
CURVE_BITS = 255  # of Ed25519; P-256 has one more


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key, and where it was found.

    Attributes:
        raw: as it stood there, b"" where it was no PEM.
        jwk: the entry of the key set that it stood in.
        keys: all entries of that set.
    """

    key: Any
    origin: str
    raw: bytes = b""
    jwk: Mapping[str, Any] = field(default_factory=dict)
    keys: Sequence[Any] = ()

    def encodings(self) -> dict[str, bytes]:
        """The texts and bytes that a careless service could take for a secret, most likely first."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        pem = self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        found = {
            "the PEM of the public key": pem,
            "the PEM without its last newline": pem.rstrip(b"\n"),
            "the PEM with CRLF": pem.replace(b"\n", b"\r\n"),
            "the PEM on one line": pem.replace(b"\n", b""),
            "the DER of the public key": self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        }
        if isinstance(self.key, RSAPublicKey):
            pkcs1 = self.key.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
            found["the PEM in PKCS #1"] = pkcs1
            found["the PEM in PKCS #1 without its last newline"] = pkcs1.rstrip(b"\n")
        if self.raw:
            found["the key as the file has it"] = self.raw
        if self.jwk:
            found["the JWK as it is published"] = _stringified(self.jwk)
            found["the JWK as Python writes it"] = json.dumps(self.jwk).encode()
            found["the key set as it is published"] = _stringified({"keys": self.keys})
        return {name: value for value, name in {value: name for name, value in reversed(found.items())}.items()}


def _stringified(value: Any) -> bytes:
    """As JSON.stringify writes it, which is how most services publish it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def is_asymmetric(algorithm: str) -> bool:
    """Whether a JWS algorithm has a public key."""
    return algorithm[:2] in {"RS", "PS", "ES"} or algorithm in {"EdDSA", "Ed25519", "Ed448"}


def verifying_key(session: Session, token: str) -> PublicKey:
    """The key that was seen to verify a token of the service.

    Raises:
        NotAssessed: none is known, or none of the known ones verifies it.
    """
    parts = parts_of(token)
    algorithm = parts.algorithm() if parts else ""
    known = 0
    for candidate in _candidates(session):
        known += 1
        try:
            jwt.PyJWS().decode(token, candidate.key, algorithms=[algorithm])
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, NotImplementedError):
            continue
        return candidate
    return not_assessed(
        f"none of the {known} public keys that were found verifies the service's own tokens"
        if known
        else f"no public key: name its PEM in auth.public_key, or where it is published in auth.jwks ({WELL_KNOWN})"
    )


def _candidates(session: Session) -> Iterator[PublicKey]:
    named = session.auth.public_key
    if named is not None:
        try:
            data = named.read_bytes()
        except OSError:
            not_assessed(f"auth.public_key cannot be read: {named}")
        yield from _from_pem(data, named.name)
    for place, keys in published_sets(session).items():
        for one in keys:
            yield from _from_jwk(one, place, keys)
    yield from _from_signing_key(session)


def published_sets(session: Session) -> dict[str, list[dict[str, Any]]]:
    """{where a key set is published: its keys}: at auth.jwks, else at the usual place."""
    root = urljoin(session.base_url, WELL_KNOWN)
    places = (session.auth.jwks,) if session.auth.jwks else tuple(dict.fromkeys((WELL_KNOWN, root)))
    found: dict[str, list[dict[str, Any]]] = {}
    for place in places:
        try:
            answer = session.fetch(place)
        except NoAnswer:
            continue
        document = answer.json() if answer.ok else None
        keys = document.get("keys") if isinstance(document, dict) else None
        entries = [one for one in (keys if isinstance(keys, list) else [])[:MOST_KEYS] if isinstance(one, dict)]
        if entries:
            found[place] = entries
    return found


def private_members(session: Session, entries: list[dict[str, Any]]) -> list[str]:
    """What keys of a set have that only their owner may know, by name alone (RFC 7518, sections 6.2.2 and 6.3.2)."""
    told = []
    for one in entries:
        names = ("k",) if one.get("kty") == "oct" else PRIVATE
        present = [name for name in names if isinstance(one.get(name), str) and one[name]]
        session.conceal(*(one[name] for name in present))
        if present:
            told.append(f"{str(one.get('kid', one.get('kty', 'a key')))[:40]!r} the members {', '.join(present)}")
    return told


def _from_signing_key(session: Session) -> Iterator[PublicKey]:
    """The public half of the key that `[auth.signing_key]` names, where it is one of a pair."""
    named = session.auth.signing_key
    with suppress(OSError, ValueError, TypeError):
        text = key_text(named.file, named.env) if named else ""
        if "PRIVATE KEY" in text:
            session.conceal(text)
            yield PublicKey(public_half(text), "auth.signing_key")


def _from_pem(data: bytes, origin: str) -> Iterator[PublicKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    try:
        if b"CERTIFICATE" in data:
            yield PublicKey(x509.load_pem_x509_certificate(data).public_key(), origin, data)
        elif b"PRIVATE KEY" in data:
            yield PublicKey(load_pem_private_key(data, None).public_key(), origin)
        else:
            yield PublicKey(load_pem_public_key(data), origin, data)
    except (ValueError, TypeError):
        not_assessed(f"auth.public_key is no PEM of a public key: {origin}")


def _from_jwk(entry: Any, origin: str, keys: Sequence[Any]) -> Iterator[PublicKey]:
    if not isinstance(entry, dict) or entry.get("kty") not in {"RSA", "EC", "OKP"}:
        return
    named = {name: value for name, value in entry.items() if name in {"kty", "n", "e", "crv", "x", "y", "alg"}}
    raw = b""
    certificates = entry.get("x5c")
    if isinstance(certificates, list) and certificates and isinstance(certificates[0], str):
        raw = _pem_of(certificates[0])
    try:
        yield PublicKey(jwt.PyJWK(named).key, origin, raw, entry, keys)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return


def _pem_of(text: str) -> bytes:
    body = "\n".join(text[start : start + 64] for start in range(0, min(len(text), 8_192), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode("ascii", "ignore")


def strength(key: Any) -> tuple[str, int]:
    """("RSA", bits of the modulus) | ("EC", bits of the curve) | ("Ed", bits of the curve)."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.curve.key_size
    return "Ed", 448 if type(key).__name__.startswith("Ed448") else 255
