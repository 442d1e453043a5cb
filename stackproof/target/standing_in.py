"""A program of the team's that signs in where people need a browser: it is no part of the service."""

from __future__ import annotations

from stackproof.check import not_assessed
from stackproof.descriptor.authentication import Auth


def needs_own_login(auth: Auth) -> None:
    """End a check that would judge the login, where another program stands in for it.

    Raises:
        NotAssessed: auth.login.stand_in says so.
    """
    if auth.login.stand_in:
        not_assessed(
            "auth.login.stand_in: a program of yours signs in there, so that how the service answers logins is not seen"
        )
