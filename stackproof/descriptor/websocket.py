"""`[websocket]` of the descriptor: how a socket is opened, and what is heard on it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from stackproof.descriptor.places import Endpoint, Removal, Table


class WebSocket(Table):
    """A WebSocket of the service."""

    path: str = Field(description="A path, or a whole ws:// or wss:// URL.")
    token: str = Field(
        "header:Authorization",
        description="How the access token travels: header:NAME, cookie:NAME, query:NAME, subprotocol, subprotocol:NAME "
        "(the token follows NAME) or message:FIELD (the first message).",
    )
    extra: dict[str, Any] = Field(
        default_factory=dict, description="Other fields of the message that carries the token (message:FIELD)."
    )
    query_token: str = Field(
        "", description="Query parameter in which the service promises to take the token too, as browsers need it."
    )
    origin: str = Field("", description="Origin of the service's own front end.")
    hello: str = Field("", description="Text in the greeting that every signed-in client gets, and nobody else.")
    ping: str = Field("", description="A message that a signed-in client may send at any time.")
    pong: str = Field("", description="Text in the service's answer to it.")
    trigger: Endpoint | None = Field(
        None, description="An operation whose effect is announced to the sockets of the account that uses it."
    )
    trigger_id: str = Field("id", description="Body field of its answer that names what was made; dots lead on.")
    message_id: str = Field("id", description="Field of the announcement that names the same; dots lead on.")
    undo: Removal | None = Field(None, description="Takes back what the trigger did.")
    shared: bool = Field(False, description="true: what is announced is meant for every account, by design.")
    layer: Literal["broker", "cache"] = Field(
        "broker", description="Role of the Redis that carries messages between processes; [drill] stops it."
    )
