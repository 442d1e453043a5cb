"""What a service says while a part of it is away, and whether it works again afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.drill.parts import recovery
from stackproof.evidence import Recorder, Redactor
from stackproof.expect import Expect
from stackproof.target.concurrency import at_once
from stackproof.target.http import Answer
from stackproof.target.messages import UNDECIDED
from stackproof.target.replies import Tokens
from stackproof.target.session import Session
from stackproof.target.traffic import OutOfTime

AFTER_ANOTHER = 15.0  # seconds for a service that an earlier drill has just let go
SLOW = 3  # an answer takes less than this part of the time-out, or silence means nothing
ROUNDS = 2  # of every operation; what is held against the service was seen in each
UNNOTICED = (
    "while the part was stopped every operation was answered as ever: either none of them needs it, or the command "
    "does not take it away"
)


@dataclass(frozen=True, slots=True)
class Word:
    """What one request came to.

    Attributes:
        status: of the answer; 0 where there was none.
        seconds: until the answer, or until none was waited for any more.
        hung: the service took the request and did not answer within the descriptor's time-out.
        told: one line.
    """

    operation: str
    status: int
    seconds: float
    hung: bool
    told: str

    @property
    def ok(self) -> bool:
        """A 2xx status."""
        return 200 <= self.status < 300

    @property
    def blames_client(self) -> bool:
        """The request is said to be wrong, although it is not."""
        return 400 <= self.status < 500 and self.status not in UNDECIDED


class Outage:
    """The operations that are tried while a part is away: sign in, read the protected resource, read what is public.

    Raises:
        NotAssessed: one of them does not work although nothing is broken yet.
    """

    def __init__(self, descriptor: Descriptor, session: Session) -> None:
        self._session = session
        self._descriptor = descriptor
        self._document = descriptor.api.document
        recovery(lambda: session.login() is not None, AFTER_ANOTHER)
        self._tokens: Tokens = session.login()
        before = self._round()
        broken = [one.told for one in before if not one.ok]
        if broken:
            not_assessed(f"control failed: before anything was broken {'; '.join(broken)}")
        slowest, limit = max(one.seconds for one in before), descriptor.target.timeout / SLOW
        if slowest > limit:
            not_assessed(
                f"control failed: before anything was broken an answer took {slowest:.1f} s, more than a third of "
                "target.timeout, so that a slow answer could not be told from silence"
            )

    def meanwhile(self, expect: Expect, part: str) -> None:
        """State that every operation is answered, and none with a mistake of the client's.

        Raises:
            Violation: one was not, in each of several rounds.
            NotAssessed: nothing was noticed of the part's absence.
        """
        rounds = [self._round() for _ in range(ROUNDS)]
        seen = {words[0].operation: words for words in zip(*rounds, strict=True)}
        judged = {name: words for name, words in seen.items() if not all(one.ok for one in words)}
        for name, words in seen.items():
            told = "; ".join(dict.fromkeys(one.told for one in words))
            expect.holds(
                not all(one.hung for one in words),
                expected=f"{name}: an answer within the time-out while {part} is away",
                seen=f"{name}: {told}",
            )
            expect.holds(
                any(one.status or one.hung for one in words),
                expected=f"{name}: the web server still to answer while {part} is away",
                seen=f"{name}: {told}",
            )
            expect.holds(
                not all(one.blames_client for one in words),
                expected=f"{name}: a server error while {part} is away, since nothing is wrong with the request",
                seen=f"{name}: {told}",
            )
        if not judged:
            not_assessed(UNNOTICED)
        expect.conclude(f"while {part} was away: {'; '.join(words[0].told for words in judged.values())}")

    def notices(self) -> list[str]:
        """What the operations come to now.

        Raises:
            NotAssessed: nothing is noticed of the part's absence, so that there is nothing to recover from.
        """
        said = self._round()
        if all(one.ok for one in said):
            not_assessed(UNNOTICED)
        return [one.told for one in said]

    def recovers(self, expect: Expect, part: str, within: float) -> None:
        """State that everything works again by itself, with tokens from before too.

        Raises:
            Violation: it does not.
            NotAssessed: nor does the database that [postgres] names: the command has not brought it back.
        """
        seconds = recovery(lambda: all(one.ok for one in self._round(alone=True)), within)
        if seconds is None:
            self._needs_the_database()
        last = "" if seconds is not None else "; ".join(one.told for one in self._round() if not one.ok)
        expect.holds(
            seconds is not None,
            expected=f"the service to work again by itself within {within:g} s of the return of {part}",
            seen=f"it works again after {seconds:.1f} s" if seconds is not None else f"it does not: {last}",
        )

    def _needs_the_database(self) -> None:
        given = self._descriptor.postgres
        if given is None or not given.own_dsn:
            return
        from stackproof.target.postgres import PostgresView  # the driver takes a while to load

        redactor = Redactor()
        try:
            PostgresView(self._descriptor, Recorder(redactor), redactor).close()
        except NotAssessed as error:
            not_assessed(f"the start of the part ended well, and at the DSN of [postgres] nothing is back: {error}")

    def _operations(self) -> Mapping[str, Callable[[], Answer]]:
        session = self._session.on_new_connections
        found: dict[str, Callable[[], Answer]] = {
            "reading the protected resource": lambda: session().protected(self._tokens.access).answer,
            "signing in": lambda: session().try_login(),
        }
        if self._document:
            found["reading the API's document"] = partial(lambda path: session().fetch(path), self._document)
        return found

    def _round(self, *, alone: bool = False) -> list[Word]:
        """Every operation once, at the same moment; `alone`: one after another, until one fails."""
        self._session.http.forget_silence()
        operations = self._operations()
        if not alone:
            words = at_once([partial(_word, name, call) for name, call in operations.items()])
            return [one for one in words if isinstance(one, Word)]
        said: list[Word] = []
        for name, call in operations.items():
            said.append(_word(name, call))
            if not said[-1].ok:
                break
        return said


def _word(operation: str, call: Callable[[], Answer]) -> Word:
    began = time.monotonic()
    try:
        answer = call()
    except OutOfTime:
        raise
    except NotAssessed as error:
        return Word(operation, 0, time.monotonic() - began, getattr(error, "timed_out", False), str(error))
    return Word(operation, answer.status, time.monotonic() - began, False, answer.describe())


def answered_at_once(calls: Sequence[Callable[[], Answer]], operation: str) -> list[Word]:
    """Make the calls at the same moment; what each came to."""
    words = at_once([partial(_word, operation, call) for call in calls])
    return [one for one in words if isinstance(one, Word)]
