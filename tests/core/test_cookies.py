"""Cookies as a browser would keep them, by the name that was asked for, and proofs that come with tokens."""

import json
from dataclasses import replace

import httpx
import pytest

from stackproof.check import NotAssessed
from stackproof.descriptor.authentication import Csrf
from stackproof.evidence import Redactor
from stackproof.target.http import Answer, Request
from stackproof.target.proofs import Proofs
from stackproof.target.replies import Tokens, other_token_places
from stackproof.target.responses import cookies_of

HOST = "shop.staging.internal"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=1; Path=/refresh; HttpOnly", {"a": "1"}),
        ("a=1; Domain=staging.internal", {"a": "1"}),
        ("a=1; domain=.Staging.Internal", {"a": "1"}),
        ("a=1; Domain=shop.staging.internal", {"a": "1"}),
        ('a="b c"; Path=/', {"a": '"b c"'}),
        ("a=1; Domain=elsewhere.example", {}),
        ("a=1; Domain=p.staging.internal", {}),
        ("a=; Path=/", {}),
        ('a=""', {}),
        ("a=1; Max-Age=0", {}),
        ("a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", {"a": "1"}),
        ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", {}),
        ("a=1; Expires=soon", {"a": "1"}),
        ("nothing", {}),
        ("=1", {}),
    ],
)
def test_a_cookie_is_kept_as_a_browser_would(line, expected):
    """Domains go by the name, though the connection goes to a pinned address."""
    response = httpx.Response(
        200, headers=[("set-cookie", line)], request=httpx.Request("GET", "https://127.0.0.1:8443/")
    )

    assert cookies_of(response, HOST) == expected


def test_a_cookie_that_is_taken_away_again_is_absent():
    """The last word about a name counts."""
    response = httpx.Response(200, headers=[("set-cookie", "a=1"), ("set-cookie", "a=; Max-Age=0")])

    assert cookies_of(response, HOST) == {}


def answer(**cookies):
    """An answer that sets cookies."""
    request = Request("POST", "https://shop.staging.internal/login")
    return Answer(request, 200, httpx.Headers(), b"{}", False, cookies, 0.1, 0.0, None)


def sent(proofs, csrf, kind, token):
    """What goes into the header."""
    return proofs.parts(csrf, kind, token)["headers"][csrf.header]


def test_each_token_brings_the_proof_that_came_with_it():
    """Of two sessions each keeps its own; a garbage token brings the newest of its kind."""
    csrf, redactor, proofs = Csrf(cookie="of_access", refresh_cookie="of_refresh"), Redactor(), Proofs()
    for n in ("1", "2"):
        both = {"access": f"access-{n}", "refresh": f"refresh-{n}"}
        proofs.learn(csrf, answer(of_access=f"proof-a{n}", of_refresh=f"proof-r{n}"), both, redactor)

    assert sent(proofs, csrf, "access", "access-1") == "proof-a1"
    assert sent(proofs, csrf, "refresh", "refresh-1") == "proof-r1"
    assert sent(proofs, csrf, "refresh", "garbage") == "proof-r2"
    assert proofs.parts(csrf, "refresh", "refresh-1")["cookies"] == {"of_refresh": "proof-r1"}


def test_a_forged_token_brings_the_proof_that_its_claims_name():
    """It has to be refused for what it is, and not for the proof of another session."""
    import jwt

    csrf, redactor, proofs = Csrf(cookie="c"), Redactor(), Proofs()
    proofs.learn(csrf, answer(c="proof-1"), {"access": "one"}, redactor)
    proofs.learn(csrf, answer(c="proof-2"), {"access": "two"}, redactor)
    forged = jwt.encode({"csrf": "proof-1", "exp": 1}, "k" * 32)

    assert sent(proofs, csrf, "access", forged) == "proof-1"


def test_a_refresh_that_renews_no_proof_goes_on_with_the_old_one():
    """Some services set the proof at login alone."""
    csrf, redactor, proofs = Csrf(cookie="c"), Redactor(), Proofs()
    proofs.learn(csrf, answer(c="proof-1"), {"access": "a1", "refresh": "r1"}, redactor)
    proofs.learn(csrf, answer(c="proof-2"), {"access": "a2", "refresh": "r2"}, redactor)
    proofs.learn(csrf, answer(), {"access": "a3", "refresh": "r3"}, redactor, used="r1")

    assert sent(proofs, csrf, "refresh", "r3") == "proof-1"
    assert sent(proofs, csrf, "access", "a3") == "proof-1"


def test_without_any_proof_the_place_is_named():
    """Not a violation, and not a request that is bound to be refused."""
    csrf, proofs = Csrf(cookie="c", refresh_cookie="d"), Proofs()
    proofs.learn(csrf, answer(), {"access": "a", "refresh": "r"}, Redactor())

    with pytest.raises(NotAssessed, match=r"answered 200 and gave nothing at 'cookie:d', which \[auth.csrf\] names"):
        proofs.parts(csrf, "refresh", "r")


def test_what_only_looks_like_a_token_is_none():
    """A proof, an id: where they alone stand beside the access token, there is no refresh token."""
    long = "a0" * 16
    mine = answer(access=long, csrf_access=f"{long}1", XSRF=f"{long}2")
    body = {"user_id": f"{long}3", "data": {"id": f"{long}4"}}
    told = replace(mine, body=json.dumps(body).encode(), headers=httpx.Headers({"content-type": "application/json"}))

    assert other_token_places(Tokens(long, "", told)) == []
    assert other_token_places(Tokens("", "", told)) == ["cookie:access"]
