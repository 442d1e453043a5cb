"""What the keys of `[websocket]` have to mean, in the raw data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stackproof.descriptor.mistakes import Fault, shown
from stackproof.descriptor.sense import TOKEN, at, fault_of_origin, names_no_id

_CARRIAGE = re.compile(r"(?:header|cookie|query|message|subprotocol):\S[^\r\n]*|subprotocol")


def faults_of_websocket(data: Any) -> Iterator[Fault]:
    """Every fault of the table."""
    table = at(data, "websocket")
    path, token, origin = (at(table, one) for one in ("path", "token", "origin"))
    if isinstance(path, str) and not path.startswith(("/", "ws://", "wss://")):
        yield Fault(("websocket", "path"), f"is {shown(path)}", "begin it with '/', ws:// or wss://")
    if origin:
        yield from fault_of_origin(("websocket", "origin"), origin, "no origin", "write the origin of the front end")
    if token is None or isinstance(token, str):
        yield from _carriage(table, token or "header:Authorization")
    yield from _talk(table)
    yield from _announcements(table)


def _carriage(table: Any, token: str) -> Iterator[Fault]:
    kind, _, name = token.partition(":")
    if not _CARRIAGE.fullmatch(token):
        yield Fault(("websocket", "token"), f"is {shown(token)}",
                    "write header:NAME, cookie:NAME, query:NAME, subprotocol or message:FIELD")  # fmt: skip
    elif kind == "subprotocol" and name and not TOKEN.fullmatch(name):
        yield Fault(("websocket", "token"), f"is {shown(token)}: that is no name of a {kind}", f'write "{kind}:NAME"')
    elif kind == "query" and at(table, "query_token"):
        yield Fault(("websocket", "query_token"), "is given although token travels in the query", "remove it")
    if at(table, "extra") and kind != "message":
        yield Fault(("websocket", "extra"), "is given although no message carries the token",
                    "remove it, or write token = message:FIELD")  # fmt: skip


def _talk(table: Any) -> Iterator[Fault]:
    for name, other in (("ping", "pong"), ("pong", "ping")):
        if at(table, name) and not at(table, other):
            yield Fault(("websocket", name), f"is given without {other}", f"add websocket.{other}, or remove {name}")


def _announcements(table: Any) -> Iterator[Fault]:
    trigger, undo = at(table, "trigger"), at(table, "undo")
    if undo is not None and trigger is None:
        yield Fault(("websocket", "undo"), "is given without websocket.trigger", "add [websocket.trigger]")
    yield from names_no_id({"websocket": table}, "websocket", "undo")
    for name in ("trigger_id", "message_id"):
        if at(table, name) == "":
            yield Fault(("websocket", name), "is empty", "name the field of the id")
