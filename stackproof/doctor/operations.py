"""Whether the operations that a descriptor describes work: each is used once, with its controls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from stackproof.check import NotAssessed
from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.model import Descriptor
from stackproof.discovery.writing import one_line
from stackproof.doctor.reasons import (
    CSRF,
    line_of,
    named,
    only_in,
    refused_field,
    speaks_of_csrf,
    why_not_login,
    why_not_refresh,
    why_open_to_all,
)
from stackproof.evidence import Recorder, Redactor
from stackproof.target.http import Answer, HttpClient, NoAnswer, Request
from stackproof.target.messages import tampered, token_at
from stackproof.target.replies import Reply, Tokens, other_token_places
from stackproof.target.session import GARBAGE, Session
from stackproof.target.traffic import Traffic
from stackproof.tokens.forge import parts_of

SKEW = 5.0  # seconds between the service's Date and this machine's clock that are worth a word
LONGEST = 600  # characters of a finding: a reason ends with what to do, and a long path stands before it
State = Literal["ok", "trouble", "remark", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried.

    Attributes:
        cure: the line to write or the thing to do; "" where nothing is wrong or nobody knows.
    """

    subject: str
    state: State
    text: str
    cure: str = ""


class _Watching(HttpClient):
    """A client that remembers what throttles tell."""

    throttled = 0
    limits = ""
    limited = ""  # the URL whose answer told of them

    def _exchange(self, request: Request, on_sent: Callable[[], None] | None = None) -> Answer:
        answer = super()._exchange(request, on_sent)
        self.throttled += answer.status == 429
        named = [name for name in answer.headers if "ratelimit" in name.lower().replace("-", "")]
        if named and not self.limits:
            self.limits, self.limited = f"{named[0]}: {answer.headers[named[0]]}", request.url
        return answer


def examine(descriptor: Descriptor, redactor: Redactor, budget: float) -> list[Finding]:
    """Use what is described: one look at the base URL, at most two logins, and a session's whole life.

    Args:
        budget: seconds for all of it.
    """
    traffic = Traffic(descriptor.target.base_url, descriptor.target.requests_per_second, time.monotonic() + budget)
    http = _Watching(descriptor, redactor, traffic)
    examination = _Examination(descriptor, redactor, http)
    try:
        examination.reach()
        examination.sign_in()
    except NotAssessed as error:
        examination.say("run", "trouble", redactor.text(str(error)))
    finally:
        http.close()
    examination.throttles()
    return examination.findings


