"""The service's WebSocket: tokens where they belong, what came of each try, and the controls for it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from websockets.uri import WebSocketURI

from stackproof.check import not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.sense import TOKEN
from stackproof.descriptor.websocket import WebSocket
from stackproof.evidence import Recorder, Redactor
from stackproof.expect import Expect
from stackproof.target.http import HttpClient, NoAnswer, tls_context
from stackproof.target.messages import UNDECIDED, in_cookie, tampered, with_field
from stackproof.target.session import GARBAGE
from stackproof.target.websocket import Connection, Handshake, Refusal, connect
from stackproof.tokens.gates import NONSENSE
from stackproof.tokens.looks import Forgery, Look, Outcome

SETTLES_WITHIN = 3.0  # seconds in which a service greets a client, or sends it away
AT_LONGEST = 10.0  # seconds of the same for a client with a good token, and before anybody is accused
ANSWERS_WITHIN = 5.0  # seconds for the answer to a ping
TOLD = frozenset({1008, 3000, 3003})  # policy violation, unauthorized, forbidden (IANA's registry); and 4000 to 4999
BROKEN = frozenset({1011, 1012, 1013, 1014})  # the server's own trouble
GREETINGS = 20  # messages after the handshake that are looked at
SHOWN_MESSAGE = 200  # characters of a message that become evidence


@dataclass(frozen=True, slots=True)
class Knock:
    """What came of a handshake: an open connection, a refusal, or trouble."""

    connection: Connection | None = None
    refusal: Refusal | None = None
    trouble: str = ""

    def described(self) -> str:
        """One line."""
        if self.refusal is not None:
            told = f", and {self.refusal.trouble}" if self.refusal.trouble else ""
            return f"the handshake was answered {self.refusal.status}{told}"
        return self.trouble or "the handshake was accepted"


class Sockets:
    """The WebSocket that `[websocket]` describes, at one base URL of the service.

    Raises:
        NotAssessed: it has no address there.
    """

    def __init__(
        self, descriptor: Descriptor, http: HttpClient, recorder: Recorder, redactor: Redactor, base_url: str = ""
    ) -> None:
        if descriptor.websocket is None:
            not_assessed("stackproof.toml has no [websocket] table")
        self.about: WebSocket = descriptor.websocket
        self.base_url = base_url or descriptor.target.base_url
        self._descriptor = descriptor
        self._http = http
        self._recorder = recorder
        self._redactor = redactor
        self._greetings: set[str] = set()
        whole = urlsplit(self.about.path).scheme in {"ws", "wss"}
        if whole and self.base_url != descriptor.target.base_url:
            not_assessed(f"websocket.path is a whole URL, so the socket of {self.base_url} is not known")

    def at(self, base_url: str) -> Sockets:
        """The same socket at another base URL of the service."""
        return Sockets(self._descriptor, self._http, self._recorder, self._redactor, base_url)

    # -- handshakes ----------------------------------------------------------------------------------------

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return tls_context(self._descriptor.target)

    def uri(self, path: str = "", query: Mapping[str, str] | None = None) -> WebSocketURI:
        """The socket's address, or that of another path of the same service."""
        parts = urlsplit(self.about.path)
        if parts.scheme not in {"ws", "wss"}:
            base = urlsplit(self.base_url)
            scheme = "wss" if base.scheme == "https" else "ws"
            parts = urlsplit(f"{scheme}://{base.netloc}{base.path.rstrip('/')}/{(path or self.about.path).lstrip('/')}")
        elif path:
            parts = urlsplit(f"{parts.scheme}://{parts.netloc}{path}")
        secure = parts.scheme == "wss"
        asked = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *(query or {}).items()])
        return WebSocketURI(secure, parts.hostname or "", parts.port or (443 if secure else 80), parts.path, asked)

    def knock(
        self,
        what: str,
        token: str | None,
        *,
        origin: str | None = None,
        path: str = "",
        query: Mapping[str, str] | None = None,
        replaced: Mapping[str, str | None] | None = None,
        small_buffer: bool = False,
    ) -> Knock:
        """Try to open it.

        Args:
            what: of the try, for the evidence: "with a refresh token".
            token: None for none.
            origin: "" for none; default: that of `[websocket]`.
            path: of the same service, in place of the socket's own.
            query: parameters beside the token.
            replaced: headers of the handshake that are sent otherwise.
        """
        carried = self._carried(token)
        uri = self.uri(path, {**carried.get("query", {}), **(query or {})})
        headers = {**self._descriptor.target.headers, **carried.get("headers", {})}
        handshake = Handshake(
            uri,
            self._descriptor.target.resolve.get(uri.host, ""),
            headers,
            self.about.origin if origin is None else origin,
            carried.get("subprotocols", ()),
            replaced or {},
            small_buffer,
        )
        self._http.admit(f"wss://{uri.host}:{uri.port}")
        limit = min(self._descriptor.target.timeout, max(self._http.remaining(), 0.1))
        try:
            came = connect(handshake, self._context if uri.secure else None, limit)
            knock = Knock(came) if isinstance(came, Connection) else Knock(refusal=came)
        except NoAnswer as error:
            knock = Knock(trouble=str(error))
        if knock.connection is not None and "message" in carried:
            knock.connection.send(json.dumps(carried["message"]))
        self._keep(what, knock, handshake)
        return knock

    @contextmanager
    def opened(self, token: str, what: str = "with a fresh access token", **options: Any) -> Iterator[Connection]:
        """A connection of a signed-in client, greeted, for as long as the context lasts.

        Raises:
            NotAssessed: it does not open.
        """
        knock = self.knock(what, token, **options)
        if knock.connection is None:
            not_assessed(f"control failed: {what} {knock.described()}")
        try:
            look = self._watch(what, knock.connection, 0, good=True)
            if look.outcome is not Outcome.ACCEPTED:
                not_assessed(f"control failed: {what} {look.described}")
            yield knock.connection
        finally:
            knock.connection.close()

    # -- verdicts ------------------------------------------------------------------------------------------

    def look(self, what: str, token: str | None, *, good: bool = False, settles: float = 0, **options: Any) -> Look:
        """Try to open it, and tell acceptance, refusal and break-down apart.

        Args:
            good: the token is good, and how the service greets it is remembered.
            settles: seconds in which the service greets a client, or sends it away; default: `SETTLES_WITHIN`.
            options: those of `knock`.
        """
        knock = self.knock(what, token, **options)
        if knock.connection is None:
            return _of_refusal(what, knock)
        try:
            look = self._watch(what, knock.connection, settles, good=good)
        finally:
            knock.connection.close()
        self._recorder.add("handshake", f"{what}: {look.described}", outcome=look.outcome.value)
        return look

    def control(self, token: str, **options: Any) -> None:
        """A good token opens it, or the check is not assessed: no refusal would mean anything."""
        look = self.look("with a fresh access token", token, good=True, **options)
        if look.outcome is not Outcome.ACCEPTED:
            not_assessed(f"control failed: with a fresh access token {look.described}, so no refusal means anything")

    def is_open(self, connection: Connection) -> bool:
        """Whether a connection of a signed-in client still answers: the service itself where it can be asked."""
        if self.about.ping:
            return connection.send(self.about.ping) and self._hears(connection, self.about.pong, ANSWERS_WITHIN)
        return connection.ping(ANSWERS_WITHIN)

    def _watch(self, what: str, connection: Connection, settles: float, *, good: bool) -> Look:
        """What a client meets after the handshake."""
        about, settles = self.about, settles or SETTLES_WITHIN
        asked = about.hello or about.pong
        if about.ping and not about.hello:
            connection.send(about.ping)
        if asked and self._hears(connection, asked, AT_LONGEST if good else settles):
            return Look(what, Outcome.ACCEPTED, f"it was opened, and the service answered {asked[:60]!r}")
        heard = [] if asked else list(islice(connection.messages(settles), GREETINGS))
        closing = connection.ended(settles if len(heard) == GREETINGS else 0.05)
        if closing is not None:
            return Look(what, _of_code(closing.code), f"it was opened and {closing.describe()}", closing.code)
        if not connection.ping(ANSWERS_WITHIN):
            return Look(what, Outcome.UNCLEAR, "it was opened, and then answered no ping")
        stays = f"it was opened and is so after {settles:g} s"
        if asked:
            return Look(what, Outcome.UNCLEAR, f"{stays}, but the service did not say {asked[:60]!r}")
        if about.token.startswith("message:"):
            return Look(what, Outcome.UNCLEAR, f"{stays}, which tells nothing where the token comes in a message: "
                        "write websocket.hello, or ping and pong")  # fmt: skip
        shapes = {_shape(one) for one in heard}
        if good:
            self._greetings |= shapes
        elif shapes - self._greetings:
            return Look(what, Outcome.UNCLEAR, f"{stays}, and was told what a good one is not: websocket.hello helps")
        return Look(what, Outcome.ACCEPTED, stays)

    def _hears(self, connection: Connection, text: str, within: float) -> bool:
        for message in connection.messages(within):
            self._recorder.add("handshake", f"message: {message[:SHOWN_MESSAGE]}")
            if text in message:
                return True
        return False

    # -- messages ------------------------------------------------------------------------------------------

    def _carried(self, token: str | None) -> dict[str, Any]:
        """The parts of a handshake that carry a token, as `websocket.token` says."""
        kind, _, name = self.about.token.partition(":")
        if token is None:
            return {"message": self.about.extra} if kind == "message" else {}
        if len(token) >= 16:
            self._redactor.learn(token, quote(token, safe=""))
        if kind == "header":
            auth = self._descriptor.auth
            own = {"authorization", auth.carrier.partition(":")[2].lower() if auth else ""}
            scheme = auth.scheme if auth and name.lower() in own else ""
            return {"headers": {name: f"{scheme} {token}" if scheme else token}}
        if kind == "cookie":
            return {"headers": {"Cookie": f"{name}={in_cookie(token, self._descriptor.auth)}"}}
        if kind == "query":
            return {"query": {name: token}}
        if kind == "message":
            return {"message": with_field(self.about.extra, name, token)}
        if not TOKEN.fullmatch(token):
            not_assessed("the token has characters that no subprotocol may have (RFC 6455, section 4.1)")
        return {"subprotocols": [name, token] if name else [token]}

    def _keep(self, what: str, knock: Knock, handshake: Handshake) -> None:
        """Leave the handshake in the evidence; the query's values stay out of it."""
        uri = handshake.uri
        answer: dict[str, Any] = {}
        if knock.refusal is not None:
            answer = {"headers": dict(knock.refusal.headers), "body": knock.refusal.body}
        elif knock.connection is not None:
            answer = {"headers": dict(list(knock.connection.response.headers.raw_items())[:30])}
        self._recorder.add(
            "handshake",
            f"{what}: {knock.described()}",
            url=f"{'wss' if uri.secure else 'ws'}://{uri.host}:{uri.port}{uri.path}",
            query=[name for name, _ in parse_qsl(uri.query, keep_blank_values=True)],
            origin=handshake.origin,
            sent=sorted(handshake.headers),
            answer=answer,
        )


