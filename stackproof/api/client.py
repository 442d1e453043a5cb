"""The service's API as its own OpenAPI document describes it, and requests to it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from stackproof.api.openapi import Document, Found, find_document
from stackproof.api.operations import (
    SAFE,
    Operation,
    is_of_authentication,
    matches,
    may_be_used,
    operations_of,
    root_url,
)
from stackproof.check import not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.record import Record
from stackproof.evidence import Recorder
from stackproof.target.endpoints import PORTS, http_places
from stackproof.target.http import Answer, HttpClient, NoAnswer, Request
from stackproof.target.messages import merged
from stackproof.target.session import Session

_FOUND: WeakKeyDictionary[HttpClient, Found] = WeakKeyDictionary()  # looked for once in a process
_ERROR_WORDS = frozenset({"error", "fail", "failed", "failure", "unauthorized", "forbidden", "401", "403"})
SHOWN_BODY = 600  # characters


class Api:
    """One service's API.

    Args:
        session: None where nobody can sign in.
    """

    def __init__(
        self, descriptor: Descriptor, http: HttpClient, recorder: Recorder, session: Session | None = None
    ) -> None:
        self._descriptor = descriptor
        self._http = http
        self._recorder = recorder
        self.session = session

    @property
    def base_url(self) -> str:
        """The target's base URL, without a slash at its end."""
        return self._descriptor.target.base_url.rstrip("/")

    @property
    def record(self) -> Record | None:
        """What [record] says of something that may be made and deleted."""
        return self._descriptor.record

    @cached_property
    def carried(self) -> Mapping[str, Any]:
        """The headers, cookies or body that carry an access token; {} where nobody can sign in."""
        return self.session.carrying(self._access) if self.session else {}

    @cached_property
    def _access(self) -> str:
        return self.session.login().access if self.session else ""

    @cached_property
    def document(self) -> Document:
        """The service's OpenAPI document.

        Raises:
            NotAssessed: there is none, or none that can be read.
        """
        if self._http not in _FOUND:
            tries: list[Mapping[str, Any]] = [{}]
            described = self._descriptor.api.document
            found = find_document(self._http, self.base_url, described, tries)
            if found.document is None and self.session:
                found = find_document(self._http, self.base_url, described, [{}, self.carried])
            _FOUND[self._http] = found
        found = _FOUND[self._http]
        if found.document is None:
            not_assessed(found.reason)
        document = found.document
        self._recorder.add("exchange", f"GET {document.url} answers an OpenAPI document", version=document.version)
        return document

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """What the document describes and the descriptor does not exclude, authentication left out."""
        auth, api = self._descriptor.auth, self._descriptor.api
        return tuple(
            one
            for one in operations_of(self.document.data)
            if not matches(one, api.exclude) and not is_of_authentication(one, auth)
        )

    @cached_property
    def root(self) -> str:
        """The URL that the document's paths stand behind, on the target's own host."""
        return root_url(self.document.data, operations_of(self.document.data), self.base_url)

    def is_public(self, operation: Operation) -> bool:
        """Whether the descriptor promises the operation to everybody."""
        return matches(operation, self._descriptor.api.public)

    def may_be_used(self, operation: Operation) -> bool:
        """Whether made-up values leave the run's own account alone."""
        return may_be_used(operation, self._descriptor.auth)

    def proof(self, method: str) -> Mapping[str, Any]:
        """What a request brings along to prove where it comes from, where [auth.csrf] asks for it; asked for anew."""
        if self.session is None or self.session.auth.csrf is None or method in SAFE:
            return {}
        return self.session.proof(self._access)

    # -- requests ------------------------------------------------------------------------------------------

    def send(
        self, method: str, url: str, message: Mapping[str, Any] | None = None, *, content: bytes | None = None,
        purpose: str = "",
    ) -> Answer | None:  # fmt: skip
        """Send one request; None where nothing came back, which is recorded.

        Args:
            message: headers, cookies and body to send.
            content: a body that is sent as it is.
        """
        given = message or {}
        request = Request(
            method=method,
            url=url,
            headers={"Accept": "application/json, */*;q=0.1", **given.get("headers", {})},
            cookies=given.get("cookies", {}),
            body=None if content is not None else given.get("body"),
            content=content,
        )
        try:
            answer = self._http.send(request)
        except NoAnswer as error:
            self._recorder.add("note", str(error))
            return None
        self._recorder.add(
            "exchange",
            f"{purpose + ': ' if purpose else ''}{answer.describe()}",
            status=answer.status,
            type=answer.headers.get("content-type", ""),
            body=answer.body[:SHOWN_BODY].decode("utf-8", "replace"),
            truncated=len(answer.body) > SHOWN_BODY,
        )
        return answer

    def use(self, operation: Operation, *, signed_in: bool) -> Answer | None:
        """Use an operation with made-up values; one that writes gets an empty object as its body."""
        message = merged(self.carried if signed_in else {}, self.proof(operation.method))
        if not operation.safe:
            message = {**message, "body": {**(message.get("body") or {})}}
        return self.send(
            operation.method,
            self.root + operation.example_path(),
            message,
            purpose="signed in" if signed_in else "not signed in",
        )

    def unknown_url(self) -> str:
        """A URL of the service that nothing can be at."""
        protected = self._descriptor.auth.protected.path if self._descriptor.auth else "/"
        path = urlsplit(protected).path.rstrip("/") if protected.startswith("/") else ""
        folder = path[: path.rfind("/")] if path else ""
        return f"{self.base_url}{folder}/no-such-{secrets.token_hex(8)}"

    def other_origins(self) -> list[str]:
        """Every other address of the service: replicas, and the hosts where operations of its own live."""
        own = urlsplit(self.base_url)
        places = [one for one in http_places(self._descriptor) if one.scheme in {"http", "https"}]
        return [one.origin for one in places if (one.host, one.port) != (own.hostname, own.port or PORTS[own.scheme])]

    def control_unknown(self) -> Answer:
        """What the service says to a path that does not exist.

        Raises:
            NotAssessed: it says yes to it, as to everything.
        """
        answer = self.send("GET", self.unknown_url(), purpose="a path that does not exist")
        if answer is None:
            not_assessed("control failed: a path that does not exist was not answered")
        if answer.ok:
            not_assessed(f"control failed: {answer.describe()}, a path that does not exist: it says yes to everything")
        return answer


def says_no(answer: Answer, signed_in: Answer | None) -> bool:
    """Whether a 2xx without a token may be a refusal in other words: an error in the body, a page to sign in.

    Args:
        signed_in: the answer of the same operation to an account, where there is one to compare with.
    """
    body = answer.json()
    if isinstance(body, dict) and _says_error(body):
        return True
    if signed_in is None:
        return bool(answer.body.strip()) and not isinstance(body, dict | list)
    other = signed_in.json()
    if isinstance(body, dict) and isinstance(other, dict):
        return set(body) != set(other)
    if isinstance(body, list) and isinstance(other, list):
        return False
    return answer.body != signed_in.body


def _says_error(body: Mapping[str, Any]) -> bool:
    words = {str(one).lower() for one in body}
    failed = body.get("success") is False or body.get("ok") is False or str(body.get("status")).lower() in _ERROR_WORDS
    told = any(body.get(name) for name in ("error", "errors"))
    return failed or told or (bool(words) and words <= {"detail", "message", "code", "status", "title", "type"})
