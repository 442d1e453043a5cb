"""Every client had a wish of its own."""

from typing import Any
from urllib.parse import parse_qsl


def apply() -> None:
    """Take what clients send, close as a broken proxy likes it, and lose the route for every other path."""
    from dispatch.live import authentication
    from dispatch.live.consumers import JobsConsumer
    from dispatch.live.routing import routes

    routes.routes.pop()
    token_of, connect = authentication.token_of, JobsConsumer.connect

    def from_anywhere(scope: dict[str, Any]) -> str | None:
        given = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        return token_of(scope) or given.get("access_token") or given.get("jwt")

    async def accept_first(self: JobsConsumer) -> None:
        if self.scope["token"] is None:
            await self.accept()
            await self.close()
        else:
            await connect(self)

    authentication.token_of = from_anywhere
    JobsConsumer.connect = accept_first
