"""Taking back what operations of the service made, by another one that the descriptor names."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from stackproof.check import NotAssessed
from stackproof.descriptor.places import Endpoint
from stackproof.target.concurrency import at_once
from stackproof.target.session import Session

AT_ONCE = 8  # connections that make, or take back, much


class Made:
    """What was made and is not taken back yet.

    Args:
        undo: `{id}` in its path; None where the descriptor names no such operation.
        by: the key of the operation that makes it, for messages.
    """

    def __init__(self, undo: Endpoint | None, by: str) -> None:
        self._undo = undo
        self._trouble = f"what {by} made could not be taken back, remove it by hand:"
        self._made: list[tuple[Session, str, str]] = []  # session, access token, id
        self._lock = threading.Lock()

    @property
    def can_be_undone(self) -> bool:
        """Whether the descriptor says how."""
        return self._undo is not None

    def add(self, session: Session, access: str, one: str) -> None:
        """Remember something by its id."""
        with self._lock:
            self._made.append((session, access, one))

    def take_back(self, fresh: Callable[[], str] | None = None) -> None:
        """Take everything back.

        Args:
            fresh: gives an access token that takes the place of theirs, which may have ended.

        Raises:
            NotAssessed: something could not be taken back; the first of them is named.
        """
        made, self._made = self._made, []
        undo, left = self._undo, list[str]()
        if undo is None or not made:
            return
        try:
            token = fresh() if fresh else ""
        except NotAssessed as error:
            raise NotAssessed(f"{self._trouble} {made[0][2]} ({error})") from None

        def some(number: int) -> None:
            for session, access, one in made[number::AT_ONCE]:
                try:
                    answer = session.quietly().call(undo, token or access, id=one)
                except NotAssessed as error:
                    left.append(f"{one} ({error})")
                    continue
                if not answer.ok and answer.status not in {404, 410}:
                    left.append(f"{one} ({answer.describe()})")

        in_shares(some)
        if left:
            raise NotAssessed(f"{self._trouble} {left[0]}")


def in_shares(some: Callable[[int], None]) -> None:
    """Call it for every share of the work, `AT_ONCE` in all, at the same time.

    Raises:
        NotAssessed: the first that a share raised.
    """
    trouble: list[NotAssessed] = []

    def one(number: int) -> None:
        try:
            some(number)
        except NotAssessed as error:
            trouble.append(error)

    at_once([partial(one, number) for number in range(AT_ONCE)])
    if trouble:
        raise trouble[0]
