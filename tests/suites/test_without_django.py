"""Checks that read a setting of Django's where there is one, on a service that has no Django."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable
from stackproof.harness import harness_root
from stackproof.registry import _import

WITHOUT = SimpleNamespace(
    project=SimpleNamespace(python="python", unused=("version.django",)),
    auth=SimpleNamespace(password_change=None),
)


class Nobody:
    """A pytest request whose views must not be asked."""

    def getfixturevalue(self, name):
        """No settings are read."""
        raise AssertionError(name)


def test_a_burst_is_as_large_as_a_channel_is_without_settings():
    """The size comes from CHANNEL_LAYERS, else it is the stock one: the check goes on."""
    load = _import(harness_root() / "suites" / "websocket" / "load.py")

    assert load.capacity_of(WITHOUT, Nobody()) == (load.CAPACITY, False)


def test_nobody_promised_that_tokens_end_with_a_change_of_the_password():
    """simplejwt's promise is none of this service's."""
    state = _import(harness_root() / "suites" / "accounts" / "state.py")

    with pytest.raises(NotApplicable, match=r"auth\.password_change\.revokes"):
        state._promised(WITHOUT, Nobody())
