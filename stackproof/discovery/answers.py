"""Where an answer carries tokens, and which of them is which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import jwt

from stackproof.discovery.operations import is_name
from stackproof.discovery.roles import ACCESS, REFRESH
from stackproof.target.cookies import cookies_set_by
from stackproof.target.http import Answer
from stackproof.target.replies import OTHER_NAMES

_TOKEN = re.compile(r"^[A-Za-z0-9._~+/=:-]{16,8192}$")
_PREFIXED = re.compile(r"^((?:Bearer|JWT|Token)(?: |%20|\+))(.+)$", re.IGNORECASE)
_JWT = re.compile(r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$")
_NAMED = re.compile(r"token|jwt|access|refresh|renew|^key$|bearer", re.IGNORECASE)
_KINDS = ("token_type", "typ", "type", "use", "token_use", "kind", "purpose")
MOST_TOKENS = 8
LEAST_HIDDEN = 20  # characters of a cookie's value that may be a token


@dataclass(frozen=True, slots=True)
class Found:
    """A token and its place.

    Attributes:
        kind: "access", "refresh" or "" by its claims or its place's name; `why` says by which.
        algorithm: of its signature, "" where it is opaque.
        ends: its `exp`, 0 where it has none.
        prefix: what stands before it in a cookie's value.
        hidden: all that speaks for it is that its cookie is HttpOnly, which holds for others, too.
    """

    place: str
    value: str = field(repr=False)
    kind: str = ""
    why: str = ""
    ends: float = 0.0
    algorithm: str = ""
    prefix: str = ""
    hidden: bool = False


def tokens_in(answer: Answer) -> list[Found]:
    """What looks like tokens in an answer: its body, its cookies, its headers; one that stands twice counts once.

    Beside a token, a cookie that no script may read is taken for one, too, whatever it is called.
    """
    found: dict[str, Found] = {}
    for place, value in _places(answer):
        prefixed = _PREFIXED.match(value.strip('"')) if place.startswith("cookie:") else None
        prefix, token = prefixed.groups() if prefixed else ("", value)
        found.setdefault(token, replace(_found(place, token), prefix=prefix))
    for one in cookies_set_by(answer) if found else ():
        hidden = one.http_only and not one.removed and is_name(one.name) and not OTHER_NAMES.search(one.name)
        if hidden and len(one.value) >= LEAST_HIDDEN and _TOKEN.match(one.value) and not one.names_a_session:
            found.setdefault(one.value, Found(f"cookie:{one.name}", one.value, "refresh", hidden=True))
    return list(found.values())[:MOST_TOKENS]


def told_apart(found: list[Found]) -> tuple[list[Found], list[Found]]:
    """(access, refresh): the candidates for each, the most likely first.

    Beside a signed access token an opaque one is the session behind it, which lives by other rules.
    """
    found = sorted(found, key=lambda one: not one.algorithm)
    access = [one for one in found if one.kind == "access"]
    refresh = [one for one in found if one.kind == "refresh"]
    unknown = [one for one in found if not one.kind]
    if len(unknown) == 2 and not access and not refresh and all(one.ends for one in unknown):
        first, second = sorted(unknown, key=lambda one: one.ends)
        if first.ends != second.ends:
            return [first], [second]
    return access + unknown, refresh + ([] if refresh or not access else unknown)


def _places(answer: Answer) -> Iterator[tuple[str, str]]:
    yield from _walk(answer.json(), "", 0)
    for name, value in list(answer.cookies.items())[:30]:
        bare = value.strip('"')
        prefixed = _PREFIXED.match(bare)
        if is_name(name) and _looks(name, prefixed[2] if prefixed else bare):
            yield f"cookie:{name}", value
    for name, value in list(answer.headers.items())[:60]:
        bare = value.rpartition(" ")[2]
        known = name.lower() == "authorization" or re.search(r"token|jwt", name, re.IGNORECASE)
        if known and is_name(name) and _looks(name, bare):
            yield f"header:{name}", bare


def _walk(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > 4 or not isinstance(value, dict):
        return
    for key, one in list(value.items())[:60]:
        dotted = f"{path}.{key}" if path else str(key)
        if not is_name(str(key)):
            continue
        if isinstance(one, str) and _looks(str(key), one):
            yield dotted, one
        yield from _walk(one, dotted, depth + 1)


def _looks(name: str, value: str) -> bool:
    if OTHER_NAMES.search(name) or not _TOKEN.match(value):
        return False
    return bool(_JWT.match(value) and value.count(".") == 2 and len(value) > 40) or bool(_NAMED.search(name))


def _found(place: str, value: str) -> Found:
    claims, algorithm = _claims(value)
    name = place.rpartition(":")[2].rpartition(".")[2]
    ends = claims.get("exp")
    moment = float(ends) if isinstance(ends, int | float) and not isinstance(ends, bool) and ends < 1e12 else 0.0
    for claim in _KINDS:
        said = str(claims.get(claim, "")).lower()
        for kind in ("refresh", "access"):
            if kind in said:
                return Found(place, value, kind, f"its claim {claim!r} says so", moment, algorithm)
    for kind, form in (("refresh", REFRESH), ("access", ACCESS)):
        if form.search(name):
            return Found(place, value, kind, "its name says so", moment, algorithm)
    return Found(place, value, "", "", moment, algorithm)


def _claims(value: str) -> tuple[dict[str, Any], str]:
    try:
        payload = jwt.decode(value, options={"verify_signature": False})
        return payload, str(jwt.get_unverified_header(value).get("alg", ""))
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return {}, ""
