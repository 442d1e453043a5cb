"""Requests that a careful service answers with an error; none of them can be taken for a wish to change something."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

from stackproof.api.client import Api
from stackproof.check import NotAssessed
from stackproof.target.http import Answer
from stackproof.target.messages import with_field
from stackproof.target.urls import url_at

JSON = {"headers": {"Content-Type": "application/json"}}
OPERATIONS = 4  # that are read with malformed queries
BROKEN_BODIES = (
    ("a body that is no JSON", b'{"a": '),
    ("a body that is no UTF-8", b'{"a": "\xff\xfe"}'),
    ("a list in place of an object", b"[1, 2, 3]"),
    ("a number without an end", b'{"a": ' + b"9" * 5_000 + b"}"),
    ("nesting without an end", b"[" * 3_000),
)
ODD_VALUES: tuple[tuple[str, Any], ...] = (
    ("a NUL in a field", "a\0b"),
    ("a list in a field", [["a"]]),
    ("an object in a field", {"$ne": "", "__class__": "a"}),
    ("a huge number in a field", 10**40),
)
ODD_NAMES = (("NUL as a name", "%00"), ("quotes as a name", "%27%22--"), ("a huge number as a name", "9" * 30))
ODD_QUERIES = (
    ("a page that is no number", "page=abc&limit=abc&offset=abc"),
    ("a page beyond every number", f"page={'9' * 25}&limit={'9' * 25}&offset={'9' * 25}"),
    ("a page below nothing", "page=-1&limit=-1&page_size=-1&offset=-1"),
    ("NUL in the query", "search=%00&q=%00&id=%00&ordering=%00"),
    ("a query that is no UTF-8", "search=%ff%fe&q=%c3%28"),
    ("quotes in the query", "ordering=%27%22%29--&sort=%27&id=%27&search=%27%22"),
)


def malformed_requests(api: Api, *, few: bool = False) -> Iterator[tuple[str, Answer]]:
    """Send them one after another, signed in where they read; gives what each was and its answer.

    The account's own name never stands in a malformed login, so that nothing locks it.
    """
    for what, method, url, message, content in [*_readings(api, few), *_logins(api, few)]:
        answer = api.send(method, url, message, content=content, purpose=what)
        if answer is not None:
            yield what, answer


def _readings(api: Api, few: bool) -> Iterator[tuple[str, str, str, Any, bytes | None]]:
    unknown = api.unknown_url()
    yield "a path that does not exist", "GET", unknown, {}, None
    yield "NUL in the path", "GET", f"{unknown}%00", {}, None
    yield "a path that is no UTF-8", "GET", f"{unknown}%ff%fe", {}, None
    urls, singles = _readable(api)
    for what, url in () if few else singles:
        yield what, "GET", url, api.carried, None
    for number, url in enumerate(urls[:1] if few else urls):
        for what, query in ODD_QUERIES[-2:] if few else ODD_QUERIES:
            yield what, "GET", f"{url}{'&' if '?' in url else '?'}{query}", api.carried, None
        if number == 0:
            yield "a method that nobody knows", "BREW", url, api.carried, None
            yield "a method that nobody knows, not signed in", "BREW", url, {}, None
            yield "a token that is none", "GET", url, {"headers": {"Authorization": "Bearer \t..'\"%00"}}, None


def _readable(api: Api) -> tuple[list[str], list[tuple[str, str]]]:
    """URLs that read: the protected resource and lists of the document; and single resources under odd names."""
    urls = []
    auth = api.session.auth if api.session else None
    if auth and auth.protected.method == "GET" and auth.protected.path.startswith("/"):
        urls.append(url_at(api.base_url, auth.protected.path))
    try:
        reads = [one for one in api.operations if one.method == "GET" and api.may_be_used(one)]
    except NotAssessed:
        return urls or [f"{api.base_url}/"], []
    urls += [api.root + one.example_path() for one in reads if not one.has_placeholders]
    templates = [one.template for one in reads if one.has_placeholders][:2]
    singles = [
        (what, api.root + re.sub(r"\{[^{}/]*\}", value, template))
        for template in templates
        for what, value in ODD_NAMES
    ]
    return list(dict.fromkeys(urls))[:OPERATIONS] or [f"{api.base_url}/"], singles


def _logins(api: Api, few: bool) -> Iterator[tuple[str, str, str, Any, bytes | None]]:
    if api.session is None or api.session.auth.login.stand_in:
        return
    login = api.session.auth.login
    url = url_at(api.base_url, login.path)
    headers = {**login.headers, "Content-Type": "application/json"}
    for what, content in BROKEN_BODIES[:1] if few else BROKEN_BODIES:
        yield f"{what}, to sign in", login.method, url, {"headers": headers}, content
    yield "another method than that of the login", "GET", url, {}, None
    for what, value in () if few else ODD_VALUES:
        body = with_field(login.extra, login.username_field, f"nobody-{secrets.token_hex(4)}@example.com")
        body = {**with_field(body, login.password_field, "x"), login.username_field.partition(".")[0]: value}
        yield f"{what}, to sign in", login.method, url, {"headers": dict(login.headers), "body": body}, None
