"""Signing in, refreshing and signing out on a service that the descriptor describes, and the controls for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import quote, urljoin

from stackproof.check import not_applicable, not_assessed
from stackproof.evidence import HIDDEN, Recorder, Redactor
from stackproof.target.descriptor import Auth, Descriptor, Endpoint, from_environment, split_place
from stackproof.target.http import Answer, HttpClient, Request

# A token by its looks (RFC 7519, section 3.1), signed by nobody: {"alg":"HS256","typ":"JWT"} . {} . zeros
GARBAGE = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_LONG_WORD = re.compile(r"^\S{16,}$")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login or a refresh handed out; `refresh` is "" where the answer carried none."""

    access: str
    refresh: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the authentication, told apart.

    Attributes:
        accepted: 2xx, and tokens where tokens were asked for.
        refused: a 4xx that is no throttle and no time-out, or a redirect: seen, not guessed.
        tokens: what was handed out, None where nothing was.
    """

    answer: Answer
    accepted: bool
    refused: bool
    tokens: Tokens | None = None

    @property
    def described(self) -> str:
        """One line for a reason."""
        return self.answer.describe()


class Session:
    """The authentication of one base URL.

    Args:
        descriptor: has an `[auth]` table.
        base_url: the service, or an instance of it whose clock can be moved.
    """

    def __init__(
        self, descriptor: Descriptor, http: HttpClient, recorder: Recorder, redactor: Redactor, base_url: str
    ) -> None:
        if descriptor.auth is None:
            not_assessed("the descriptor has no [auth] table, so nobody can sign in")
        self.auth: Auth = descriptor.auth
        self._descriptor = descriptor
        self._http = http
        self._recorder = recorder
        self._redactor = redactor
        self._base_url = base_url
        self._username = from_environment(descriptor.accounts.username_env)
        self._password = from_environment(descriptor.accounts.password_env)
        redactor.learn(self._password)

    @property
    def username(self) -> str:
        """The credential that the account signs in with."""
        return self._username

    def is_password(self, text: str) -> bool:
        """Whether a text is the account's password, which is not given out."""
        return bool(self._password) and text == self._password

    def on_new_connections(self) -> Session:
        """The same session over connections of its own."""
        return Session(self._descriptor, self._http.fresh(), self._recorder, self._redactor, self._base_url)

    # -- operations ----------------------------------------------------------------------------------------

    def login(self, on_sent: Callable[[], None] | None = None) -> Tokens:
        """Sign in.

        Args:
            on_sent: called once the request is on its way.

        Raises:
            NotAssessed: the login was not answered with a 2xx and an access token.
        """
        login = self.auth.login
        body = {**login.extra, login.username_field: self._username, login.password_field: self._password}
        answer = self._send(login, body=body, on_sent=on_sent, **self._csrf())
        tokens = self._tokens(answer, login.access, login.refresh)
        self._record(answer, "sign in")
        if answer.status == 429:
            not_assessed(f"{answer.describe()}: the service throttles logins longer than a run may wait")
        if not answer.ok:
            not_assessed(f"{answer.describe()}: the account could not sign in")
        if not tokens.access:
            not_assessed(f"{answer.describe()}, and no access token was found at {login.access!r}")
        return tokens

    def refresh(self, refresh_token: str, *, patient: bool = True) -> Reply:
        """Exchange a refresh token for new tokens."""
        refresh = self.auth.refresh
        if refresh is None:
            self._without_refresh()
        request = self._carrying(refresh, refresh.token, refresh_token)
        answer = self._send(refresh, patient=patient, **request)
        access = refresh.access or self.auth.login.access
        tokens = self._tokens(answer, access, refresh.refresh or self.auth.login.refresh)
        self._record(answer, "exchange a refresh token")
        accepted = answer.ok and bool(tokens.access)
        return Reply(answer, accepted, _is_refusal(answer), tokens if accepted else None)

    def logout(self, tokens: Tokens) -> Reply:
        """End the session of those tokens."""
        logout = self.auth.logout
        if logout is None:
            not_assessed("the descriptor names no [auth.logout] operation")
        request = self._carrying(logout, logout.token, tokens.refresh) if logout.token else {"body": None}
        if logout.send_access:
            request = _merged(request, self._access(tokens.access))
        answer = self._send(logout, **request)
        self._record(answer, "sign out")
        return Reply(answer, answer.ok or 300 <= answer.status < 400, _is_refusal(answer))

    def protected(self, access_token: str | None) -> Reply:
        """Read the protected resource with an access token, or with none."""
        carried = self._access(access_token) if access_token is not None else {}
        protected = self.auth.protected
        request = _merged({"body": protected.extra or None}, carried)
        answer = self._send(protected, **request)
        self._record(answer, "read the protected resource")
        return Reply(answer, answer.ok, _is_refusal(answer))

    def wait_a_while(self, access_token: str, on_sent: Callable[[], None]) -> None:
        """Keep the service busy for a moment: the operation of [auth.wait], else a login (hashing takes its time).

        `on_sent` is called once the request is on its way.
        """
        wait = self.auth.wait
        if wait is None:
            self.login(on_sent)
            return
        answer = self._send(wait, on_sent=on_sent, **_merged({"body": wait.extra or None}, self._access(access_token)))
        self._record(answer, "wait")

    def call(self, endpoint: Endpoint, access_token: str, **values: str) -> Answer:
        """Use any operation as the signed-in account; `{name}` in its path is filled in, percent-encoded."""
        path = endpoint.path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        filled = endpoint.model_copy(update={"path": path})
        answer = self._send(filled, **_merged({"body": filled.extra or None}, self._access(access_token)))
        self._record(answer, "use an operation")
        return answer

    # -- controls ------------------------------------------------------------------------------------------

    def control_protected(self, tokens: Tokens) -> None:
        """A good access token is accepted and a garbage one refused, or the check is not assessed."""
        good = self.protected(tokens.access)
        if not good.accepted:
            not_assessed(f"control failed: with a fresh access token {good.described}, so no refusal means anything")
        self._control_garbage("access token", tokens.access, self.protected)

    def control_refresh(self, tokens: Tokens) -> None:
        """A garbage refresh token is refused, or the check is not assessed; a good one is the caller's to try."""
        self._control_garbage("refresh token", tokens.refresh, self.refresh)

    def _control_garbage(self, what: str, good: str, attempt: Callable[[str], Reply]) -> None:
        """Some services break on what has no shape (5xx) and refuse what is only wrong: the second try tells."""
        for garbage in (GARBAGE, tampered(good)):
            reply = attempt(garbage)
            if reply.accepted:
                not_assessed(f"control failed: with a garbage {what} {reply.described}: it tells nothing apart")
            if reply.refused:
                return
        not_assessed(f"control failed: with a garbage {what} {reply.described}, which is no clear refusal")

    def needs_refresh_tokens(self) -> None:
        """End the check where the service issues no refresh tokens or the descriptor names no operation for them."""
        if self.auth.refresh is None:
            self._without_refresh()

    def _without_refresh(self) -> NoReturn:
        if not self.auth.refresh_tokens:
            not_applicable("the descriptor says auth.refresh_tokens = false: the service issues none")
        not_assessed(
            "the descriptor names no [auth.refresh] operation; where there is none by design, "
            "say auth.refresh_tokens = false"
        )

    # -- messages ------------------------------------------------------------------------------------------

    def _send(
        self,
        endpoint: Endpoint,
        *,
        body: Mapping[str, Any] | None = None,
        patient: bool = True,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        on_sent: Callable[[], None] | None = None,
    ) -> Answer:
        request = Request(
            method=endpoint.method,
            url=urljoin(self._base_url.rstrip("/") + "/", endpoint.path.lstrip("/"))
            if endpoint.path.startswith("/")
            else endpoint.path,
            headers={**endpoint.headers, **(headers or {})},
            cookies=cookies or {},
            body=body,
            format=endpoint.format,
        )
        return self._http.send(request, patient=patient, on_sent=on_sent)

    def _carrying(self, endpoint: Endpoint, place: str, token: str) -> dict[str, Any]:
        """The parts of a request that carry `token` at `place`, together with the CSRF proof where one is needed."""
        kind, name = split_place(place)
        message: dict[str, Any] = {"body": dict(endpoint.extra) or None}
        if kind == "body":
            message["body"] = _with_field(endpoint.extra, name, token)
        elif kind == "cookie":
            message["cookies"] = {name: token}
        else:
            message["headers"] = {name: self._worded(name, token)}
        return _merged(message, self._csrf())

    def _access(self, token: str) -> dict[str, Any]:
        kind, name = split_place(self.auth.carrier)
        if kind == "cookie":
            return {"cookies": {name: token}}
        if kind == "body":
            return {"body": _with_field(self.auth.protected.extra, name, token)}
        return {"headers": {name: self._worded(name, token)}}

    def _worded(self, header: str, token: str) -> str:
        own = header.lower() == split_place(self.auth.carrier)[1].lower() or header.lower() == "authorization"
        return f"{self.auth.scheme} {token}" if own and self.auth.scheme else token

    def _csrf(self) -> dict[str, Any]:
        csrf = self.auth.csrf
        if csrf is None:
            return {}
        answer = self._send(Endpoint(path=csrf.path, method="GET"))
        value = answer.cookies.get(csrf.cookie, "")
        self._redactor.learn(value)
        if not value:
            not_assessed(f"{answer.describe()} and set no cookie {csrf.cookie!r}, which [auth.csrf] names")
        return {"cookies": {csrf.cookie: value}, "headers": {csrf.header: value}}

    def _tokens(self, answer: Answer, access: str, refresh: str) -> Tokens:
        tokens = Tokens(_find(answer, access, self.auth.scheme), _find(answer, refresh, self.auth.scheme), answer)
        self._redactor.learn(tokens.access, tokens.refresh)
        return tokens

    def _record(self, answer: Answer, purpose: str) -> None:
        detail = answer.as_evidence()
        detail["body"] = _without_long_words(detail["body"]) if answer.ok else detail["body"]
        self._recorder.add("exchange", f"{purpose}: {answer.describe()}", **detail)


