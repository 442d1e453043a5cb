"""Signing in, staying signed in, signing out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from dispatch.accounts.models import User
from dispatch.accounts.tokens import RefreshToken
from tests.factories import PASSWORD, UserFactory

LOGIN, REFRESH, LOGOUT, ME = "/api/auth/login/", "/api/auth/refresh/", "/api/auth/logout/", "/api/me/"


def login(api, user, password=PASSWORD):
    return api.post(LOGIN, {"email": user.email, "password": password}, format="json")


def test_a_wrong_password_is_refused_as_an_unknown_address_is(api, user):
    """Nobody learns from the answer whether an address has an account."""
    wrong = login(api, user, "wrong")
    unknown = api.post(LOGIN, {"email": "nobody@example.com", "password": PASSWORD}, format="json")

    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401


def test_an_inactive_account_cannot_sign_in(api, db):
    """A deactivated account is refused like a wrong password."""
    assert login(api, UserFactory(is_active=False)).status_code == 401


def test_the_address_is_found_whatever_its_case(api, user):
    """E-mail addresses are no passwords."""
    user.email = user.email.upper()
    assert login(api, user).status_code == 200


def test_passwords_are_stored_as_argon2id(user):
    """The database holds an Argon2id hash."""
    assert User.objects.get(pk=user.pk).password.startswith("argon2$argon2id$v=19$")


def test_the_database_makes_the_ids(user):
    """Ids are UUIDs that uuid-ossp generated."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_default FROM information_schema.columns WHERE table_name = 'accounts_user' "
                       "AND column_name = 'id'")  # fmt: skip
        assert "uuid_generate_v4" in cursor.fetchone()[0]
    assert user.pk.version == 4


def test_tokens_live_as_long_as_promised(api, user):
    """Fifteen minutes and seven days, to the second."""
    with time_machine.travel(timezone.now(), tick=False):
        pair = login(api, user).json()
        refresh = RefreshToken(pair["refresh"])
        assert refresh["exp"] - refresh["iat"] == timedelta(days=7).total_seconds()
        assert refresh.access_token["exp"] - refresh.access_token["iat"] == timedelta(minutes=15).total_seconds()


def test_an_access_token_ends_after_fifteen_minutes(api, user):
    """Accepted shortly before, refused shortly after."""
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {login(api, user).json()['access']}")
        clock.shift(timedelta(minutes=14, seconds=50))
        assert api.get(ME).status_code == 200
        clock.shift(timedelta(seconds=20))
        assert api.get(ME).status_code == 401


def test_a_used_refresh_token_is_dead(api, user):
    """Each use gives another one, and ends the one that was used."""
    first = login(api, user).json()["refresh"]
    second = api.post(REFRESH, {"refresh": first}, format="json").json()["refresh"]

    assert second != first
    assert api.post(REFRESH, {"refresh": first}, format="json").status_code == 401
    assert api.post(REFRESH, {"refresh": second}, format="json").status_code == 200


def test_signing_out_ends_the_refresh_token(api, user):
    """204, and nothing works any more, signing out again included."""
    refresh = login(api, user).json()["refresh"]

    assert api.post(LOGOUT, {"refresh": refresh}, format="json").status_code == 204
    assert api.post(REFRESH, {"refresh": refresh}, format="json").status_code == 401
    assert api.post(LOGOUT, {"refresh": refresh}, format="json").status_code == 401


@pytest.mark.parametrize("change", ["deactivate", "delete"])
def test_a_refresh_token_ends_with_its_account(api, user, change):
    """Neither a deactivated nor a deleted account can be stayed signed in to."""
    refresh = login(api, user).json()["refresh"]
    if change == "delete":
        user.delete()
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)

    assert api.post(REFRESH, {"refresh": refresh}, format="json").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": "tomorrow"},
        {"exp": 1e20},
        {"jti": "x" * 300},
        {"jti": "a\x00b"},
        {"user_id": 17},
        {"user_id": "not-a-uuid"},
        {"token_type": "access"},
    ],
)
def test_malformed_claims_are_refused_and_break_nothing(api, user, claims):
    """A token with a good signature and nonsense in it is a 401, never a 500."""
    token = RefreshToken.for_user(user)
    token.payload.update(claims)

    assert api.post(REFRESH, {"refresh": str(token)}, format="json").status_code == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"refresh": 1}', b'{"refresh": "' + b"a" * 300_000 + b'"}'],
    ids=["empty", "cut off", "a list", "a number", "huge"],
)
def test_malformed_bodies_are_refused_and_break_nothing(api, db, body):
    """Broken or huge JSON is the client's fault."""
    assert 400 <= api.post(REFRESH, body, content_type="application/json").status_code < 500


@pytest.mark.django_db(transaction=True)
def test_simultaneous_uses_give_exactly_one_pair():
    """Sixteen at once, on connections of their own: one wins, fifteen are refused."""
    user = UserFactory()
    for _ in range(4):
        refresh = str(RefreshToken.for_user(User.objects.get(email=user.email)))

        def use(_, refresh=refresh):
            try:
                return APIClient().post(REFRESH, {"refresh": refresh}, format="json").status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(16) as pool:
            statuses = sorted(pool.map(use, range(16)))
        assert statuses == [200] + [401] * 15


def test_an_account_is_made_from_the_command_line(db, monkeypatch, capsys):
    """The password comes from the environment; without it nothing is made."""
    monkeypatch.delenv("DISPATCH_ACCOUNT_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="DISPATCH_ACCOUNT_PASSWORD"):
        call_command("ensure_account", "new@example.com")

    monkeypatch.setenv("DISPATCH_ACCOUNT_PASSWORD", PASSWORD)
    call_command("ensure_account", "New@example.com")
    assert User.objects.get(email="new@example.com").check_password(PASSWORD)