class _Examination:
    def __init__(self, descriptor: Descriptor, redactor: Redactor, http: _Watching) -> None:
        self.findings: list[Finding] = []
        self._descriptor = descriptor
        self._redactor = redactor
        self._http = http

    def say(self, subject: str, state: State, text: str, cure: str = "") -> None:
        """One finding; what a target said is redacted and made one line."""
        line = one_line(self._redactor.text(text), LONGEST)
        self.findings.append(Finding(subject, state, line, self._redactor.text(cure)))

    def reach(self) -> None:
        """TLS, and the clocks."""
        url = self._descriptor.target.base_url
        try:
            answer = self._http.send(Request("GET", url.rstrip("/") + "/"))
        except NoAnswer as error:
            untrusted = "certificate verify failed" in str(error).lower().replace("_", " ")
            cure = 'target.ca = "authority.pem", the PEM file of the authority that signed it' if untrusted else ""
            self.say("reach", "trouble", str(error), cure or "see that it is up and reachable from this machine")
            raise
        secure = url.startswith("https:")
        self.say("reach", "ok", f"{url} answers{', and its certificate is trusted' if secure else ''}")
        if not secure:
            self.say("tls", "remark", "the base URL is plain http: what TLS promises cannot be seen there")
        if answer.date is None:
            self.say("clock", "remark", "the service sends no Date: lifetimes can only be read from two claims")
            return
        skew = answer.date - (answer.received - answer.seconds / 2)
        if abs(skew) > SKEW:
            side = "ahead of" if skew > 0 else "behind"
            cure = "set both clocks by NTP; lifetimes are measured against the service's own Date"
            self.say("clock", "remark", f"the service's clock is {abs(skew):.0f} s {side} this machine's", cure)

    def sign_in(self) -> None:
        """The life of a session."""
        descriptor, auth = self._descriptor, self._descriptor.auth
        if auth is None:
            cure = (
                "where init left [auth.…] as comments, fill in what it says is missing and take the # away; else it is"
            )
            cure += " written by hand: docs/own-service.md"
            self.say("login", "trouble", "there is no [auth] table: nobody can sign in", cure)
            return
        try:
            session = Session(
                descriptor, self._http, Recorder(self._redactor), self._redactor, descriptor.target.base_url
            )
        except NotAssessed as error:
            self.say("login", "trouble", str(error))
            return
        first = self._login(session, auth)
        if first is None:
            return
        self._protected(session, auth, first)
        self._verify(session, auth, first)
        if not auth.refresh:
            self._without_refresh(auth, first)
            if auth.logout and not auth.refresh_tokens:
                self._logout(session, auth, first)
            return
        live = self._refresh(session, auth, first)
        if live is not None:
            self._logout(session, auth, live)

    # -- one operation each ----------------------------------------------------------------------------------

    def _login(self, session: Session, auth: Auth) -> Tokens | None:
        answer, login = session.try_login(), auth.login
        if not (answer.ok or session.signed_in(answer)):
            self.say("login", "trouble", *why_not_login(answer, auth))
            return None
        tokens = Tokens(token_at(answer, login.access, auth), token_at(answer, login.refresh, auth), answer)
        others = other_token_places(tokens)
        if not tokens.access:
            text = f"{answer.describe()}, but there is no access token at {login.access!r}"
            self.say("login", "trouble", text, line_of("auth.login.access", others))
            return None
        self.say("login", "ok", f"{answer.describe()} and gave an access token")
        if auth.refresh and not tokens.refresh:
            text = f"the login gave no refresh token at {login.refresh!r}"
            self.say("login", "trouble", text, line_of("auth.login.refresh", others))
        return tokens

    def _protected(self, session: Session, auth: Auth, tokens: Tokens) -> None:
        good = session.protected(tokens.access)
        if not good.accepted:
            cure = f"is auth.protected.path right, and auth.carrier ({auth.carrier}), and auth.scheme ({auth.scheme})?"
            self.say("protected", "trouble", f"with a fresh access token {good.described}", cure)
            return
        bare = session.protected(None)
        if bare.accepted:
            self.say("protected", "trouble", *why_open_to_all(good, bare))
            return
        self._garbage("protected", good, (GARBAGE, tampered(tokens.access)), session.protected)

    def _garbage(self, subject: str, good: Reply, bad: Iterable[str], attempt: Callable[[str], Reply]) -> None:
        replies = [attempt(one) for one in bad]
        accepted = next((one for one in replies if one.accepted), None)
        if accepted is not None:
            text = f"with a garbage token {accepted.described}, too: nothing can be told by it"
            self.say(subject, "trouble", text, f"name another operation as [auth.{subject}]")
        elif not any(one.refused for one in replies):
            text = f"with a garbage token {replies[-1].described}, which is no clear refusal"
            fields = only_in(replies[-1], good) if replies[-1].answer.ok else []
            cure = refused_field(fields[0]) if fields else ""
            self.say(subject, "trouble", text, cure or "a bad token should be answered 401, 403 or 400")
        else:
            self.say(subject, "ok", f"{good.described} with a good token, and refuses a garbage one")

    def _verify(self, session: Session, auth: Auth, tokens: Tokens) -> None:
        if auth.verify is None:
            return
        good = session.verify(tokens.access)
        if not good.accepted:
            cure = named(good.answer, "auth.verify.token") or "is auth.verify.token the field that it reads?"
            self.say("verify", "trouble", f"with a good token {good.described}", cure)
        else:
            self._garbage("verify", good, (GARBAGE,), session.verify)

    def _without_refresh(self, auth: Auth, tokens: Tokens) -> None:
        if not auth.refresh_tokens:
            self.say("refresh", "skipped", "auth.refresh_tokens = false: there are none by design")
            return
        seen = tokens.refresh or other_token_places(tokens)
        cure = (
            "[auth.refresh] with path and token"
            if seen
            else "refresh_tokens = false under [auth], if that is by design"
        )
        self.say("refresh", "trouble", "no [auth.refresh] is described: rotation cannot be judged", cure)

    def _refresh(self, session: Session, auth: Auth, first: Tokens) -> Tokens | None:
        """A second login, then the first one's refresh token: that also tells whether sessions live side by side."""
        second = session.login()
        reply = session.refresh(first.refresh)
        alone = reply.refused
        if alone:
            reply = session.refresh(second.refresh)
        if not reply.accepted or reply.tokens is None:
            self.say("refresh", "trouble", *why_not_refresh(reply, auth))
            self.say("logout", "skipped", "without a working refresh it cannot be seen what signing out ends")
            return None
        self._garbage("refresh", reply, (GARBAGE, tampered(second.refresh or first.refresh)), session.refresh)
        if not reply.tokens.refresh:
            others = other_token_places(reply.tokens)
            text = f"{reply.described} with no new refresh token where it is looked for"
            cure = line_of("auth.refresh.refresh", others) if others else ""
            self.say("refresh", "remark", text, cure)
        self._sessions(alone=alone)
        return Tokens(reply.tokens.access, reply.tokens.refresh or second.refresh, reply.answer)

    def _sessions(self, *, alone: bool) -> None:
        many = self._descriptor.accounts.many_sessions
        if alone and many:
            text = "a second login ended the first session, though accounts.many_sessions is true"
            self.say("sessions", "trouble", text, "accounts.many_sessions = false")
        elif not alone and not many:
            text = "two sessions of the account live side by side: checks may, too, and the run is shorter"
            self.say("sessions", "remark", text, "many_sessions = true under [accounts]")

    def _logout(self, session: Session, auth: Auth, tokens: Tokens) -> None:
        if auth.logout is None:
            cure = "[auth.logout] with path and token"
            self.say("logout", "trouble", "no [auth.logout] is described: revocation cannot be judged", cure)
            return
        what, still = _what_ends(session, auth, tokens)
        reply = session.logout(tokens)
        ended = reply.refused and still().refused  # "nobody is signed in" is an answer, too
        if not reply.accepted and not ended:
            cure = named(reply.answer, "auth.logout.token") or "are its path, method and auth.logout.token right?"
            cure = f"{CSRF}; or send_access = false" if speaks_of_csrf(reply.answer) else cure
            self.say("logout", "trouble", f"signing out: {reply.described}", cure)
            return
        if still().accepted:
            text = f"{reply.described}, but the {what} still works"
            cure = f"is auth.logout.token ({auth.logout.token!r}) where it reads it? Then a run calls this a violation"
            if auth.refresh is None and parts_of(tokens.access) is not None:
                cure = "a JWT may live to its own end by design; a run then has nothing to judge"
            self.say("logout", "remark", text, cure)
        else:
            self.say("logout", "ok", f"{reply.described}, and the {what} is refused afterwards")

    def throttles(self) -> None:
        """Signs of limits on requests."""
        if self._http.throttled:
            cure = "auth.logins_per_minute and target.requests_per_second keep a run below the limit"
            self.say("throttle", "remark", f"{self._http.throttled} answers were 429 (too many requests)", cure)
        elif self._http.limits:
            auth = self._descriptor.auth
            logins = auth is not None and self._http.limited.endswith(auth.login.path)
            cure = "target.requests_per_second, if a run would reach it"
            if logins:
                cure = "auth.logins_per_minute, below that limit: nearly every check signs in once or more"
            what = "logins" if logins else "requests"
            self.say("throttle", "remark", f"the service counts {what} ({self._http.limits})", cure)


def _what_ends(session: Session, auth: Auth, tokens: Tokens) -> tuple[str, Callable[[], Reply]]:
    """What signing out has to end, and how it is seen: without refresh tokens it is the access token."""
    if auth.refresh is None:
        return "access token", lambda: session.protected(tokens.access)
    return "refresh token", lambda: session.refresh(tokens.refresh)
