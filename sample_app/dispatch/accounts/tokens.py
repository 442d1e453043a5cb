"""Tokens that refuse what they cannot understand, and a refresh token that can be spent once.

simplejwt trusts the claims of a token with a good signature: an `exp` that is text or a `jti` with a NUL ends there in
a 500. And its rotation reads the blacklist before it writes to it, so that simultaneous uses of one token all succeed.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken as StockAccessToken
from rest_framework_simplejwt.tokens import RefreshToken as StockRefreshToken

MAXIMUM_JTI = 255
"""The width of the column that keeps it."""


class WellFormedClaims:
    """Checks the types of claims before anything computes with them or looks them up."""

    payload: dict[str, Any]

    def __init__(self, token: Any = None, verify: bool = True) -> None:
        try:
            super().__init__(token, verify)  # type: ignore[call-arg]  # the token class that this is mixed into
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            raise TokenError("Token is invalid") from error

    def verify(self) -> None:
        """Refuse malformed claims first, then whatever simplejwt refuses.

        Raises:
            TokenError: the token is not to be used.
        """
        self._check_identity()
        for claim in ("exp", "iat"):
            value = self.payload.get(claim)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise TokenError(f"Token has no usable '{claim}' claim")
        super().verify()  # type: ignore[misc]  # the token class that this is mixed into

    def _check_identity(self) -> None:
        jti = self.payload.get(api_settings.JTI_CLAIM)
        if not (isinstance(jti, str) and 0 < len(jti) <= MAXIMUM_JTI and jti.isascii() and jti.isprintable()):
            raise TokenError("Token has no usable id")
        user_id = self.payload.get(api_settings.USER_ID_CLAIM)
        if not isinstance(user_id, str):
            raise TokenError("Token has no usable user")
        UUID(user_id)


class AccessToken(WellFormedClaims, StockAccessToken):
    """Opens resources for fifteen minutes. It is not looked up anywhere: signing out does not end it."""


class RefreshToken(WellFormedClaims, StockRefreshToken):  # type: ignore[misc]
    """Gives one new pair of tokens, within seven days."""

    access_token_class = AccessToken

    def revoke(self) -> None:
        """Take this token out of use, for good.

        The unique row in the blacklist decides between simultaneous calls: PostgreSQL lets one insert it, the others
        wait for that transaction and find it there.

        Raises:
            TokenError: it was out of use already, or another request was quicker.
        """
        _, revoked_here = self.blacklist()  # type: ignore[misc]
        if not revoked_here:  # type: ignore[has-type]
            raise TokenError("Token is blacklisted")

    def renew(self) -> None:
        """Turn into the successor: a new id and a lifetime from now, known to the database."""
        self.set_jti()
        self.set_exp()
        self.set_iat()
        self.outstand()


def rotate(raw: str) -> dict[str, str]:
    """Exchange a refresh token for a new pair; of simultaneous uses of one token, exactly one succeeds.

    Raises:
        TokenError: the token is invalid, expired, revoked or already used, or its account is gone or inactive.
    """
    with transaction.atomic():
        refresh = RefreshToken(raw)
        require_active_account(refresh)
        pair = {"access": str(refresh.access_token)}
        if api_settings.ROTATE_REFRESH_TOKENS:
            if api_settings.BLACKLIST_AFTER_ROTATION:
                refresh.revoke()
            refresh.renew()
        return pair | {"refresh": str(refresh)}


def revoke(raw: str) -> None:
    """Sign out: the refresh token gives nothing any more.

    Raises:
        TokenError: the token is invalid, expired, or was revoked or used before.
    """
    with transaction.atomic():
        RefreshToken(raw).revoke()


def require_active_account(token: RefreshToken) -> None:
    """Refuse a token whose account has been deleted or deactivated since.

    Raises:
        TokenError: there is no active account.
    """
    from dispatch.accounts.models import User

    if not User.objects.filter(pk=token[api_settings.USER_ID_CLAIM], is_active=True).exists():
        raise TokenError("No active account found for the given token")
