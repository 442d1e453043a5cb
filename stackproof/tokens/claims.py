"""Well-signed tokens whose claims do not allow them to be accepted: what to change, where a service's tokens have it.

Each function gives (what is wrong, changes for `Forger.like`) or ends the check with the reason why the service's own
tokens give nothing to change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from stackproof.check import not_applicable, not_assessed
from stackproof.descriptor.places import split_place
from stackproof.target.messages import text_at
from stackproof.target.replies import Tokens
from stackproof.tokens.forge import Forger, Parts, parts_of
from stackproof.tokens.gates import AccessGate, Gate
from stackproof.tokens.looks import Forgery, Outcome
from stackproof.tokens.malformed import SUBJECTS

DAY = 86_400
MARGIN = 60.0  # seconds past a leeway that is still allowed
TYPES = ("token_type", "typ", "type", "token_use", "use", "kind", "token_kind", "tokenType", "purpose", "scope")
ID_TOKENS = ("id_token", "idToken")
SESSIONS = ("sid", "session", "session_id", "sessionId")

Changes = Mapping[str, Any]


def server_now(tokens: Tokens) -> float:
    """The service's time: by its Date where that is far from ours."""
    answer = tokens.answer
    drift = answer.date - answer.received if answer.date is not None else 0.0
    return time.time() + (drift if abs(drift) > 5 else 0.0)