def expect_socket_refused(sockets: Sockets, expect: Expect, what: str, token: str | None, **options: Any) -> Look:
    """The socket does not open with this token, or from this origin; the control is the caller's.

    Raises:
        Violation: it opened, twice.
        NotAssessed: it was not seen to be refused.
    """
    look = sockets.look(what, token, **options)
    if look.outcome is Outcome.ACCEPTED:
        look = sockets.look(f"{what}, once more", token, settles=AT_LONGEST, **options)
    if look.outcome is not Outcome.ACCEPTED and look.outcome is not Outcome.REFUSED:
        not_assessed(f"{what} {look.described}, which is no clear refusal")
    expect.holds(
        look.outcome is Outcome.REFUSED,
        expected=f"the WebSocket to be refused {what}",
        seen=f"{what} {look.described}",
    )
    return look


def bad_tokens(access: str) -> list[Forgery]:
    """Tokens that the service did not issue; the last one is a good one with a character changed."""
    return [
        Forgery("a garbage token", GARBAGE),
        Forgery("a token without any shape", NONSENSE),
        Forgery("a good token in which a character was changed", tampered(access)),
    ]


def refusal_is_told(look: Look) -> bool:
    """Whether a refused client learns that it is: by an HTTP error, or a close code that says so."""
    return 400 <= look.status < 500 or look.status in TOLD or 4000 <= look.status <= 4999


def _of_refusal(what: str, knock: Knock) -> Look:
    refusal = knock.refusal
    if refusal is None:
        return Look(what, Outcome.CLOSED, knock.trouble)
    status = refusal.status
    if refusal.trouble:
        outcome = Outcome.UNCLEAR
    elif 300 <= status < 500 and status not in UNDECIDED:
        outcome = Outcome.REFUSED
    else:
        outcome = Outcome.BROKEN if status >= 500 else Outcome.UNCLEAR
    return Look(what, outcome, knock.described(), status)


def _of_code(code: int) -> Outcome:
    """An end right after the handshake refuses, save one without a close frame or for the server's own trouble."""
    if code in BROKEN:
        return Outcome.BROKEN
    return Outcome.CLOSED if code == 1006 else Outcome.REFUSED


def _shape(message: str) -> str:
    """The kind of a message: the fields of an object and its type, else nothing."""
    try:
        data = json.loads(message)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(data, dict):
        return ""
    return " ".join([*sorted(map(str, data)), str(data.get("type"))[:40]])
