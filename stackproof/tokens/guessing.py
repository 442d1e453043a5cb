"""Whether the secret of a token's HMAC is one that everybody knows: tried offline, against a short list."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from stackproof.tokens.forge import parts_of
from stackproof.tokens.forgeries import DIGESTS

LIST = "weak_secrets.txt"
ENDINGS = ("", "secret", "-secret", "_secret", "secretkey", "-secret-key", "_secret_key", "key", "-key", "_key", "-jwt",
           "-jwt-secret", "_jwt_secret", "123", "1234", "!", "2024", "2025", "2026", "-dev", "-dev-secret")  # fmt: skip
OWN_NAME = "the target's own name"
WITHIN = 5.0  # seconds for a token


@dataclass(frozen=True, slots=True)
class Guess:
    """A secret that signs a token.

    Attributes:
        family: the class of the list that it is from.
        beginning: its first two characters; the rest is not told.
        length: of the secret, in bytes.
    """

    family: str
    beginning: str
    length: int


def well_known() -> list[tuple[str, str]]:
    """(class, secret) of every entry of the list."""
    family, found = "", []
    for line in files("stackproof.tokens").joinpath(LIST).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("# "):
            continue
        if line.startswith("[") and line.endswith("]"):
            family = line[1:-1]
        else:
            found.append((family, line))
    return found


def from_names(names: Iterable[str]) -> list[tuple[str, str]]:
    """(class, secret) of what people make of the names of a host, a project or a product."""
    words: dict[str, None] = {}
    for name in names:
        pieces = [one for one in re.split(r"[^A-Za-z0-9]+", name[:200]) if len(one) > 1 and not one.isdigit()]
        for word in (name[:200], *pieces, "".join(pieces), "-".join(pieces), "_".join(pieces)):
            words |= dict.fromkeys((word, word.lower(), word.upper(), word.capitalize()))
    return [(OWN_NAME, word + ending) for word in list(words)[:60] if word for ending in ENDINGS]


def guessed(token: str, candidates: Iterable[tuple[str, str]], within: float = WITHIN) -> tuple[Guess | None, int]:
    """The candidate that signs the token, or None, and how many were tried.

    Args:
        within: seconds after which the search ends.
    """
    parts = parts_of(token)
    digest = DIGESTS.get(parts.algorithm()) if parts else None
    if parts is None or digest is None:
        return None, 0
    signing_input = token.rpartition(".")[0].encode()
    try:
        wanted = base64.urlsafe_b64decode(parts.signature + "=" * (-len(parts.signature) % 4))
    except (binascii.Error, ValueError):
        return None, 0
    end, tried = time.monotonic() + within, 0
    for family, secret in (("nothing at all", ""), *candidates):
        if time.monotonic() > end:
            break
        tried += 1
        for key in _as_bytes(secret):
            if hmac.compare_digest(hmac.digest(key, signing_input, digest().name), wanted):
                return Guess(family, secret[:2], len(key)), tried
    return None, tried


def _as_bytes(secret: str) -> Iterator[bytes]:
    """Itself, and what it is the base64 of, where it is that."""
    yield secret.encode()
    try:
        decoded = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        return
    if decoded:
        yield decoded
