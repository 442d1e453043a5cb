"""Who opens a WebSocket. A browser cannot set headers there, so the token may come in the query string."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from rest_framework_simplejwt.exceptions import AuthenticationFailed, TokenError
from rest_framework_simplejwt.settings import api_settings

from dispatch.accounts.models import User
from dispatch.accounts.tokens import AccessToken

type Scope = dict[str, Any]
type Application = Callable[[Scope, Any, Any], Awaitable[None]]


def token_of(scope: Scope) -> str | None:
    """The token of the handshake: `Authorization: Bearer …` wins over `?token=…`."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token.strip() if scheme == "Bearer" else None
    return next(iter(parse_qs(scope["query_string"].decode("latin-1")).get("token", [])), None)


class TokenAuthentication:
    """Puts `user` and `token` into the scope: both real, or nobody and none."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Authenticate, then hand on; what follows from being nobody is the consumer's business."""
        user, token = await self._signed_in(token_of(scope))
        await self.application(scope | {"user": user, "token": token}, receive, send)

    async def _signed_in(self, raw: str | None) -> tuple[User | AnonymousUser, AccessToken | None]:
        if not raw:  # without a token simplejwt's class would make a new one
            return AnonymousUser(), None
        try:
            token = AccessToken(raw)
            user = await database_sync_to_async(User.objects.get)(pk=token[api_settings.USER_ID_CLAIM], is_active=True)
        except (TokenError, AuthenticationFailed, User.DoesNotExist):
            return AnonymousUser(), None
        return user, token
