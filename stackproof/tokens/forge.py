"""Taking tokens apart, putting them together again otherwise, and signing them with the service's own key."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
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
    """Signs tokens with the service's keys, which the descriptor's `[auth.signing_key]` names.

    Many services sign refresh tokens with a key of their own: each token is forged with the key that verified the
    one that it is made from.

    Raises:
        NotAssessed: there is no key, or it cannot be read.
    """

    def __init__(self, auth: Auth | None, redactor: Redactor) -> None:
        named = auth.signing_key if auth else None
        if named is None:
            not_assessed("stackproof.toml has no [auth.signing_key] table")
        self._keys = [_read(named.file, named.env, "file", redactor)]
        if named.refresh_file or named.refresh_env:
            self._keys.append(_read(named.refresh_file, named.refresh_env, "refresh_file", redactor))
        self._chosen: dict[str, str] = {}  # signature of a token of the service: the key that verified it
        self._redactor = redactor
        self._algorithm = named.algorithm

    def secret_length(self, token: str) -> int:
        """Bytes of the HMAC secret that signs a token; 0 where none of the given ones does."""
        parts = parts_of(token) if token else None
        if parts is None or not (self._algorithm or parts.algorithm()).startswith("HS"):
            return 0
        return len((self._verifying(token, parts) or "").encode())

    def control(self, token: str) -> Parts:
        """The parts of a token of the service, once the same key was seen to make the same signature's kind.

        Raises:
            NotAssessed: the token is opaque, or the key does not sign the service's tokens.
        """
        parts = parts_of(token)
        if parts is None:
            not_assessed("the service's tokens are opaque (no JWT), so none can be forged")
        key = self._verifying(token, parts)
        if key is None:
            not_assessed(
                "the key that [auth.signing_key] names does not verify the service's own tokens; where refresh tokens "
                "have a key of their own, auth.signing_key.refresh_env names its variable"
            )
        self._chosen[parts.signature] = key
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
            text = self._key_of(parts)
            key = text if algorithm.startswith("HS") else _private(text)
            token = jwt.PyJWS().encode(json.dumps(body).encode(), key, algorithm=algorithm, headers=extra)
        except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError) as error:
            not_assessed(f"the key cannot sign with {algorithm}: {type(error).__name__}")
        self._redactor.learn(token)
        return token

    def _key_of(self, parts: Parts) -> str:
        return self._chosen.get(parts.signature, self._keys[0])

    def _verifying(self, token: str, parts: Parts) -> str | None:
        algorithm = self._algorithm or parts.algorithm()
        for text in self._keys:
            with suppress(jwt.PyJWTError, ValueError, TypeError):
                key = text if algorithm.startswith("HS") else public_half(text)
                jwt.PyJWS().decode(token, key, algorithms=[algorithm])
                return text
        return None

    def issued(self, parts: Parts, *, seconds_ago: float, lifetime: float) -> str:
        """A token like `parts` as the service would have issued it some seconds ago, with that lifetime."""
        issued = int(time.time() - seconds_ago)
        times: dict[str, Any] = {"exp": issued + int(lifetime)}
        times |= {name: issued for name in ("iat", "nbf", "auth_time") if name in parts.claims}
        return self.like(parts, claims=times)


def key_text(file: Path | None, env: str) -> str:
    """A key as a file or a variable has it, "" where there is none.

    Raises:
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    return file.read_text(encoding="utf-8") if file else from_environment(env)


def _read(file: Path | None, env: str, name: str, redactor: Redactor) -> str:
    try:
        key = key_text(file, env)
    except (OSError, UnicodeDecodeError):
        not_assessed(f"auth.signing_key.{name} cannot be read: {file}")
    if "-----BEGIN" not in key:
        key = key.rstrip("\r\n")
    if not key:
        not_assessed(f"no signing key: set {env} in the environment")
    redactor.learn(key)
    return key


@cache
def _private(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem.encode(), None)


@cache
def public_half(private: str) -> Any:
    """The public key of a pair, of which the one or the other half is given as PEM.

    Raises:
        ValueError, TypeError: it is neither.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

    data = private.encode()
    return load_pem_public_key(data) if b"PUBLIC KEY" in data else load_pem_private_key(data, None).public_key()


def _decoded(piece: str) -> bytes:
    return base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4))


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()
