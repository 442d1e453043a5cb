"""Where a target is spoken to, as its descriptor says, and the cookies that it sets."""

import time
from pathlib import Path

import httpx
import pytest

from stackproof.check import NotAssessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.errors import UsageError
from stackproof.target.cookies import cookies_set_by, token_cookies
from stackproof.target.endpoints import http_places, postgres_places, redis_places
from stackproof.target.http import Answer, Request


def described(**tables):
    """A descriptor with these tables beside a target."""
    target = {"base_url": "https://shop.example", **tables.pop("target", {})}
    return parse_descriptor({"target": target, **tables}, Path(__file__))


def test_places_of_http():
    """Each address once, with what leads there; what is pinned; whole URLs elsewhere; a WebSocket beside."""
    auth = {"login": {"path": "https://id.example:8443/token"}, "protected": {"path": "/me"}}
    target = {"also": ["https://shop.example/v2", "http://shop.example"], "resolve": {"shop.example": "127.0.0.1"}}
    places = {one.label: one for one in http_places(described(target=target, auth=auth, websocket={"path": "/live"}))}

    own = places["shop.example:443"]
    assert own.names == ("target.base_url", "target.also.0", "websocket.path")
    assert own.urls == (
        "https://shop.example/me",
        "https://shop.example/",
        "https://shop.example/v2/me",
        "https://shop.example/v2/",
    )
    assert (own.address, own.encrypted) == ("127.0.0.1", True)
    assert places["id.example:8443"].urls == ("https://id.example:8443/token",)
    assert not places["shop.example:80"].encrypted
    assert set(places) == {"shop.example:443", "id.example:8443", "shop.example:80"}


def test_a_program_that_stands_in_for_the_login_is_no_place():
    """It signs in where people need a browser; nobody asks it for TLS, origins or error pages."""
    login = {"path": "http://127.0.0.1:9400/login", "stand_in": True}
    refresh = {"path": "https://id.example/token"}
    target = described(auth={"login": login, "refresh": refresh, "protected": {"path": "/me"}})

    assert [one.label for one in http_places(target)] == ["shop.example:443", "id.example:443"]
    assert ("127.0.0.1", 9400) in target.allowed_hosts()


def test_a_websocket_elsewhere():
    """ws:// is no TLS, and nothing may be read there with GET."""
    places = http_places(described(websocket={"path": "ws://live.example:9000/socket"}))
    assert [(one.label, one.encrypted, one.urls) for one in places[1:]] == [("live.example:9000", False, ())]
    assert places[1].origin == "ws://live.example:9000"


def test_the_plain_url_is_a_plain_url():
    """Anything else is a mistake in the file."""
    for url in ("https://shop.example", "shop.example", "http://"):
        with pytest.raises(UsageError, match=r"target\.plain_url"):
            described(target={"plain_url": url})


@pytest.mark.parametrize(
    ("dsn", "labels"),
    [
        ("postgresql://u:p@db.example/x", ["db.example:5432"]),
        ("host=one,two port=1,2 dbname=x", ["one:1", "two:2"]),
        ("host=one,two port=7", ["one:7", "two:7"]),
        ("host=/run/postgresql,db.example", ["db.example:5432"]),
        ("postgresql://u@[::1]:6000/x", ["::1:6000"]),
    ],
)
def test_places_of_postgresql(dsn, labels):
    """Every server that the DSN names, sockets aside."""
    assert [one.label for one in postgres_places(described(postgres={"dsn": dsn}))] == labels


@pytest.mark.parametrize("dsn", ["host=/run/postgresql", "dbname=x", "host=", "=", "host=a port=none"])
def test_no_place_of_postgresql(dsn, monkeypatch):
    """A socket, nothing, or no DSN."""
    monkeypatch.delenv("PGHOST", raising=False)
    with pytest.raises(NotAssessed):
        postgres_places(described(postgres={"dsn": dsn}))


def test_places_of_redis():
    """One for both roles where they are one server; a URL that is none, or a socket, is none."""
    same = "rediss://:secret@redis.example:6380/0"
    (one,) = redis_places(described(redis={"cache": {"url": same}, "broker": {"url": same + "?x=1"}}))
    assert (one.names, one.label, one.encrypted) == (("redis.cache", "redis.broker"), "redis.example:6380", True)
    assert "secret" not in repr(one)
    odd = {"cache": {"url": "redis://host:port/0"}, "broker": {"url": "unix:///run/redis.sock"}}
    assert redis_places(described(redis=odd)) == ()


def test_cookies_and_their_attributes():
    """As written by frameworks: any case, quotes, a removal, a line that is no cookie."""
    lines = ['a="v"; SECURE; httponly; samesite=LAX', "b=; Max-Age=5", "c=x; max-age=-1; expires=bad", "nothing", "=x"]
    headers = httpx.Headers([("set-cookie", one) for one in lines])
    answer = Answer(Request("GET", "https://x"), 200, headers, b"", False, {}, 0.1, time.time(), None)
    a, b, c = cookies_set_by(answer)
    assert (a.value, a.secure, a.http_only, a.same_site, a.removed) == ("v", True, True, "LAX", False)
    assert b.removed
    assert c.removed
    assert "v" not in repr(a).replace("removed", "").replace("value", "")
    assert a.described() == "a (Secure, HttpOnly, SameSite=LAX)"


def test_token_cookies():
    """Those that the descriptor names, and no other place."""
    auth = {"login": {"path": "/l", "access": "cookie:at", "refresh": "data.rt"}, "protected": {"path": "/me"}}
    assert token_cookies(described(auth={**auth, "carrier": "cookie:at"}).auth) == {"at"}
    assert token_cookies(None) == frozenset()
