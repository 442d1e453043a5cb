"""Which web pages may open a WebSocket: browsers let any page try."""

from typing import Any
from urllib.parse import urlparse

from channels.security.websocket import OriginValidator, WebsocketDenier


class KnownOrigins(OriginValidator):
    """Refuses origins that are not listed. Clients that are no browser send none, and may show a token."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Hand on the handshake, or refuse it with 403."""
        origins = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
        known = all(self._is_known(origin) for origin in origins)
        await (self.application if known else WebsocketDenier())(scope, receive, send)

    def _is_known(self, origin: str) -> bool:
        try:
            return bool(self.validate_origin(urlparse(origin)))
        except ValueError:
            return False
