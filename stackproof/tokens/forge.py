"""Taking tokens apart, putting them together again otherwise, and signing them with the service's own key."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt

from stackproof.check import not_assessed
from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.model import from_environment
from stackproof.evidence import Redactor


@dataclass(frozen=True, slots=True)
class Parts:
    """A JWS in compact form, taken apart (RFC 7515, section 3.1); nothing about it was verified."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signature: str

    def algorithm(self) -> str:
        """The `alg` that the header names."""
        return str(self.header.get("alg", ""))


def parts_of(token: str) -> Parts | None:
    """The parts of a JWT, or None where the token is opaque."""
    pieces = token.split(".")
    if len(pieces) != 3:
        return None
    try:
        header, claims = (json.loads(_decoded(one)) for one in pieces[:2])
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    return Parts(header, claims, pieces[2])


def compact(header: Mapping[str, Any], claims: Mapping[str, Any], signature: str = "") -> str:
    """The compact form of the parts; `signature` as it stands there, "" for none."""
    return f"{_encoded(header)}.{_encoded(claims)}.{signature}"


class Forger:
    """Signs tokens with the service's key, which the descriptor's `[auth.signing_key]` names.

    Raises:
        NotAssessed: there is no key, or it cannot be read.
    """

    def __init__(self, auth: Auth | None, redactor: Redactor) -> None:
        named = auth.signing_key if auth else None
        if named is None:
            not_assessed("stackproof.toml has no [auth.signing_key] table")
        try:
            self._key = named.file.read_text(encoding="utf-8") if named.file else from_environment(named.env)
        except (OSError, UnicodeDecodeError):
            not_assessed(f"auth.signing_key.file cannot be read: {named.file}")
        if "-----BEGIN" not in self._key:
            self._key = self._key.rstrip("\r\n")
        if not self._key:
            not_assessed(f"no signing key: set {named.env} in the environment")
        redactor.learn(self._key)
        self._redactor = redactor
        self._algorithm = named.algorithm

    def key_length(self) -> int:
        """Bytes of the key as it was given."""
        return len(self._key.encode())

    def control(self, token: str) -> Parts:
        """The parts of a token of the service, once the same key was seen to make the same signature's kind.

        Raises:
            NotAssessed: the token is opaque, or the key does not sign the service's tokens.
        """
        parts = parts_of(token)
        if parts is None:
            not_assessed("the service's tokens are opaque (no JWT), so none can be forged")
        algorithm = self._algorithm or parts.algorithm()
        try:
            key = self._key if algorithm.startswith("HS") else _public(self._key)
            jwt.PyJWS().decode(token, key, algorithms=[algorithm])
        except (jwt.PyJWTError, ValueError, TypeError):
            not_assessed("the key that [auth.signing_key] names does not verify the service's own tokens")
        return parts

    def like(
        self,
        parts: Parts,
        *,
        claims: Mapping[str, Any] | None = None,
        without: Iterable[str] = (),
        header: Mapping[str, Any] | None = None,
    ) -> str:
        """A well-signed token like `parts`, with some claims changed, added or left out.

        Raises:
            NotAssessed: the key cannot sign with the algorithm.
        """
        left_out = set(without)
        body = {name: value for name, value in {**parts.claims, **(claims or {})}.items() if name not in left_out}
        head = {**parts.header, **(header or {})}
        algorithm = self._algorithm or parts.algorithm()
        extra = {name: value for name, value in head.items() if name != "alg"}
        try:
            key = self._key if algorithm.startswith("HS") else _private(self._key)
            token = jwt.PyJWS().encode(json.dumps(body).encode(), key, algorithm=algorithm, headers=extra)
        except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError) as error:
            not_assessed(f"the key cannot sign with {algorithm}: {type(error).__name__}")
        self._redactor.learn(token)
        return token

    def issued(self, parts: Parts, *, seconds_ago: float, lifetime: float) -> str:
        """A token like `parts` as the service would have issued it some seconds ago, with that lifetime."""
        issued = int(time.time() - seconds_ago)
        times: dict[str, Any] = {"exp": issued + int(lifetime)}
        times |= {name: issued for name in ("iat", "nbf", "auth_time") if name in parts.claims}
        return self.like(parts, claims=times)


@cache
def _private(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem.encode(), None)


@cache
def _public(private: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    data = private.encode()
    return load_pem_public_key(data) if b"PUBLIC KEY" in data else load_pem_private_key(data, None).public_key()


def _decoded(piece: str) -> bytes:
    return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()