def expired(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """Its end lies further back than any leeway; its beginning a day before that."""
    if not isinstance(parts.claims.get("exp"), int | float):
        what = "an exp that is no number" if "exp" in parts.claims else "no exp"
        not_assessed(f"the service's own tokens have {what}; the clause on the lifetime judges that")
    end = int(server_now(tokens) - leeway - MARGIN)
    begun = {name: end - DAY for name in ("iat", "nbf", "auth_time") if name in parts.claims}
    return f"an exp {leeway + MARGIN:.0f} s ago", {"claims": {"exp": end, **begun}}


def endless(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """It has no exp."""
    if "exp" not in parts.claims:
        not_assessed("the service's own tokens have no exp; the clause on the lifetime judges that")
    return "no exp", {"without": ("exp",)}


def not_yet(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """It begins tomorrow."""
    now = int(server_now(tokens))
    return "an nbf a day ahead", {"claims": {"nbf": now + DAY, "exp": now + 2 * DAY}}


def without_id(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """It has no jti."""
    if "jti" not in parts.claims:
        not_applicable("the service's own tokens have no jti (RFC 7519, section 4.1.7: optional)")
    return "no jti", {"without": ("jti",)}


def without_type(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """It does not say whether it is an access token or a refresh token."""
    if tokens.refresh and parts_of(tokens.refresh) is None:
        not_applicable("refresh tokens are opaque and access tokens JWTs: no claim is needed to tell them apart")
    kinds = [one for one in map(parts_of, (tokens.access, tokens.refresh)) if one is not None]
    other = next((one for one in kinds if one.claims != parts.claims), None)
    if other is None:
        not_assessed("there are no two kinds of JWT to see by what the service tells them apart")
    names = [one for one in TYPES if one in parts.claims and parts.claims[one] != other.claims.get(one)]
    if not names:
        not_applicable("no claim of the service's own tokens tells access tokens from refresh tokens")
    return f"no {' and no '.join(names)}", {"without": tuple(names)}


def without_subject(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """It names no account."""
    names = [one for one in SUBJECTS if one in parts.claims]
    if not names:
        not_assessed("no claim of the service's own tokens is known to name the account")
    if any(one in parts.claims for one in SESSIONS):
        not_assessed("the service's own tokens name a session too, from which it may know the account")
    return f"no {' and no '.join(names)}", {"without": tuple(names)}


def other_issuer(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """It comes from somebody else."""
    if "iss" not in parts.claims:
        not_applicable("the service's own tokens name no issuer (iss)")
    return "another iss", {"claims": {"iss": "https://stackproof.invalid/another-issuer"}}


def other_audience(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """It is meant for somebody else."""
    if "aud" not in parts.claims:
        not_applicable("the service's own tokens name no audience (aud)")
    other = "https://stackproof.invalid/another-audience"
    return "another aud", {"claims": {"aud": [other] if isinstance(parts.claims["aud"], list) else other}}


def excuse(requirement_id: str, parts: Parts) -> str:
    """Why a token that the requirement wants refused may be accepted all the same, "" where it may not.

    An id is asked for since tokens are revoked by it. What names its session can be revoked by that, and a resource
    server is not asked to look at the id of an OAuth access token (RFC 9068, section 4).
    """
    if requirement_id != "jwt.id-required":
        return ""
    named = next((one for one in SESSIONS if one in parts.claims), "")
    if named:
        return f"the service's own tokens name a session too ({named}), by which it may revoke them"
    if is_oauth_access_token(parts):
        return "its typ is at+jwt: RFC 9068, section 4, does not ask the resource server to look at the id"
    return ""


def other_media_type(parts: Parts, tokens: Tokens, leeway: float) -> tuple[str, Changes]:
    """Its header says that it is any JWT, as an ID token's does, and no OAuth access token."""
    if not is_oauth_access_token(parts):
        not_applicable("the service's own tokens do not say that they are of RFC 9068 (a header typ of at+jwt)")
    return "the typ JWT in place of at+jwt", {"header": {"typ": "JWT"}}


def is_oauth_access_token(parts: Parts) -> bool:
    """Whether a token says that it is an OAuth access token (RFC 9068, section 2.1)."""
    return str(parts.header.get("typ", "")).lower() in {"at+jwt", "application/at+jwt"}


def id_token_beside(tokens: Tokens, place: str) -> str:
    """The ID token that a login handed out beside its access token (OpenID Connect Core 1.0, section 3.1.3.3).

    Args:
        place: where the answer carries the access token.

    Raises:
        NotApplicable: it handed out none, or the service takes the ID token for its access token by design.
        NotAssessed: it is no longer good.
    """
    kind, name = split_place(place)
    above = name.rpartition(".")[0] if kind == "body" else ""
    body = tokens.answer.json()
    token = next(filter(None, (text_at(body, f"{above}.{one}".strip(".")) for one in ID_TOKENS)), "")
    parts = parts_of(token)
    if parts is None:
        not_applicable("the login hands out no ID token beside the access token")
    if token == tokens.access:
        not_applicable("the ID token is what the service takes for an access token: auth.login.access names it")
    end = parts.claims.get("exp")
    if not isinstance(end, int | float) or end <= server_now(tokens):
        not_assessed("the ID token that the login handed out is no longer good")
    return token


CHANGES: dict[str, Callable[[Parts, Tokens, float], tuple[str, Changes]]] = {
    "jwt.expiry-checked": expired,
    "jwt.expiry-required": endless,
    "jwt.not-before-checked": not_yet,
    "jwt.id-required": without_id,
    "jwt.type-required": without_type,
    "jwt.subject-required": without_subject,
    "jwt.issuer-checked": other_issuer,
    "jwt.audience-checked": other_audience,
    "jwt.media-type-checked": other_media_type,
}


def forge(gate: Gate, forger: Forger, requirement_id: str, leeway: float, tokens: Tokens) -> Forgery:
    """The token that the requirement wants refused, well signed.

    Raises:
        NotAssessed: the tokens are opaque, the key is not theirs, or they have not the claim.
        NotApplicable: the requirement is about a claim that they do not use.
    """
    parts = forger.control(gate.good(tokens))
    if requirement_id == "jwt.type-required":
        gate.session.needs_refresh_tokens()
    name, changes = CHANGES[requirement_id](parts, tokens, leeway)
    return Forgery(f"well signed, with {name}", forger.like(parts, **changes))


def control_forged(gate: AccessGate, forger: Forger) -> None:
    """A token that is forged like the service's own is accepted, or no refusal tells what it was for.

    Raises:
        NotAssessed: it is not accepted.
    """
    parts = forger.control(gate.tokens.access)
    look = gate.show(Forgery("forged like the service's own", forger.like(parts)))
    if look.outcome is not Outcome.ACCEPTED:
        not_assessed(f"control failed: with a token that is forged like the service's own {look.described}")
