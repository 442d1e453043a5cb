"""An error that nobody handles, raised inside of the service's own code, and what leaves its process then.

The service's own interpreter, settings and request handler run in a process of the harness, with one more URL whose
view raises. A receiver on loopback stands in for the server that errors are reported to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stackproof.check import not_applicable, not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.observability.canaries import Canaries, Found, new_canary, new_token
from stackproof.observability.receiver import Received, Receiver
from stackproof.target.boots import Boots
from stackproof.target.messages import with_field
from stackproof.target.project import ProjectView

PACKAGE = "sentry-sdk"
RAISED = "StackproofProbeError"
PARTS = {
    "header": "the token of the Authorization header",
    "cookie": "the session's cookie",
    "body": "the password in the body",
    "local": "a local variable named password",
    "query": "the token in the query string",
}
_cache: dict[tuple[str, str, bool], Raised] = {}


@dataclass(frozen=True, slots=True)
class Raised:
    """What came of it.

    Attributes:
        status: of the answer; 0 where the exception came out of the handler.
        sdk: what the SDK says of itself; empty where nothing imported it.
        strange: (host, port) that the process tried to reach and that its settings do not name.
        output: what it logged on its standard streams.
        received: what the receiver got.
        secrets: {part of the request: its canary}.
    """

    status: int
    sdk: Mapping[str, Any]
    strange: tuple[str, ...]
    output: bytes
    received: tuple[Received, ...]
    secrets: Mapping[str, str]

    @property
    def reported(self) -> bool:
        """Whether an event about the very exception arrived."""
        return any(RAISED in one.exceptions() for one in self.received)

    def described(self) -> dict[str, Any]:
        """As evidence, without anything that was sent or logged."""
        kinds = [item.kind for one in self.received for item in one.items()]
        return {"status": self.status, "sdk": dict(self.sdk), "received": kinds, "strange": list(self.strange)}


class Raising:
    """Raises the error, once with a DSN and once without in a process of the run.

    Raises:
        NotAssessed: the service's code cannot be run like that; the reason is what it said.
        NotApplicable: the service reports no errors, by its descriptor.
    """

    def __init__(self, descriptor: Descriptor, project: ProjectView, recorder: Recorder, redactor: Redactor) -> None:
        self._descriptor = descriptor
        self._project = project
        self._recorder = recorder
        self._redactor = redactor

    def needs_reporting(self) -> None:
        """End the check where the service reports no errors, or nobody says how it is configured."""
        if f"version.{PACKAGE}" in self._project.unused:
            not_applicable(f"project.unused names version.{PACKAGE}: the service reports no errors to it")
        if self._descriptor.errors is None:
            if PACKAGE not in self._project.installed():
                not_applicable(f"{PACKAGE} is optional and not installed, and stackproof.toml has no [errors] table")
            not_assessed("stackproof.toml has no [errors] table: dsn_env names the variable that holds Sentry's DSN")

    def with_dsn(self) -> Raised:
        """With the receiver's DSN in the service's variable."""
        return self._raised(configured=True)

    def without_dsn(self) -> Raised:
        """With that variable taken out, everything logged, and a sign-in with a wrong password before it."""
        return self._raised(configured=False)

    def leaked(self, raised: Raised, texts: Mapping[str, bytes]) -> list[Found]:
        """The canaries of the request that stand in texts by name."""
        canaries = Canaries(self._redactor)
        for part, secret in raised.secrets.items():
            canaries.add(PARTS.get(part, part), secret)
        return canaries.inside(texts)

    def _raised(self, *, configured: bool) -> Raised:
        variable = self._descriptor.errors.dsn_env if self._descriptor.errors else "SENTRY_DSN"
        key = (self._project.identity, variable, configured)
        if key not in _cache:
            _cache[key] = self._run(variable, configured=configured)
        raised = _cache[key]
        self._redactor.learn(*raised.secrets.values())
        way = f"{variable} names the receiver" if configured else f"{variable} is not set"
        self._recorder.add(
            "command", f"an error was raised inside the service, and {way}: {raised.status}", **raised.described()
        )
        return raised

    def _run(self, variable: str, *, configured: bool) -> Raised:
        secrets = {part: new_token() if part == "header" else new_canary() for part in PARTS}
        wrong = new_canary()
        self._redactor.learn(*secrets.values(), wrong)
        with Receiver() as receiver:
            if not receiver.answers():
                not_assessed("the receiver that stands in for Sentry does not answer itself on 127.0.0.1")
            plan = {
                "host": urlsplit(self._descriptor.target.base_url).netloc,
                "headers": dict(self._descriptor.target.headers),
                "secrets": secrets,
                "requests": [] if configured else self._sign_in(wrong),
                "reachable": [["127.0.0.1", receiver.port]] if configured else [],
                "verbose": not configured,
            }
            given = {variable: receiver.dsn} if configured else {}
            change = Boots(without=frozenset({variable, "SENTRY_DSN"}) - given.keys(), given=given)
            answer = self._project.ask_with(change, "raised_error", json.dumps(plan))
            received = tuple(receiver.received)
        if not answer["reached"]:
            ended = f"{answer['status']}{answer['raised'] and f', {answer["raised"]}'}"
            not_assessed(
                "a request to a URL that was added to the service's own did not come to its view "
                f"({answer['handler']} answered {ended}): something before it answers"
            )
        strange = [f"{host}:{port}" for host, port in (*answer["beyond"], *answer["refused"])]
        return Raised(
            status=int(answer["status"]),
            sdk=answer["sdk"],
            strange=tuple(strange[:20]),
            output=str(answer["output"]).encode(),
            received=received,
            secrets=secrets if configured else {**secrets, "the password of a sign-in": wrong},
        )

    def _sign_in(self, password: str) -> list[dict[str, Any]]:
        """A sign-in with a wrong password, as the descriptor says that it is done."""
        auth = self._descriptor.auth
        if auth is None or auth.login.format != "json" or not auth.login.path.startswith("/"):
            return []
        body = with_field(auth.login.extra, auth.login.username_field, "nobody@stackproof.example")
        body = with_field(body, auth.login.password_field, password)
        path = urlsplit(self._descriptor.target.base_url).path.rstrip("/") + auth.login.path
        headers = {**auth.login.headers, **self._descriptor.target.headers}
        return [{"method": auth.login.method, "path": path, "headers": headers, "body": json.dumps(body)}]
