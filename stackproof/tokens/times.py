"""Reading the claims of a token without believing them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jwt

from stackproof.target.replies import Tokens


@dataclass(frozen=True, slots=True)
class Claims:
    """Registered time claims (RFC 7519, section 4.1) in seconds since the epoch; None where absent or no number."""

    expires: float | None
    issued: float | None
    names: tuple[str, ...]


def claims_of(token: str) -> Claims | None:
    """The claims of a JWT, its signature unverified, or None where the token is opaque."""
    try:
        payload = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None
    return Claims(_number(payload.get("exp")), _number(payload.get("iat")), tuple(sorted(map(str, payload))[:40]))


def seconds_ahead(tokens: Tokens) -> float:
    """Seconds by which the clock that the service signs with is ahead of this machine's; negative where behind."""
    claims = claims_of(tokens.access)
    shown = claims.issued if claims and claims.issued else tokens.answer.date
    return 0.0 if shown is None else shown - tokens.answer.received


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
