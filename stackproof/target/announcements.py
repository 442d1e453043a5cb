"""Changes that an account makes over HTTP, and what is heard of them on its WebSockets."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from stackproof.check import not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.places import Endpoint
from stackproof.descriptor.websocket import WebSocket
from stackproof.evidence import Recorder
from stackproof.target.messages import text_at
from stackproof.target.session import Session
from stackproof.target.undoing import AT_ONCE, Made, in_shares
from stackproof.target.websocket import Connection

ARRIVES_WITHIN = 10.0  # seconds for one message; it takes milliseconds where it arrives at all
LONGEST = 60.0  # seconds for many


class Announcements:
    """Uses `websocket.trigger`, and takes back what that made.

    Args:
        session: of the account whose changes these are.

    Raises:
        NotAssessed: the descriptor names no trigger.
    """

    def __init__(self, descriptor: Descriptor, session: Session, recorder: Recorder) -> None:
        about = descriptor.websocket
        if about is None or about.trigger is None:
            not_assessed(
                "stackproof.toml has no [websocket.trigger]: an operation whose effect is announced to the account's "
                "sockets"
            )
        self._about: WebSocket = about
        self._trigger: Endpoint = about.trigger
        self._session = session
        self._recorder = recorder
        self._made = Made(about.undo, "websocket.trigger")

    def make(self, access: str, base_url: str = "", session: Session | None = None, *, quiet: bool = False) -> str:
        """Make one change; gives its id.

        Args:
            session: of another account.
            quiet: leave no evidence; for many of them.

        Raises:
            NotAssessed: the trigger was not answered as described.
        """
        own = session or self._session
        own = own.at(base_url) if base_url else own
        answer = (own.quietly() if quiet else own).call(self._trigger, access)
        made = text_at(answer.json(), self._about.trigger_id)
        if not answer.ok or not made:
            left = "; what it made cannot be taken back without that" if answer.ok and self._made.can_be_undone else ""
            not_assessed(f"{answer.describe()}, and named nothing in {self._about.trigger_id!r} (websocket){left}")
        self._made.add(own, access, made)
        return made

    def make_many(self, access: str, count: int) -> list[str]:
        """Make many changes, some at the same time."""
        made: list[str] = []

        def some(number: int) -> None:
            session = self._session.on_new_connections()
            made.extend(self.make(access, session=session, quiet=True) for _ in range(number, count, AT_ONCE))

        in_shares(some)
        self._recorder.add("note", f"{len(made)} changes were made, {AT_ONCE} at a time")
        return made

    def heard(self, connection: Connection, ids: Sequence[str], within: float = 0) -> list[str]:
        """Those of the ids that a connection hears of, in the order of their first message.

        It ends when all were heard, or when none of them came for `within` seconds (default: `ARRIVES_WITHIN`).
        """
        wanted, found = set(ids), list[str]()
        deadline = time.monotonic() + LONGEST
        while len(found) < len(wanted) and time.monotonic() < deadline:
            told = self._next_of(connection, wanted.difference(found), within or ARRIVES_WITHIN)
            if not told:
                break
            found.append(told)
        return found

    def _next_of(self, connection: Connection, wanted: set[str], within: float) -> str:
        for message in connection.messages(within):
            told = self.id_of(message)
            if told in wanted:
                return told
        return ""

    def id_of(self, message: str) -> str:
        """The id that an announcement names, or ""."""
        try:
            return text_at(json.loads(message), self._about.message_id)
        except (ValueError, RecursionError):
            return ""

    def close(self) -> None:
        """Take back what was made.

        Raises:
            NotAssessed: something could not be taken back; the first of them is named.
        """
        self._made.take_back()
