"""The WebSocket of the mobile client: it listens, and hears of changes to its jobs."""

import asyncio
import time
from typing import Any

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from dispatch.live.groups import DISPATCHERS, group_of

NOT_UNDERSTOOD = 4400  # Daphne's server closes with 1000 or 3000 to 4999 alone, and breaks on 1003
UNAUTHENTICATED = 4401
NOT_FOUND = 4404

EXPIRY_CHECK_SECONDS = 1.0
"""The wall clock may jump (a machine that slept): look at it often rather than sleep until a moment."""


class JobsConsumer(AsyncJsonWebsocketConsumer):
    """Broadcasts changes of jobs to the accounts concerned, for as long as the token is valid."""

    expiry: asyncio.Task[None] | None = None
    joined: tuple[str, ...] = ()

    async def connect(self) -> None:
        """Accept whoever has a valid token; to the others the handshake answers 403."""
        user, token = self.scope["user"], self.scope["token"]
        if token is None:
            await self.close(code=UNAUTHENTICATED)
            return
        self.joined = (group_of(user.pk), DISPATCHERS) if user.is_staff else (group_of(user.pk),)
        for group in self.joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        await self.send_json({"type": "ready", "expires_at": int(token["exp"])})
        self.expiry = asyncio.create_task(self._close_at(float(token["exp"])))

    async def disconnect(self, code: int) -> None:
        """Leave nothing behind in Redis."""
        if self.expiry is not None:
            self.expiry.cancel()
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        """Answer a ping; whatever else a client sends ends the connection."""
        if text_data == '{"type":"ping"}':
            await self.send_json({"type": "pong"})
        else:
            await self.close(code=NOT_UNDERSTOOD)

    async def job_changed(self, event: dict[str, str]) -> None:
        """Hand on a change that was sent to one of the groups."""
        await self.send_json(event)

    async def _close_at(self, moment: float) -> None:
        while (left := moment - time.time()) > 0:
            await asyncio.sleep(min(left, EXPIRY_CHECK_SECONDS))
        await self.close(code=UNAUTHENTICATED)


class UnknownPath(AsyncJsonWebsocketConsumer):
    """Refuses paths that do not exist; stock routing answers 500."""

    async def connect(self) -> None:
        """To the client this is a 403 in the handshake."""
        await self.close(code=NOT_FOUND)
