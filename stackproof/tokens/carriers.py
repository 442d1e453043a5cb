"""Where tokens travel: cookies that carry them, and messages that carry them where they should not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.places import split_place
from stackproof.target.http import Answer
from stackproof.target.replies import Reply, Tokens
from stackproof.target.session import Session
from stackproof.tokens.forge import parts_of

MOST = 50  # cookies of an answer


@dataclass(frozen=True, slots=True)
class TokenCookie:
    """A cookie that carries a token; its value is not kept."""

    name: str
    http_only: bool
    secure: bool
    same_site: str  # lower case, "" where it is not said

    @property
    def described(self) -> str:
        """Its flags in one line."""
        flags = ("HttpOnly" if self.http_only else "not HttpOnly", "Secure" if self.secure else "not Secure")
        return ", ".join((*flags, f"SameSite={self.same_site}" if self.same_site else "no SameSite"))


def set_cookies(answer: Answer) -> list[tuple[str, str, dict[str, str]]]:
    """(name, value, attributes by lower-case name) of every Set-Cookie of an answer (RFC 6265, section 5.2)."""
    found = []
    for line in answer.headers.get_list("set-cookie")[:MOST]:
        first, *rest = line.split(";")
        name, _, value = first.partition("=")
        attributes = {}
        for one in rest:
            key, _, text = one.partition("=")
            attributes[key.strip().lower()] = text.strip().lower()
        found.append((name.strip(), value.strip().strip('"'), attributes))
    return found


def cookie_names(answer: Answer) -> set[str]:
    """Names of the cookies that an answer sets."""
    return {name for name, _, _ in set_cookies(answer)}


def token_cookies(auth: Auth, tokens: Tokens) -> list[TokenCookie]:
    """The cookies of a login that carry its tokens, by value, or a JWT under whatever name."""
    places = (auth.carrier, auth.login.access, auth.login.refresh)
    named = {name for kind, name in map(split_place, places) if kind == "cookie"}
    found = []
    for name, value, attributes in set_cookies(tokens.answer):
        if not value:
            continue
        if name in named or value in {tokens.access, tokens.refresh} or parts_of(value):
            same_site = attributes.get("samesite", "")
            found.append(TokenCookie(name[:80], "httponly" in attributes, "secure" in attributes, same_site[:20]))
    return found


def read_with_form(session: Session, fields: Mapping[str, str]) -> Reply:
    """Read the protected resource with fields of a form in the body.

    On a connection of its own: a server that leaves the body of a GET unread takes it for the next request.
    """
    return session.on_new_connections().protected_with(body=fields, form=True)


def without_token(auth: Auth) -> list[tuple[str, dict[str, Any]]]:
    """(what it is, message) of credentials that have no token in them."""
    kind, name = split_place(auth.carrier)
    if kind == "cookie":
        return [("an empty cookie", {"cookies": {name: ""}}), ("a cookie of quotes", {"cookies": {name: '""'}})]
    if kind == "body":
        return [("an empty field", {"body": {**auth.protected.extra, name: ""}})]
    found: list[tuple[str, dict[str, Any]]] = [("an empty header", {"headers": {name: ""}})]
    if auth.scheme:
        found.append((f"the header {auth.scheme!r} without a token", {"headers": {name: auth.scheme}}))
    return found


def odd_headers(auth: Auth, token: str) -> list[tuple[str, dict[str, Any]]]:
    """(what it is, message) of headers that no grammar allows, and that lenient services take: worth a note alone."""
    kind, name = split_place(auth.carrier)
    if kind != "header" or not auth.scheme:
        return []
    return [
        ("a header of three parts, the token in the middle", {"headers": {name: f"{auth.scheme} {token} more"}}),
        ("a header of three parts, the token at its end", {"headers": {name: f"{auth.scheme} more {token}"}}),
        ("two tokens in one header", {"headers": {name: f"{auth.scheme} x.y.z, {auth.scheme} {token}"}}),
        ("another scheme word", {"headers": {name: f"Basic {token}"}}),
        ("no scheme word", {"headers": {name: token}}),
    ]
