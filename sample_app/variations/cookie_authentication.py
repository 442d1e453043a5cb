"""Who makes a request: the access cookie says it, and a CSRF proof where the request changes anything."""

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication

from dispatch.accounts.authentication import remember

ACCESS, REFRESH = "access", "refresh"


def require_csrf(request: Request) -> None:
    """Refuse a request that another site may have sent.

    Raises:
        PermissionDenied: 403.
    """
    SessionAuthentication().enforce_csrf(request)


class FromCookie:
    """The access token from its cookie, and from nowhere else."""

    def authenticate(self, request: Request) -> Any:
        """The account and its token, or None."""
        raw = request.COOKIES.get(ACCESS)
        if not raw:
            return None
        token = self.get_validated_token(raw.encode())  # type: ignore[attr-defined]  # the class that this goes into
        user = self.get_user(token)  # type: ignore[attr-defined]
        if request.method not in SAFE_METHODS:
            require_csrf(request)
        return remember((user, token))


class CookieAuthentication(FromCookie, JWTAuthentication):
    """An access token of an account that exists and is active."""


class CookieClaims(FromCookie, JWTStatelessUserAuthentication):
    """A valid access token, without a look at the database."""
