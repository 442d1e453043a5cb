"""Tokens and claims that are not what they should be: a service has to refuse them, and not to break."""

from __future__ import annotations

import base64
from typing import Any

from stackproof.tokens.forge import Parts, compact, parts_of
from stackproof.tokens.looks import Forgery

FAR = 1e20  # seconds; beyond what a date can be
#: claims that name the account, by the names that are in use
SUBJECTS = ("sub", "user_id", "uid", "user", "username", "email", "id", "account_id", "preferred_username")


def malformed(token: str) -> list[Forgery]:
    """Tokens of odd shapes, none of which is good; no key is needed."""
    found = [
        Forgery("one letter", "x"),
        Forgery("dots alone", ".."),
        Forgery("many dots", "." * 40),
        Forgery("three parts that are no base64", "%%%.%%%.%%%"),
        Forgery("three parts of base64 that are no JSON", ".".join([_encoded(b"\xff\xfe\x00\x01")] * 3)),
        Forgery("a header that is a list", f"{_encoded(b'[1]')}.{_encoded(b'{}')}.AAAA"),
        Forgery("deeply nested JSON", f"{_encoded(b'[' * 3000 + b']' * 3000)}.{_encoded(b'{}')}.AAAA"),
        Forgery("a thousand letters", "A" * 1000),
        Forgery("a quote and a statement", "'--stackproof"),
    ]
    parts = parts_of(token)
    if parts is None:
        return [*found, Forgery("the token, twice", token + token), Forgery("the token without its end", token[:-1])]
    signature = parts.signature
    for what, header in (
        ("an alg that is a number", {"alg": 256}),
        ("an alg that is null", {"alg": None}),
        ("an alg that is a list", {"alg": ["HS256"]}),
        ("an alg that does not exist", {"alg": "XX999"}),
        ("a kid that is a number", {"kid": 7}),
        ("a kid that is a list", {"kid": ["x"]}),
        ("a kid with a NUL", {"kid": "x\x00y"}),
        ("a crit of unknown names", {"crit": ["stackproof"], "stackproof": True}),
        ("a typ that is a number", {"typ": 1}),
    ):
        found.append(Forgery(what, compact({**parts.header, **header}, parts.claims, signature)))
    head = token.split(".", maxsplit=1)[0]
    return [
        *found,
        Forgery("claims that are a list", f"{head}.{_encoded(b'[]')}.{signature}"),
        Forgery("claims that are no JSON", f"{head}.{_encoded(b'no')}.{signature}"),
        Forgery("a signature of one letter", f"{'.'.join(token.split('.')[:2])}.A"),
        Forgery("four parts", f"{token}.AAAA"),
    ]


def malformed_in_a_body(token: str) -> list[Forgery]:
    """Like `malformed`, with what a header cannot carry and a JSON body can."""
    return [
        *malformed(token),
        Forgery("a NUL in the middle", f"{token[: len(token) // 2]}\x00{token[len(token) // 2 :]}"),
        Forgery("a NUL alone", "\x00"),
        Forgery("letters beyond ASCII", "tokén.☃.𝔘"),
        Forgery("nothing", ""),
    ]


def malformed_claims(parts: Parts) -> list[tuple[str, dict[str, Any]]]:
    """(what is wrong, what to change with `Forger.like`) for tokens that are well signed."""
    found: list[tuple[str, dict[str, Any]]] = [
        ("an exp that is text", {"exp": "soon"}),
        ("an exp that is a list", {"exp": []}),
        ("an exp of 1e20", {"exp": FAR}),
        ("an exp below zero", {"exp": -1}),
        ("an nbf that is text", {"nbf": "soon"}),
        ("an iat that is text", {"iat": "soon"}),
        ("an iat of 1e20", {"iat": FAR}),
    ]
    for claim in (one for one in SUBJECTS if one in parts.claims):
        found += [
            (f"a {claim} that is a list", {claim: []}),
            (f"a {claim} that is an object", {claim: {"a": 1}}),
            (f"a {claim} that is a huge number", {claim: 2**70}),
            (f"a {claim} with a NUL", {claim: "\x00"}),
            (f"a {claim} that is text of no account", {claim: "stackproof-nobody"}),
        ]
    if "jti" in parts.claims:
        found += [
            ("a jti of 300 characters", {"jti": "j" * 300}),
            ("a jti with a NUL", {"jti": "j\x00j"}),
            ("a jti that is a number", {"jti": 7}),
            ("a jti that is a list", {"jti": []}),
        ]
    missing = [one for one in (*SUBJECTS, "exp", "iat", "jti") if one in parts.claims]
    return [
        *((name, {"claims": claims}) for name, claims in found),
        *((f"no {claim}", {"without": (claim,)}) for claim in missing),
    ]


def oversized(token: str, size: int) -> Forgery:
    """A token of about `size` bytes whose signature does not fit, or an opaque one with a long tail."""
    name = f"{size // 1024} KiB"
    parts = parts_of(token)
    if parts is None:
        return Forgery(name, token + "A" * max(0, size - len(token)))
    room = max(0, size - len(token)) * 3 // 4
    return Forgery(name, compact(parts.header, {**parts.claims, "stackproof": "A" * room}, parts.signature))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
