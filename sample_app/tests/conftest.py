"""What the tests share."""

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from dispatch.accounts.tokens import RefreshToken
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _empty_cache():
    """No test sees what another one left in the cache."""
    cache.clear()


@pytest.fixture
def user(db):
    """An account."""
    user = UserFactory()
    user.refresh_from_db()
    return user


@pytest.fixture
def api():
    """A client of the API that is not signed in."""
    return APIClient(enforce_csrf_checks=True)


@pytest.fixture
def signed_in(user):
    """A client of the API that is signed in as `user`."""
    return client_of(user)


def client_of(user):
    """A client that is signed in as somebody."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {RefreshToken.for_user(user).access_token}")
    return client
