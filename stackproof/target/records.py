"""Records of the service that the harness makes, reads and deletes: what was acknowledged has to be there."""

from __future__ import annotations

import time
from collections.abc import Mapping

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.record import Record
from stackproof.drill.parts import left_over, recovery
from stackproof.target.http import Answer
from stackproof.target.messages import text_at
from stackproof.target.session import Session
from stackproof.target.traffic import OutOfTime

LOOK_EVERY = 0.2  # seconds
READ_WITHIN = 10.0  # seconds until a new record can be read; most can at once
REMOVE_WITHIN = 10.0  # seconds for all that is left at the end


class Records:
    """Makes records as a signed-in account, and deletes every one at the end.

    Args:
        session: signs in anew where a token has ended.

    Raises:
        NotAssessed: from every method that needs it, where the descriptor has no `[record]` table.
    """

    def __init__(self, descriptor: Descriptor, session: Session) -> None:
        self._described = descriptor.record
        self._session = session
        self._access = ""
        self._made: list[str] = []

    @property
    def record(self) -> Record:
        """The operations."""
        if self._described is None:
            not_assessed("stackproof.toml has no [record] table: operations that make, read and delete something")
        return self._described

    @property
    def left(self) -> tuple[str, ...]:
        """Ids of what was made and is not deleted yet."""
        return tuple(self._made)

    def prepare(self) -> None:
        """Sign in, and see that these operations tell a record that is there from one that is not.

        Raises:
            NotAssessed: they do not.
        """
        self._access = self._session.login().access
        made = self.make(self._session)
        if not self.appears(made, READ_WITHIN):
            not_assessed(
                f"control failed: a record that was just made is not there to be read ({self.record.read.path})"
            )
        self.remove(made)
        if self.is_there(made):
            not_assessed(f"control failed: a deleted record is still there to be read ({self.record.read.path})")

    def make(self, session: Session) -> str:
        """Make one; gives its id.

        Raises:
            NotAssessed: the answer was no 2xx with an id.
        """
        answer, made = self.try_make(session)
        if not made:
            not_assessed(f"{answer.describe()}, and no record with an id at {self.record.id!r} was made")
        return made

    def try_make(self, session: Session) -> tuple[Answer, str]:
        """Try to make one; its id is "" where that was not acknowledged.

        Args:
            session: where; another process of the service, or over connections of its own.
        """
        answer = session.call(self.record.create, self._access)
        made = text_at(answer.json(), self.record.id) if answer.ok else ""
        if made:
            self._made.append(made)
        return answer, made

    def try_to_make(self, session: Session) -> tuple[str, str]:
        """As `try_make`, where no answer may come: a line on what was answered, and the id or ""."""
        try:
            answer, made = self.try_make(session)
        except NotAssessed as error:
            return str(error), ""
        return answer.describe(), made

    def work(self) -> bool:
        """Whether a record can be made, read and deleted now; tells that nothing works from that something is lost."""
        try:
            self.prepare()
        except NotAssessed:
            return False
        return True

    def is_there(self, made: str, session: Session | None = None) -> bool:
        """Whether a record can be read."""
        return (session or self._session).call(self.record.read, self._access, id=made).ok

    def appears(self, made: str, within: float, session: Session | None = None) -> bool:
        """Whether it can be read at last; an answer that does not come, or a server error, is asked again."""
        return recovery(lambda: self.is_there(made, session), within) is not None

    def lost(self, kept: Mapping[str, str], within: float) -> tuple[list[str], str]:
        """What `kept` says of the records that are not there within so many seconds, and what stays undeleted, or "".

        Every record is deleted.

        Raises:
            NotAssessed: no record can be made and read any more, so that nothing tells a lost one.
        """
        lost = [kept[one] for one in left_over(kept, self.is_there, within)]
        left = self.remove_all()
        if lost and not self.work():
            not_assessed(f"the service did not recover within {within:g} s, so that nothing could be read")
        return lost, left

    def remove(self, made: str) -> None:
        """Delete one.

        Raises:
            NotAssessed: the service does not.
        """
        answer = self._session.call(self.record.delete, self._access, id=made)
        if not (answer.ok or answer.status in {404, 410}):
            not_assessed(f"{answer.describe()}: a record that the harness made was not deleted")
        self._made.remove(made)

    def remove_all(self) -> str:
        """Delete whatever is left; gives "" or a sentence on what stays."""
        deadline = time.monotonic() + REMOVE_WITHIN
        while self._made:
            try:
                self.remove(self._made[-1])
            except NotAssessed as error:
                if time.monotonic() > deadline or isinstance(error, OutOfTime):
                    return f"records stay in the service ({', '.join(self._made)}): {error}"
                time.sleep(LOOK_EVERY)
        return ""