def tampered(token: str) -> str:
    """The token with a character in the middle of its last part replaced (the last one may be padding bits only)."""
    head, dot, last = token.rpartition(".")
    middle = len(last) // 2
    flipped = "A" if last[middle : middle + 1] != "A" else "B"
    return f"{head}{dot}{last[:middle]}{flipped}{last[middle + 1 :]}"


def other_token_places(tokens: Tokens) -> list[str]:
    """Places of an answer, beside those that the descriptor names, that hold what looks like a token.

    They tell "the service hands out no refresh token" from "the descriptor names the wrong field".
    """
    known = {tokens.access, tokens.refresh}
    places = [f"cookie:{name}" for name, value in tokens.answer.cookies.items() if _is_token(value, known)]

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, one in list(value.items())[:50]:
                walk(one, f"{path}.{key}" if path else str(key))
        elif isinstance(value, str) and _is_token(value, known):
            places.append(path)

    walk(tokens.answer.json(), "")
    return places


def _is_token(value: str, known: set[str]) -> bool:
    return value not in known and bool(re.match(r"^[A-Za-z0-9._~+/=-]{20,}$", value))


def _is_refusal(answer: Answer) -> bool:
    """4xx save time-out (408), too early (425) and throttle (429); a redirect leads away and refuses too."""
    return (400 <= answer.status < 500 and answer.status not in {408, 425, 429}) or 300 <= answer.status < 400


def _find(answer: Answer, place: str, scheme: str) -> str:
    kind, name = split_place(place)
    if kind == "cookie":
        return answer.cookies.get(name, "")
    if kind == "header":
        return str(answer.headers.get(name, "")).removeprefix(f"{scheme} ").strip()
    value: Any = answer.json()
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _with_field(extra: Mapping[str, Any], dotted: str, value: str) -> dict[str, Any]:
    """`extra` with `value` set at a dotted path; objects on the way are made."""
    first, _, rest = dotted.partition(".")
    inner = extra.get(first)
    return {**extra, first: _with_field(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        mine = merged.get(key)
        merged[key] = {**mine, **value} if isinstance(mine, dict) and isinstance(value, dict) else value
    return merged


def _without_long_words(value: Any) -> Any:
    """Hide every long word of an answer that hands out tokens: an opaque token has no shape to know it by."""
    if isinstance(value, dict):
        return {key: _without_long_words(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_long_words(one) for one in value]
    return HIDDEN if isinstance(value, str) and _LONG_WORD.match(value) else value
