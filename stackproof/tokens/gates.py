"""Places where good tokens open and all others have to be refused, calibrated before anything is said about them.

A refusal is seen: a 4xx or a redirect, or a 2xx whose body has the shape of the answer to no token. An acceptance is
a 2xx whose body has the shape of the answer to a good token, where that shape is another. What is neither (5xx, a
throttle, a body of a third shape, no answer) is said to be unclear, and carries no verdict.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from stackproof.check import not_assessed
from stackproof.target.http import HttpClient, NoAnswer
from stackproof.target.messages import tampered
from stackproof.target.replies import Reply, Tokens
from stackproof.target.session import GARBAGE, Session
from stackproof.target.turns import good_token_refused
from stackproof.tokens.looks import Forgery, Look, Outcome
from stackproof.tokens.shapes import likeness, shape_of

KEPT_FOR = 120.0  # seconds for which one login serves several checks: some services count logins
ALIKE = 0.5  # of two sets of fields: the share of all of them that both have
BREAK_DOWNS = frozenset({500, 501})  # of the service itself; others tell of a part that is away, or of a proxy
SHORT = 4096  # bytes of a token: a longer one may be too much for a server's header fields, and be hung up on
NONSENSE = "stackproof0garbage0garbage0garbage0garbage"  # a token without any shape

_KEPT: WeakKeyDictionary[HttpClient, dict[str, tuple[float, Tokens]]] = WeakKeyDictionary()


Make = Callable[[Tokens], Sequence[Forgery]]


class Gate:
    """What the gates have in common.

    Attributes:
        what: the kind of token that opens it: "access token" or "refresh token".
        tokens: of the login that the tries are made from.
    """

    what = ""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        self.session = session
        self.tokens = tokens
        self.any_token_opens = False
        self._refused_shapes: list[Any] = []
        self._hung_up = ""  # what came of a garbage token that got no answer

    def good(self, tokens: Tokens) -> str:
        """The token of a login that opens this gate."""
        raise NotImplementedError

    def attempt(self, token: str) -> Reply:
        """Show a token."""
        raise NotImplementedError

    def is_open(self) -> bool:
        """Whether the good token of the login still opens it; a refresh token is used up by that."""
        return self.judge("the good one", self.attempt(self.good(self.tokens))).outcome is Outcome.ACCEPTED

    def alive(self) -> bool:
        """Whether it answers as it did at the calibration, nothing used up."""
        raise NotImplementedError

    def new_login(self) -> Tokens:
        """Another login, whose token was seen to be good where seeing it does not use it up."""
        return self.session.login()

    def judge(self, name: str, reply: Reply) -> Look:
        """Tell acceptance, refusal and break-down apart."""
        status = reply.answer.status
        if reply.refused:
            outcome = Outcome.REFUSED
        elif status >= 500:
            outcome = Outcome.BROKEN
        elif reply.answer.ok:
            outcome = self._of_success(reply)
        else:
            outcome = Outcome.UNCLEAR
        return Look(name, outcome, reply.described, status)

    def _of_success(self, reply: Reply) -> Outcome:
        raise NotImplementedError

    def show(self, forgery: Forgery) -> Look:
        """Try a forgery; an answer that never comes is told as such."""
        self.session.conceal(forgery.token)
        try:
            return self.judge(forgery.name, self.attempt(forgery.token))
        except NoAnswer as error:
            closed = "no whole answer within" not in str(error)
            return Look(forgery.name, Outcome.CLOSED if closed else Outcome.UNCLEAR, str(error))

    def show_all(self, make: Make) -> list[Look]:
        """Try every forgery that `make` derives from a login.

        The good token has to open the gate still after it, or the refusals mean nothing; where it does not, because a
        bad token ends the session, each is tried once more, with a login of its own.

        Raises:
            NotAssessed: the gate does not open any more for good tokens.
        """
        looks = [self.show(one) for one in make(self.tokens)]
        if any(one.outcome is Outcome.ACCEPTED for one in looks) or self.is_open():
            return looks
        looks = []
        for number in range(len(make(self.tokens))):
            self.tokens = self.new_login()
            looks.append(self.show(make(self.tokens)[number]))
        self.tokens = self.new_login()
        if not self.is_open() and not any(one.outcome is Outcome.ACCEPTED for one in looks):
            not_assessed(
                f"control failed: a fresh {self.what} does not open it any more after the bad ones, "
                "so their refusal means nothing"
            )
        return looks

    def break_downs(self, make: Make) -> tuple[list[Look], list[Look]]:
        """Every forgery once, and those of them at which the service breaks down: twice, and well in between.

        A handler that panics may be told by no 5xx: Go's net/http then ends the connection without an answer.

        Raises:
            NotAssessed: the gate does not answer any more as it did before.
        """
        looks, broken = [], []
        for forgery in make(self.tokens):
            look = self.show(forgery)
            looks.append(look)
            hung_up = look.outcome is Outcome.CLOSED and len(forgery.token) < SHORT
            if (hung_up or look.outcome is Outcome.BROKEN) and self.alive() and self._again(forgery) is look.outcome:
                broken.append(look)
        if not self.alive():
            if not broken and not any(one.outcome is Outcome.BROKEN for one in looks):
                return looks, broken  # bad tokens ended the session: an answer is an answer
            not_assessed(f"control failed: a good {self.what} is not answered as before the bad ones")
        return looks, broken

    def _again(self, forgery: Forgery) -> Outcome:
        """The same on a connection of its own, which nobody may have closed before."""
        kept, self.session = self.session, self.session.on_new_connections()
        try:
            return self.show(forgery).outcome
        finally:
            self.session = kept

    def garbage(self, token: str) -> Reply | None:
        """The answer to a garbage token; None where the connection ended without one."""
        self.session.conceal(token)
        try:
            return self.attempt(token)
        except NoAnswer as error:
            if error.timed_out:
                raise
            self._hung_up = str(error)
            return None

    def _needs_a_break_down(self, replies: Sequence[Reply], *, breaking: bool) -> None:
        """End the check where no garbage was refused, save where break-downs are its matter and all of them are one.

        Raises:
            NotAssessed: the control failed.
        """
        if not breaking or not all(one.answer.status in BREAK_DOWNS for one in replies):
            said = replies[-1].described if replies else self._hung_up
            not_assessed(f"control failed: with a garbage {self.what} {said}, which is no clear refusal")


class AccessGate(Gate):
    """The protected resource.

    Args:
        breaking: that every garbage token ends in a 5xx is what shall be told, and no control that failed.

    Raises:
        NotAssessed: it does not tell a good access token from none and from garbage.
    """

    what = "access token"

    def __init__(self, session: Session, *, breaking: bool = False) -> None:
        super().__init__(session, _signed_in(session))
        reply = session.protected(self.tokens.access)
        if not reply.accepted:  # another login may have ended the session of the kept one
            self.tokens = _signed_in(session, anew=True)
            reply = session.protected(self.tokens.access)
        if not reply.accepted:
            good_token_refused(reply, lambda: session.protected(self.tokens.access))
        self._good_shape = shape_of(reply)
        self._without_token()
        self._with_garbage(breaking=breaking)

    def good(self, tokens: Tokens) -> str:
        """The access token."""
        return tokens.access

    def attempt(self, token: str) -> Reply:
        """Read the protected resource."""
        return self.session.protected(token)

    def alive(self) -> bool:
        """The good token still opens it."""
        return self.is_open()

    def new_login(self) -> Tokens:
        """A login whose access token is accepted."""
        tokens = _signed_in(self.session, anew=True)
        reply = self.session.protected(tokens.access)
        if not reply.accepted:
            good_token_refused(reply, lambda: self.session.protected(tokens.access))
        return tokens

    def needs_garbage_refused(self) -> None:
        """End the check where any token at all opens the gate.

        Raises:
            NotAssessed: a garbage token was accepted.
        """
        if self.any_token_opens:
            not_assessed("control failed: a garbage access token is accepted: it tells nothing apart")

    def _of_success(self, reply: Reply) -> Outcome:
        shape = shape_of(reply)
        if shape in self._refused_shapes:
            return Outcome.REFUSED
        return Outcome.ACCEPTED if self._looks_good(shape) else Outcome.UNCLEAR

    def _looks_good(self, shape: Any) -> bool:
        """Like the good answer, which may have changed a little since (a last login, a new entry).

        Where every refusal was seen by its status, a text of any content is an acceptance by its status.
        """
        fields, good = shape[1], self._good_shape[1]
        if not isinstance(fields, frozenset) or not isinstance(good, frozenset):
            return shape == self._good_shape or (not self._refused_shapes and type(fields) is type(good))
        nearest = max((likeness(fields, one[1]) for one in self._refused_shapes), default=0.0)
        return fields == good or likeness(fields, good) >= max(ALIKE, nearest + ALIKE / 2)

    def _without_token(self) -> None:
        try:
            reply = self.session.protected(None)
        except NoAnswer as error:
            if error.timed_out:
                raise
            return
        if reply.answer.ok:
            self._learn_refusal(reply, "without a token")
        elif not reply.refused and reply.answer.status < 500:
            not_assessed(f"control failed: without a token {reply.described}, which is no clear refusal")

    def _with_garbage(self, *, breaking: bool) -> None:
        replies = []
        for garbage in (GARBAGE, NONSENSE, tampered(self.tokens.access)):
            reply = self.garbage(garbage)
            if reply is None:
                continue
            replies.append(reply)
            if reply.refused:
                return
            if reply.answer.ok:
                if shape_of(reply) == self._good_shape:
                    self.any_token_opens = garbage in {GARBAGE, NONSENSE}
                    if not self.any_token_opens:
                        continue
                else:
                    self._refused_shapes.append(shape_of(reply))
                return
        self._needs_a_break_down(replies, breaking=breaking)

    def _learn_refusal(self, reply: Reply, how: str) -> None:
        shape = shape_of(reply)
        if shape == self._good_shape:
            not_assessed(f"control failed: {how} {reply.described} as with a good one: it tells nothing apart")
        self._refused_shapes.append(shape)


class RefreshGate(Gate):
    """The operation that exchanges refresh tokens.

    Args:
        breaking: that every garbage token ends in a 5xx is what shall be told, and no control that failed.

    Raises:
        NotAssessed: there is none, or it accepts garbage.
        NotApplicable: the service issues no refresh tokens.
    """

    what = "refresh token"

    def __init__(self, session: Session, *, breaking: bool = False) -> None:
        session.needs_refresh_tokens()
        tokens = session.login()
        if not tokens.refresh:
            not_assessed(f"the login carries no refresh token at {session.auth.login.refresh!r}")
        super().__init__(session, tokens)
        self._garbage_breaks = False
        replies = []
        for garbage in (GARBAGE, NONSENSE):
            reply = self.garbage(garbage)
            if reply is None:
                continue
            replies.append(reply)
            if reply.accepted:
                not_assessed(f"control failed: with a garbage refresh token {reply.described}: it tells nothing apart")
            if reply.answer.ok:
                self._refused_shapes.append(shape_of(reply))
            if reply.refused or reply.answer.ok:
                return
        self._needs_a_break_down(replies, breaking=breaking)
        self._garbage_breaks = True

    def good(self, tokens: Tokens) -> str:
        """The refresh token."""
        return tokens.refresh

    def attempt(self, token: str) -> Reply:
        """Exchange it."""
        return self.session.refresh(token)

    def alive(self) -> bool:
        """Garbage is still refused; where it never was, a fresh token is still exchanged."""
        if self._garbage_breaks:
            return self.session.refresh(self.session.login().refresh).accepted
        replies = (self.garbage(one) for one in (GARBAGE, NONSENSE))
        return any(one is not None and self.judge("", one).outcome is Outcome.REFUSED for one in replies)

    def _of_success(self, reply: Reply) -> Outcome:
        if reply.accepted:
            return Outcome.ACCEPTED
        return Outcome.REFUSED if shape_of(reply) in self._refused_shapes else Outcome.UNCLEAR


def _signed_in(session: Session, *, anew: bool = False) -> Tokens:
    """A login that is less than `KEPT_FOR` old, or a new one."""
    kept = _KEPT.setdefault(session.http, {})
    place = f"{session.base_url} {session.username}"
    at, tokens = kept.get(place, (0.0, None))
    if tokens is not None and not anew and time.monotonic() - at < KEPT_FOR:
        session.conceal(tokens.access, tokens.refresh)
        return tokens
    tokens = session.login()
    kept[place] = (time.monotonic(), tokens)
    return tokens
