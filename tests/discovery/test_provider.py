"""OpenID providers, which say themselves where tokens come from."""

import tomllib
from urllib.parse import parse_qs

import pytest

from stackproof.discovery.writing import as_toml


def provider(grants, account=None, client=""):
    """A provider below /realms/shop that knows these grants; `client` is the one that it wants to be told of."""

    def handle(method, path, headers, body):
        origin = f"http://{headers['Host']}/realms/shop"
        if path == "/realms/shop/.well-known/openid-configuration":
            return (
                200,
                {},
                {
                    "issuer": origin,
                    "token_endpoint": f"{origin}/token",
                    "revocation_endpoint": f"{origin}/revoke",
                    "userinfo_endpoint": f"{origin}/userinfo",
                    "jwks_uri": "https://keys.example/jwks",
                    "grant_types_supported": grants,
                },
            )
        if (method, path) == ("POST", "/realms/shop/token"):
            given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            known = account and (given.get("username"), given.get("password")) == (account.username, account.password)
            if client or not known or given.get("grant_type") != "password":
                return 401, {}, {"error": "invalid_client" if client else "invalid_grant"}
            return 200, {}, {"access_token": "an-opaque-access-token", "refresh_token": "an-opaque-refresh-token"}
        if path == "/realms/shop/userinfo":
            good = headers.get("Authorization") == "Bearer an-opaque-access-token"
            return (200, {}, {"sub": "1"}) if good else (401, {}, {})
        return 404, {}, {}

    return handle


def table(findings):
    """What the file would say of [auth]."""
    return tomllib.loads(as_toml(findings))["auth"]


def test_the_configuration_is_read_before_anything_is_guessed(serve, find, account):
    """Token, revocation and userinfo endpoint; keys on another host are not written, nor is it asked."""
    url, seen = serve(provider(["password", "refresh_token"], account))

    auth = table(find(f"{url}/realms/shop"))

    assert auth["login"]["path"] == "/token"
    assert (auth["login"]["format"], auth["login"]["extra"]) == ("form", {"grant_type": "password"})
    assert auth["refresh"]["extra"] == {"grant_type": "refresh_token"}
    assert auth["refresh"]["token"] == "refresh_token"
    assert auth["logout"] == {"path": "/revoke", "format": "form", "token": "token", "send_access": False}
    assert auth["protected"]["path"] == "/userinfo"
    assert "jwks" not in auth
    assert len(seen) <= 60


def test_a_client_that_is_missing_is_asked_for(serve, find, account):
    """Nobody can guess it: the file has its lines, and is not complete. Where none is asked for, it has none."""
    asking = find(f"{serve(provider(['password'], account, client='shop'))[0]}/realms/shop")
    open_one = find(f"{serve(provider(['password'], account))[0]}/realms/shop")

    assert '# id = "…"' in as_toml(asking)
    assert not asking.complete
    assert "auth.client" not in {one.table for one in open_one.gaps}


@pytest.mark.parametrize("grants", [["authorization_code", "refresh_token"], None, "password"])
def test_without_a_password_grant_nothing_is_sent(serve, find, grants):
    """A browser signs in there; the file says what to do instead, and no route of other packages is taken for it."""
    url, seen = serve(provider(grants))

    findings = find(f"{url}/realms/shop")

    assert "auth" not in tomllib.loads(as_toml(findings))
    gap = next(one for one in findings.gaps if one.table == "auth.login")
    assert "sign in with a browser" in gap.why
    assert not any(b"canary" in body for *_, body in seen)


@pytest.mark.parametrize(
    "said", [[], {}, {"issuer": 1}, {"issuer": "x", "token_endpoint": "http://evil.example/t"}, "x"]
)
def test_what_is_no_configuration_says_nothing(serve, find, said):
    """Or names a token endpoint elsewhere."""
    findings = find(serve(lambda method, path, *_: (200, {}, said) if "openid" in path else (404, {}, {}))[0])

    assert "auth" not in tomllib.loads(as_toml(findings))
    assert "evil" not in as_toml(findings)
