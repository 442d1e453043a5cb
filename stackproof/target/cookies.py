"""Cookies that an answer sets, with their attributes (RFC 6265, section 5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.places import split_place
from stackproof.target.http import Answer
from stackproof.target.responses import has_ended

COOKIES_CAP = 50  # of one answer that are looked at
_SESSION = re.compile(r"(?i)(?:^|[^a-z]|php|j|asp)sess|(?:^|[^a-z])sid$|^sid$")


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One cookie as it was set.

    Attributes:
        value: a secret, perhaps.
        same_site: as written, "" where it is absent.
        removed: the answer takes it away: an empty value, or an end in the past.
    """

    name: str
    value: str = field(repr=False)
    secure: bool
    http_only: bool
    same_site: str
    removed: bool

    @property
    def names_a_session(self) -> bool:
        """Whether it is called as frameworks call the cookie of a session: sessionid, JSESSIONID, connect.sid."""
        return bool(_SESSION.search(self.name))

    def described(self) -> str:
        """Name and attributes, without the value."""
        marks = [word for word, there in (("Secure", self.secure), ("HttpOnly", self.http_only)) if there]
        marks += [f"SameSite={self.same_site}"] if self.same_site else []
        return f"{self.name[:60]} ({', '.join(marks) or 'no attribute'})"


def cookies_set_by(answer: Answer) -> list[SetCookie]:
    """Every cookie that the answer sets."""
    lines = answer.headers.get_list("set-cookie")[:COOKIES_CAP]
    return [cookie for line in lines if (cookie := _parsed(line, answer.received)) is not None]


def token_cookies(auth: Auth | None) -> frozenset[str]:
    """Names of the cookies in which the descriptor says that tokens travel."""
    if auth is None:
        return frozenset()
    places: Iterable[str | None] = (auth.carrier, auth.login.access, auth.login.refresh)
    if auth.refresh:
        places = (*places, auth.refresh.token, auth.refresh.access, auth.refresh.refresh)
    split = [split_place(one) for one in places if one]
    return frozenset(name for kind, name in split if kind == "cookie")


def _parsed(line: str, now: float) -> SetCookie | None:
    pair, *rest = line.split(";")
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        return None
    attributes = {}
    for one in rest:
        key, _, word = one.partition("=")
        attributes[key.strip().lower()] = word.strip()
    value = value.strip().strip('"')
    return SetCookie(
        name=name.strip(),
        value=value,
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        same_site=attributes.get("samesite", ""),
        removed=not value or has_ended(attributes, now),
    )
