"""Signing in, refreshing and signing out on a service that the descriptor describes, and the controls for it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from stackproof.accounts.credentials import Credentials, credentials_of, new_password
from stackproof.check import not_applicable, not_assessed
from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.places import Endpoint
from stackproof.evidence import Recorder, Redactor
from stackproof.target.clients import with_client
from stackproof.target.http import Answer, HttpClient
from stackproof.target.messages import filled_in, merged, padded, tampered, token_at, with_field
from stackproof.target.messenger import Messenger
from stackproof.target.proofs import Proofs
from stackproof.target.replies import Reply, Tokens, told
from stackproof.target.turns import good_token_refused

# A token by its looks (RFC 7519, section 3.1), signed by nobody: {"alg":"HS256","typ":"JWT"} . {} . zeros
GARBAGE = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


class Session:
    """The authentication of one base URL.

    Args:
        descriptor: has an `[auth]` table.
        base_url: the service, or an instance of it whose clock can be moved.
        credentials: of another account than the descriptor's.
        proofs: what a session that shares its tokens with this one was handed beside them.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        http: HttpClient,
        recorder: Recorder,
        redactor: Redactor,
        base_url: str,
        credentials: Credentials | None = None,
        proofs: Proofs | None = None,
    ) -> None:
        if descriptor.auth is None:
            not_assessed("the descriptor has no [auth] table, so nobody can sign in")
        self.auth: Auth = with_client(descriptor.auth, redactor)
        self._descriptor = descriptor
        self._http = http
        self._recorder = recorder
        self._redactor = redactor
        self._base_url = base_url
        self._proofs = Proofs() if proofs is None else proofs
        self._messenger = Messenger(self.auth, http, recorder, redactor, base_url, self._proofs)
        self._credentials = credentials or credentials_of(descriptor.accounts)
        redactor.learn(self._credentials.password)

    @property
    def username(self) -> str:
        """The credential that the account signs in with."""
        return self._credentials.username

    @property
    def http(self) -> HttpClient:
        """The client that its messages go through."""
        return self._http

    @property
    def base_url(self) -> str:
        """The service, or the instance of it."""
        return self._base_url

    def conceal(self, *secrets: str) -> None:
        """Never show these; short ones are no secrets."""
        self._redactor.learn(*(one for one in secrets if len(one) >= 16))

    def is_password(self, text: str) -> bool:
        """Whether a text is the account's password, which is not given out."""
        return text == self._credentials.password

    def password_digests(self) -> dict[str, str]:
        """{digest of the account's password, in hexadecimal: its name}: what storage without salt would look like."""
        password = self._credentials.password.encode()
        names = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
        return {hashlib.new(name, password, usedforsecurity=False).hexdigest(): name for name in names}

    def on_new_connections(self, within: float = math.inf) -> Session:
        """The same session over connections of its own, on which an answer is waited for that many seconds at most."""
        return self._like(self._http.fresh(within), self._base_url, self._credentials)

    def as_account(self, credentials: Credentials) -> Session:
        """Another account on the same service."""
        return self._like(self._http, self._base_url, credentials)

    def at(self, base_url: str) -> Session:
        """The same account at another base URL of the service."""
        return self._like(self._http, base_url, self._credentials)

    def quietly(self) -> Session:
        """The same session, whose exchanges do not become evidence; secrets in them are learnt all the same."""
        return self._like(self._http, self._base_url, self._credentials, Recorder(self._redactor))

    def without_proofs(self) -> Session:
        """The same session, which sends no proof of where its requests come from ([auth.csrf])."""
        bare = self._descriptor.model_copy(update={"auth": self.auth.model_copy(update={"csrf": None})})
        return Session(bare, self._http, self._recorder, self._redactor, self._base_url, self._credentials)

    def _like(
        self, http: HttpClient, base_url: str, credentials: Credentials, recorder: Recorder | None = None
    ) -> Session:
        recorder = self._recorder if recorder is None else recorder
        return Session(self._descriptor, http, recorder, self._redactor, base_url, credentials, self._proofs)

    # -- operations ----------------------------------------------------------------------------------------

    def login(self, on_sent: Callable[[], None] | None = None) -> Tokens:
        """Sign in.

        Args:
            on_sent: called once the request is on its way.

        Raises:
            NotAssessed: the login was answered with no access token, or with neither a 2xx nor a redirect.
        """
        login = self.auth.login
        answer = self.try_login(on_sent)
        tokens = self._messenger.tokens_in(answer, login.access, login.refresh)
        if answer.status == 429:
            not_assessed(
                f"{answer.describe()}: the service throttles logins longer than a run may wait; say its limit as "
                "logins_per_minute under [auth], and give the run time (--budget 30m)"
            )
        if not (answer.ok or self.signed_in(answer)):  # whether a cookie of a redirect opens anything, controls show
            not_assessed(f"{answer.describe()}: the account could not sign in")
        if not tokens.access:
            not_assessed(f"{answer.describe()}, and no access token was found at {login.access!r}")
        return tokens

    def try_login(self, on_sent: Callable[[], None] | None = None) -> Answer:
        """Sign in, whatever the answer is."""
        login, credentials = self.auth.login, self._credentials
        body = with_field(login.extra, login.username_field, credentials.username)
        body = with_field(body, login.password_field, credentials.password)
        answer = self._messenger.send(login, body=body, on_sent=on_sent, **self._messenger.csrf_proof())
        self._messenger.tokens_in(answer, login.access, login.refresh)
        self._messenger.record(answer, "sign in")
        return answer

    def try_wrong_login(self, username: str = "", *, quiet: bool = False) -> Answer:
        """Sign in with a password that is wrong, as this account or as another name; never waits for a throttle.

        Args:
            quiet: leave no evidence; for many of them.
        """
        login, password = self.auth.login, new_password()
        self._redactor.learn(password)
        body = with_field(login.extra, login.username_field, username or self._credentials.username)
        body = with_field(body, login.password_field, password)
        answer = self._messenger.send(login, body=body, patient=False, **self._messenger.csrf_proof())
        self._messenger.tokens_in(answer, login.access, login.refresh)
        if not quiet:
            self._messenger.record(answer, "sign in with a wrong password")
        return answer

    def try_padded_login(self, padding: int) -> Answer:
        """Sign in with so many bytes more in the body than it needs; whatever the answer is, without its body."""
        login = self.auth.login
        body = with_field(login.extra, login.username_field, self._credentials.username)
        content, kind = padded(
            with_field(body, login.password_field, self._credentials.password), login.format, padding
        )
        proof = merged({"headers": {"Content-Type": kind}}, self._messenger.csrf_proof())
        answer = self._messenger.send(login, content=content, **proof)
        self._messenger.tokens_in(answer, login.access, login.refresh)
        self._recorder.add("exchange", f"sign in with {padding} bytes of padding: {answer.describe()}")
        return answer

    def access_in(self, answer: Answer) -> str:
        """The access token that a login's answer carries, or ""."""
        return token_at(answer, self.auth.login.access, self.auth)

    def signed_in(self, answer: Answer) -> bool:
        """Whether a login's answer carries an access token, in a 2xx or, as after a form, in a redirect."""
        return (answer.ok or 300 <= answer.status < 400) and bool(self.access_in(answer))

    def refresh(self, refresh_token: str, *, patient: bool = True) -> Reply:
        """Exchange a refresh token for new tokens."""
        refresh = self.auth.refresh
        if refresh is None:
            self._without_refresh()
        request = self._messenger.carrying(refresh, refresh.token, refresh_token, "refresh")
        answer = self._messenger.send(refresh, patient=patient, **request)
        access = refresh.access or self.auth.login.access
        named = refresh.refresh or self.auth.login.refresh
        tokens = self._messenger.tokens_in(answer, access, named, used=refresh_token)
        self._messenger.record(answer, "exchange a refresh token")
        return told(answer, self.auth, tokens)

    def logout(self, tokens: Tokens) -> Reply:
        """End the session of those tokens."""
        logout = self.auth.logout
        if logout is None:
            not_assessed("the descriptor names no [auth.logout] operation")
        if logout.token:
            request = self._messenger.carrying(logout, logout.token, tokens.refresh, "refresh")
        else:
            proof = self._messenger.csrf_proof("access", tokens.access)
            request = merged({"body": dict(logout.extra) or None}, proof)
        if logout.send_access:
            request = merged(request, self._messenger.access(tokens.access))
            request = merged(request, self._messenger.proof_of_cookie(tokens.access))
        answer = self._messenger.send(logout, **request)
        self._messenger.record(answer, "sign out")
        reply = told(answer, self.auth)
        return replace(reply, accepted=True, refused=False) if answer.status in {302, 303} else reply  # it leads on

    def protected(self, access_token: str | None) -> Reply:
        """Read the protected resource with an access token, or with none."""
        carried = self._messenger.access(access_token) if access_token is not None else {}
        protected = self.auth.protected
        request = merged({"body": protected.extra or None}, carried)
        answer = self._messenger.send(protected, **request)
        self._messenger.record(answer, "read the protected resource")
        return told(answer, self.auth)

    def verify(self, token: str) -> Reply:
        """Ask the service's own operation whether a token is good."""
        verify = self.auth.verify
        if verify is None:
            not_assessed("the descriptor names no [auth.verify] operation")
        answer = self._messenger.send(verify, **self._messenger.carrying(verify, verify.token, token, "access"))
        self._messenger.record(answer, "verify a token")
        return told(answer, self.auth)

    def protected_with(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: bool = False,
    ) -> Reply:
        """Read the protected resource with exactly what is given, the access token not added to it."""
        protected = self.auth.protected.model_copy(update={"format": "form"} if form else {})
        given = {"headers": headers or {}, "cookies": cookies or {}, "body": body}
        answer = self._messenger.send(protected, query=query, **merged({"body": protected.extra or None}, given))
        self._messenger.record(answer, "read the protected resource")
        return told(answer, self.auth)

    def change_password(self, tokens: Tokens, new: str) -> Reply:
        """Change the account's password by the service's own operation; for disposable accounts alone."""
        change = self.auth.password_change
        if change is None:
            not_assessed("the descriptor names no [auth.password_change] operation")
        self._redactor.learn(new)
        body: dict[str, Any] = dict(change.extra)
        for name, value in (
            (change.old_field, self._credentials.password),
            (change.new_field, new),
            (change.repeat_field, new),
        ):
            body = with_field(body, name, value) if name else body
        answer = self._messenger.send(
            change,
            **merged(
                merged({"body": body}, self._messenger.access(tokens.access)),
                self._messenger.csrf_proof("access", tokens.access),
            ),
        )
        self._messenger.record(answer, "change the password")
        return told(answer, self.auth)

    def wait_a_while(self, access_token: str, on_sent: Callable[[], None]) -> None:
        """Keep the service busy for a moment: the operation of [auth.wait], else a login (hashing takes its time).

        `on_sent` is called once the request is on its way.
        """
        wait = self.auth.wait
        if wait is None:
            self.login(on_sent)
            return
        answer = self._messenger.send(
            wait, on_sent=on_sent, **merged({"body": wait.extra or None}, self._messenger.access(access_token))
        )
        self._messenger.record(answer, "wait")

    def call(self, endpoint: Endpoint, access_token: str, **values: str) -> Answer:
        """Use any operation as the signed-in account; `{name}` in its path is filled in, percent-encoded."""
        filled = filled_in(endpoint, values)
        message = merged({"body": filled.extra or None}, self._messenger.access(access_token))
        if filled.method != "GET":
            message = merged(message, self._messenger.csrf_proof("access", access_token))
        answer = self._messenger.send(filled, **message)
        self._messenger.record(answer, "use an operation")
        return answer

    def fetch(self, path: str) -> Answer:
        """Read a path or URL of the service as anybody may."""
        answer = self._messenger.send(Endpoint(path=path, method="GET"))
        self._messenger.record(answer, "read what is public")
        return answer

    def carrying(self, access_token: str) -> dict[str, Any]:
        """The headers, cookies or body of a request that carry an access token."""
        return self._messenger.access(access_token)

    def proof(self, access_token: str) -> dict[str, Any]:
        """The parts beside that token that prove where a request comes from, as [auth.csrf] has it; {} for none."""
        return self._messenger.csrf_proof("access", access_token)

    # -- controls ------------------------------------------------------------------------------------------

    def control_protected(self, tokens: Tokens) -> None:
        """A good access token is accepted and a garbage one refused, or the check is not assessed."""
        good = self.protected(tokens.access)
        if not good.accepted:
            good_token_refused(good, lambda: self.protected(tokens.access))
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
