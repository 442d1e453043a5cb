"""A model of the life of refresh tokens: which of them a service must accept, and which it must refuse.

A sequence of steps is plain data, so that what Hypothesis finds (`life_search`) can be tried again and printed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from stackproof.target.replies import Reply, Tokens
from stackproof.target.session import Session

SETTLES = 2.0  # seconds


class Act(StrEnum):
    """What a step does; `Step.which` picks the session, counted round."""

    LOGIN = "login"
    REFRESH = "refresh"  # with the newest refresh token of a session
    REUSE_OLDEST = "reuse the oldest"  # with one that was used before
    REUSE_LATEST = "reuse the latest"
    LOGOUT = "logout"  # with the newest
    REUSE_ENDED = "reuse a logged-out one"
    ACCESS = "access"  # the protected resource, with the newest access token
    CHANGE_PASSWORD = "change the password"  # noqa: S105 - of the account, while a session lives
    PASS_TIME = "let time pass"  # noqa: S105 - no password


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sequence."""

    act: Act
    which: int = 0


class Word(StrEnum):
    """Which promise a surprise is about."""

    ROTATION = "rotation"
    BLACKLIST = "blacklist"
    PASSWORD = "password change"  # noqa: S105 - the name of a promise


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


@dataclass(frozen=True, slots=True)
class Ways:
    """What a sequence may do beyond ordinary use.

    Attributes:
        change_password: changes it with those tokens; whether it was changed.
        account: a session of the account as it is now, over the connections of the one given.
        revokes: tokens from before a change are promised to open nothing.
        pass_time: moves the service's clock on.
        pause: seconds of one such move.
        lifetime: seconds for which a refresh token is known to live.
    """

    change_password: Callable[[Session, Tokens], bool] | None = None
    account: Callable[[Session], Session] = lambda session: session
    revokes: bool = False
    pass_time: Callable[[float], None] | None = None
    pause: float = 0.0
    lifetime: float = math.inf


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
        since: when its newest was handed out, in seconds of passed time.
        outdated: the password was changed since its newest was handed out.
    """

    tokens: dict[str, Tokens]
    newest: str
    state: State = State.ALIVE
    used: list[str] = field(default_factory=list)
    logged_out: bool = False
    since: float = 0.0
    outdated: bool = False


class Life:
    """Takes steps on a service, and holds each answer against the model.

    Args:
        session: signs in, refreshes and signs out.
        many_sessions: a login is known to leave the account's other sessions alone.
        spend: called before every request; may raise `Halt`.
        ways: what else it may do.
    """

    def __init__(
        self, session: Session, *, many_sessions: bool, spend: Callable[[], None], ways: Ways | None = None
    ) -> None:
        self._many = many_sessions
        self._spend = spend
        self._ways = ways or Ways()
        self._session = self._ways.account(session)
        self._passed = 0.0
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
        if step.act is Act.PASS_TIME:
            self.steps.append(step)
            self._pass_time()
            return
        line = self._pick(step)
        if line is None:
            return
        self.steps.append(step)
        self._on_line(step.act, line)

    def sweep(self) -> None:
        """At the end try every token again that has to be refused by now."""
        for which, line in enumerate(self._lines):
            if line.outdated and self._ways.revokes:
                self.take(Step(Act.ACCESS, which))
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
            Act.ACCESS: lambda line: line.state is not State.ENDED or line.outdated,
            Act.REUSE_ENDED: lambda line: line.logged_out,
            Act.REUSE_OLDEST: lambda line: bool(line.used),
            Act.REUSE_LATEST: lambda line: bool(line.used),
            Act.CHANGE_PASSWORD: lambda line: line.state is State.ALIVE and not line.outdated,
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
            case Act.CHANGE_PASSWORD:
                self._change_password(line)
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
        self._lines.append(Line({name: tokens}, name, since=self._passed))
        self._tell(f"login -> {name}")

    def _refresh(self, line: Line) -> None:
        name, before = line.newest, line.state
        young = self._passed - line.since < self._ways.lifetime
        reply = self._asked(line.tokens[name].refresh)
        if reply.accepted and reply.tokens:
            new = reply.tokens.refresh
            if not new or new in {one.refresh for one in line.tokens.values()}:
                raise Halt("a refresh handed out no new refresh token; another check judges that")
            line.newest = self._name()
            line.tokens[line.newest] = reply.tokens
            line.used.append(name)
            line.state, line.since = State.ALIVE, self._passed
            line.outdated = False  # these are newer than the password; another check judges that they were had
            self._tell(f"refresh {name} -> {line.newest}")
            return
        self._tell(f"refresh {name}: answered {reply.answer.status}")
        line.state = State.ENDED
        if before is State.ALIVE and young:
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
        reply = self._read(line)
        if reply.accepted and line.outdated and self._ways.revokes:
            time.sleep(SETTLES)  # a cache of a second or two is nobody's mistake
            reply = self._read(line)
        self._tell(f"access with {line.newest}: answered {reply.answer.status}")
        if reply.accepted and line.outdated and self._ways.revokes:
            expected = f"access with {line.newest} to be refused, because the password was changed since"
            self._surprise(Word.PASSWORD, expected, reply)

    def _read(self, line: Line) -> Reply:
        self._spend()
        reply = self._session.protected(line.tokens[line.newest].access)
        self._clear(reply)
        return reply

    def _change_password(self, line: Line) -> None:
        assert self._ways.change_password is not None
        self._spend()
        if not self._ways.change_password(self._session, line.tokens[line.newest]):
            raise Halt("the password could not be changed with a token that has to be accepted")
        self._session = self._ways.account(self._session)
        self._tell("change the password")
        for one in self._lines:
            one.outdated = True
        self._doubt_all()  # it may end every session, promised or not

    def _pass_time(self) -> None:
        assert self._ways.pass_time is not None
        self._spend()
        self._ways.pass_time(self._ways.pause)
        self._passed += self._ways.pause
        self._tell(f"let {_span(self._ways.pause)} pass")
        if not self._many:
            self._doubt_all()  # the clock is confirmed by a login

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
        if reply.unclear:
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


def _span(seconds: float) -> str:
    """1.5 days, 20 minutes, …"""
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:.3g} seconds"


def _letters(number: int) -> str:
    """a, b, …, z, aa, …"""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
