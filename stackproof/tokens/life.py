"""A model of the life of refresh tokens: which of them a service must accept, and which it must refuse.

A sequence of steps is plain data, so that what Hypothesis finds (`life_search`) can be tried again and printed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from stackproof.target.replies import Reply, Tokens
from stackproof.target.session import Session


class Act(StrEnum):
    """What a step does; `Step.which` picks the session, counted round."""

    LOGIN = "login"
    REFRESH = "refresh"  # with the newest refresh token of a session
    REUSE_OLDEST = "reuse the oldest"  # with one that was used before
    REUSE_LATEST = "reuse the latest"
    LOGOUT = "logout"  # with the newest
    REUSE_ENDED = "reuse a logged-out one"
    ACCESS = "access"  # the protected resource, with the newest access token


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sequence."""

    act: Act
    which: int = 0


class Word(StrEnum):
    """Which promise a surprise is about."""

    ROTATION = "rotation"
    BLACKLIST = "blacklist"


@dataclass(frozen=True, slots=True)
class Surprise:
    """What the service did otherwise than the model.

    Attributes:
        story: the numbered sequence that led there, one line a step.
    """

    word: Word
    expected: str
    seen: str
    story: tuple[str, ...]


class Surprised(Exception):
    """Raised where the service and the model differ."""

    def __init__(self, surprise: Surprise) -> None:
        super().__init__(surprise.seen)
        self.surprise = surprise


