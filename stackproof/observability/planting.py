"""Secrets handed to the service in every way in which clients hand it some, to be searched for in its log."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from stackproof.accounts.credentials import Credentials, credentials_of
from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.model import Descriptor, from_environment
from stackproof.evidence import Recorder, Redactor
from stackproof.observability.canaries import Canaries, new_canary, new_token
from stackproof.target.http import Answer, HttpClient, Request
from stackproof.target.project import variables_in
from stackproof.target.views import redis_url

if TYPE_CHECKING:
    from stackproof.target.session import Session

LONG_ENOUGH = 12  # characters of a DSN's password that is searched for without its surroundings


class Planting:
    """Hands secrets to the service; each is added to `canaries` before it is sent."""

    def __init__(
        self, descriptor: Descriptor, http: HttpClient, recorder: Recorder, redactor: Redactor, session: Session | None
    ) -> None:
        self._descriptor = descriptor
        self._http = http
        self._recorder = recorder
        self._redactor = redactor
        self._session = session
        self.canaries = Canaries(redactor)

    @property
    def session(self) -> Session:
        """The account's session.

        Raises:
            NotAssessed: nobody can sign in.
        """
        if self._session is None:
            not_assessed("the descriptor has no [auth] table or no account, so nobody can sign in")
        return self._session

    def passwords(self) -> None:
        """The right one, a wrong one, one in a body that is no JSON, one of HTTP's Basic scheme."""
        session, add = self.session, self.canaries.add
        own = credentials_of(self._descriptor.accounts)
        add("the account's password", own.password)
        session.login()
        wrong = add("a wrong password", new_canary())
        session.as_account(Credentials(own.username, wrong)).try_login()
        broken = add("a password in a body that is no JSON", new_canary())
        login = session.auth.login
        if login.path.startswith("/"):
            text = json.dumps({login.username_field: own.username, login.password_field: broken})[:-1] + ", "
            self._send(Request(login.method, self._url(login.path), headers=_JSON, content=text.encode()))
        basic = add("a password of HTTP's Basic scheme", new_canary())
        pair = add("the pair of HTTP's Basic scheme", base64.b64encode(f"stackproof:{basic}".encode()).decode())
        self._quietly(lambda: session.protected_with(headers={"Authorization": f"Basic {pair}"}))

    def tokens(self) -> None:
        """Good ones where they belong, worthless ones there and in the query string."""
        session, add, auth = self.session, self.canaries.add, self.session.auth
        tokens = session.login()
        add("an access token", tokens.access)
        add("a refresh token", tokens.refresh)
        session.protected(tokens.access)
        bad = add("an access token that is refused", new_token())
        self._quietly(lambda: session.protected(bad))
        query = {name: add(f"a token in the query string (?{name}=)", make()) for name, make in _QUERY.items()}
        if auth.query_token:
            query[auth.query_token] = add("a token in the promised parameter of the query string", new_token())
        self._quietly(lambda: session.protected_with(query=query))
        if auth.refresh:
            worthless = add("a refresh token that is refused", new_token())
            self._quietly(lambda: session.refresh(worthless))
            reply = session.refresh(tokens.refresh)
            if reply.tokens:
                add("an access token from a refresh", reply.tokens.access)
                add("a refresh token from a refresh", reply.tokens.refresh)
                tokens = reply.tokens
        if auth.logout:
            session.logout(tokens)
        self._socket()

    def _socket(self) -> None:
        """The handshake of a WebSocket with a worthless token in the query string, where that is its place."""
        socket = self._descriptor.websocket
        if socket is None or not socket.token.startswith("query:") or not socket.path.startswith("/"):
            return
        token = self.canaries.add("a token in the query string of a WebSocket", new_token())
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        upgrade |= {"Sec-WebSocket-Key": base64.b64encode(b"stackproof-stack").decode()}
        upgrade |= {"Origin": socket.origin} if socket.origin else {}
        name = socket.token.removeprefix("query:")
        self._send(Request("GET", self._url(socket.path), headers=upgrade, query={name: token}))

    def cookies(self) -> None:
        """Those that the service sets at a login, and others under names that sessions have."""
        session, add = self.session, self.canaries.add
        tokens = session.login()
        for name, value in tokens.answer.cookies.items():
            if len(value) >= 16:
                add(f"the cookie {name} that a login set", value)
        sent = {name: add(f"a cookie named {name}", new_canary()) for name in _COOKIES}
        own = tokens.answer.cookies
        self._quietly(lambda: session.protected_with(cookies={**own, **sent}))
        self._send(Request("GET", self._url("/stackproof-cookies"), cookies=sent))

    def addresses(self) -> list[str]:
        """Names of what is added: passwords in DSNs of the descriptor and of the service itself, the key of tokens."""
        described = self._descriptor
        postgres = described.postgres
        dsns = {
            "the DSN of PostgreSQL": postgres.own_dsn if postgres else "",
            "the URL of the cache": redis_url(described.redis.cache),
            "the URL of the broker": redis_url(described.redis.broker),
            **self._of_the_service(),
        }
        for what, dsn in dsns.items():
            with suppress(ValueError):
                parts = urlsplit(dsn)
                written = parts.password or ""
                others = f"{parts.username} {parts.hostname} {parts.path}"
                for password in {written, unquote(written)} if written else ():
                    alone = len(password) >= LONG_ENOUGH and password not in others
                    self.canaries.add(f"the password in {what}", password if alone else f":{password}@")
        key = described.auth.signing_key if described.auth else None
        for name in (key.env if key.file is None else "", key.refresh_env) if key else ():
            if name and len(from_environment(name)) >= LONG_ENOUGH:
                self.canaries.add("a key that signs tokens", from_environment(name))
        return self.canaries.names

    def _of_the_service(self) -> dict[str, str]:
        """Addresses in the file of the service's own variables, whose users need not be the descriptor's."""
        file = self._descriptor.project.env_file if self._descriptor.project else None
        with suppress(NotAssessed):
            return {f"{one} of {file.name}": text for one, text in variables_in(file).items() if file and "://" in text}
        return {}

    def read(self, access_token: str, headers: Mapping[str, str]) -> Answer:
        """Read the protected resource with more headers, as the account or, without a token, as nobody."""
        session = self.session
        carried = session.carrying(access_token) if access_token else {}
        sent = {**dict(carried.get("headers", {})), **headers}
        given = {"cookies": carried.get("cookies", {}), "body": carried.get("body")}
        return session.protected_with(headers=sent, **given).answer

    def _quietly(self, act: Callable[[], object]) -> None:
        """What is refused, reset or never answered is as good: the log is what is looked at."""
        with suppress(NotAssessed):
            act()

    def _send(self, request: Request) -> None:
        with suppress(NotAssessed):
            answer = self._http.send(request, patient=False)
            self._recorder.add("exchange", answer.describe(), **answer.as_evidence())

    def _url(self, path: str) -> str:
        return self._descriptor.target.base_url.rstrip("/") + path


_JSON = {"Content-Type": "application/json"}
_QUERY = {"token": new_canary, "access_token": new_token}  # one without a shape, one with
_COOKIES = ("sessionid", "access_token")
