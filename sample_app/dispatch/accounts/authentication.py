"""Who makes a request: the bearer token says it, in the Authorization header and nowhere else."""

from typing import Any

import structlog
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication


def remember(signed_in: Any) -> Any:
    """Bind the account to everything that is logged for this request; gives what it was given."""
    if signed_in is not None:
        structlog.contextvars.bind_contextvars(user_id=str(signed_in[0].pk))
    return signed_in


class BearerAuthentication(JWTAuthentication):
    """An access token of an account that exists and is active."""

    def authenticate(self, request: Request) -> Any:
        """The account and its token; every line that is logged from here on says whose request it is."""
        return remember(super().authenticate(request))


class ClaimsAuthentication(JWTStatelessUserAuthentication):
    """A valid access token, without a look at the database: for views that must not hold a connection."""

    def authenticate(self, request: Request) -> Any:
        """The account that the token names, and the token."""
        return remember(super().authenticate(request))
