"""`stackproof init` on the packages that teams take for accounts, each set up by its own documentation."""

import tomllib

import pytest

from tests.discovery.test_init import verdicts, written
from tests.foreign.launch import start

pytestmark = pytest.mark.slow

# family -> (scheme, carrier, login, access, refresh token, protected)
FOUND = {
    "djoser": ("JWT", "header:Authorization", "/auth/jwt/create/", "access", "refresh", "/auth/users/me/"),
    "djoser-tokens": ("Token", "header:Authorization", "/auth/token/login/", "auth_token", None, "/auth/users/me/"),
    "dj-rest-auth": (
        "Bearer",
        "header:Authorization",
        "/dj-rest-auth/login/",
        "access",
        "refresh",
        "/dj-rest-auth/user/",
    ),
    "dj-rest-auth-cookies": (
        "Bearer",
        "header:Authorization",
        "/dj-rest-auth/login/",
        "access",
        "cookie:site-refresh",
        "/dj-rest-auth/user/",
    ),
    "authtoken": ("Token", "header:Authorization", "/api-token-auth/", "token", None, "/api/me/"),
    "allauth": (
        "",
        "header:X-Session-Token",
        "/_allauth/app/v1/auth/login",
        "meta.session_token",
        None,
        "/_allauth/app/v1/auth/session",
    ),
    "allauth-jwt": (
        "Bearer",
        "header:Authorization",
        "/_allauth/app/v1/auth/login",
        "meta.access_token",
        "refresh_token",
        "/_allauth/app/v1/auth/session",
    ),
}
QUICK = {"dj-rest-auth", "allauth-jwt"}


@pytest.mark.parametrize(
    "family", [pytest.param(one, marks=[] if one in QUICK else [pytest.mark.exhaustive]) for one in FOUND]
)
def test_the_routes_of_a_package_are_found(family):
    """Login, carrier, tokens and protected resource are found by use; what a package has not is left open."""
    scheme, carrier, login, access, refresh, protected = FOUND[family]
    with start("django_accounts", f"--{family}") as service:
        data, _ = written(service)

    auth = data["auth"]
    assert (auth["scheme"], auth["carrier"]) == (scheme, carrier)
    assert (auth["login"]["path"], auth["login"]["access"]) == (login, access)
    assert auth["protected"]["path"] == protected
    assert auth.get("refresh", {}).get("token") == refresh


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("family", "expected"),
    [
        # The blacklist of simplejwt lets several of sixteen simultaneous uses through: a true violation.
        ("dj-rest-auth", ("satisfied", "satisfied", "violated", "satisfied")),
        ("dj-rest-auth-cookies", ("satisfied", "satisfied", "violated", "satisfied")),
        ("authtoken", ("not-assessed", "not-assessed", "not-assessed", "not-assessed")),
        ("allauth", ("not-assessed", "not-assessed", "not-assessed", "not-assessed")),
        # Its refresh tokens live in a session that is read and written without a lock; signing out answers 401.
        ("allauth-jwt", ("satisfied", "satisfied", "violated", "satisfied")),
    ],
)
def test_verdicts_on_a_package_are_right_without_an_edit(family, expected):
    """What init wrote is judged as it stands."""
    with start("django_accounts", f"--{family}") as service:
        written(service)
        found = verdicts(service)

    names = ("jwt.access-token-lifetime", "jwt.refresh-token-lifetime", "jwt.rotation", "jwt.blacklist")
    assert tuple(found[name] for name in names) == expected


def test_what_is_not_there_is_left_as_a_comment():
    """A file for a service of opaque tokens is a descriptor, and says what is missing."""
    with start("django_accounts", "--authtoken") as service:
        _, done = written(service)
        text = (service.folder / "new.toml").read_text()

    assert "refresh" not in tomllib.loads(text)["auth"]
    assert "# [auth.refresh]" in text
    assert "not complete yet" in done.stdout