class Halt(BaseException):
    """Ends a search at once, past Hypothesis, which handles every `Exception`: there is nothing more to be learned."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class State(StrEnum):
    """What is known of a session."""

    ALIVE = "alive"
    MAYBE = "maybe"  # ended, perhaps: a reuse may revoke a whole family (RFC 9700, 4.14.2), a login the others
    ENDED = "ended"


@dataclass(slots=True)
class Line:
    """One session: its tokens by name, newest last.

    Attributes:
        used: names of refresh tokens that were used, oldest first.
    """

    tokens: dict[str, Tokens]
    newest: str
    state: State = State.ALIVE
    used: list[str] = field(default_factory=list)
    logged_out: bool = False


class Life:
    """Takes steps on a service, and holds each answer against the model.

    Args:
        session: signs in, refreshes and signs out.
        many_sessions: a login is known to leave the account's other sessions alone.
        spend: called before every request; may raise `Halt`.
    """

    def __init__(self, session: Session, *, many_sessions: bool, spend: Callable[[], None]) -> None:
        self._session = session
        self._many = many_sessions
        self._spend = spend
        self._lines: list[Line] = []
        self._names = 0
        self.steps: list[Step] = []
        self.story: list[str] = []

    def take(self, step: Step) -> None:
        """Take a step; one that has nothing to work on is passed over.

        Raises:
            Surprised: the service did otherwise than the model.
            Halt: it gave no clear answer, so that nothing after it would mean anything.
        """
        if step.act is Act.LOGIN:
            self.steps.append(step)
            self._login()
            return
        line = self._pick(step)
        if line is None:
            return
        self.steps.append(step)
        self._on_line(step.act, line)

    def sweep(self) -> None:
        """At the end try every token again that has to be refused by now."""
        for which, line in enumerate(self._lines):
            if line.logged_out:
                self.take(Step(Act.REUSE_ENDED, which))
            if len(line.used) > 1:
                self.take(Step(Act.REUSE_OLDEST, which))
            if line.used:
                self.take(Step(Act.REUSE_LATEST, which))

    # -- steps ---------------------------------------------------------------------------------------------

    def _pick(self, step: Step) -> Line | None:
        fit: dict[Act, Callable[[Line], bool]] = {
            Act.REFRESH: lambda line: line.state is not State.ENDED,
            Act.LOGOUT: lambda line: line.state is not State.ENDED,
            Act.ACCESS: lambda line: line.state is not State.ENDED,
            Act.REUSE_ENDED: lambda line: line.logged_out,
            Act.REUSE_OLDEST: lambda line: bool(line.used),
            Act.REUSE_LATEST: lambda line: bool(line.used),
        }
        if not self._lines or (step.act is Act.LOGOUT and self._session.auth.logout is None):
            return None
        line = self._lines[step.which % len(self._lines)]
        return line if fit[step.act](line) else None

    def _on_line(self, act: Act, line: Line) -> None:
        match act:
            case Act.REFRESH:
                self._refresh(line)
            case Act.LOGOUT:
                self._logout(line)
            case Act.ACCESS:
                self._access(line)
            case Act.REUSE_ENDED:
                self._reuse(line, line.newest, Word.BLACKLIST, "its session was logged out")
            case _:
                name = line.used[0 if act is Act.REUSE_OLDEST else -1]
                self._reuse(line, name, Word.ROTATION, "it was used before")

    def _login(self) -> None:
        self._spend()
        tokens = self._session.login()
        if not tokens.refresh:
            raise Halt(f"the login carries no refresh token at {self._session.auth.login.refresh!r}")
        name = self._name()
        if not self._many:
            self._doubt_all()
        self._lines.append(Line({name: tokens}, name))
        self._tell(f"login -> {name}")

    def _refresh(self, line: Line) -> None:
        name, before = line.newest, line.state
        reply = self._asked(line.tokens[name].refresh)
        if reply.accepted and reply.tokens:
            new = reply.tokens.refresh
            if not new or new in {one.refresh for one in line.tokens.values()}:
                raise Halt("a refresh handed out no new refresh token; another check judges that")
            line.newest = self._name()
            line.tokens[line.newest] = reply.tokens
            line.used.append(name)
            line.state = State.ALIVE
            self._tell(f"refresh {name} -> {line.newest}")
            return
        self._tell(f"refresh {name}: answered {reply.answer.status}")
        line.state = State.ENDED
        if before is State.ALIVE:
            self._surprise(Word.ROTATION, f"refresh {name}, the newest of its session, to be accepted", reply)

    def _logout(self, line: Line) -> None:
        self._spend()
        reply = self._session.logout(line.tokens[line.newest])
        self._clear(reply)
        self._tell(f"logout {line.newest}: answered {reply.answer.status}")
        if reply.accepted:
            line.state, line.logged_out = State.ENDED, True
            self._doubt_all()  # it may sign the account out everywhere
        else:
            line.state = State.MAYBE

    def _access(self, line: Line) -> None:
        self._spend()
        reply = self._session.protected(line.tokens[line.newest].access)
        self._clear(reply)
        self._tell(f"access with {line.newest}: answered {reply.answer.status}")

    def _reuse(self, line: Line, name: str, word: Word, why: str) -> None:
        reply = self._asked(line.tokens[name].refresh)
        self._tell(f"refresh {name} again: answered {reply.answer.status}")
        self._doubt_all()
        if reply.accepted:
            self._surprise(word, f"refresh {name} to be refused, because {why}", reply)

    # -- the model -----------------------------------------------------------------------------------------

    def _asked(self, refresh_token: str) -> Reply:
        self._spend()
        reply = self._session.refresh(refresh_token, patient=False)
        self._clear(reply)
        return reply

    def _clear(self, reply: Reply) -> None:
        if not reply.accepted and not reply.refused:
            raise Halt(f"{reply.described}, which is neither accepted nor refused")

    def _doubt_all(self) -> None:
        """A reuse may end its session or all of the account's: what was alive is not known to be."""
        for line in self._lines:
            if line.state is State.ALIVE:
                line.state = State.MAYBE

    def _surprise(self, word: Word, expected: str, reply: Reply) -> None:
        raise Surprised(Surprise(word, expected, reply.described, tuple(self.story)))

    def _name(self) -> str:
        self._names += 1
        return _letters(self._names)

    def _tell(self, what: str) -> None:
        self.story.append(f"{len(self.story) + 1}. {what}")


def _letters(number: int) -> str:
    """a, b, …, z, aa, …"""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
