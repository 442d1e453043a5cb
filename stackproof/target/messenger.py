"""Messages to the operations of a service: tokens and proofs where they belong, every exchange on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stackproof.check import not_assessed
from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.places import Endpoint, split_place
from stackproof.evidence import Recorder, Redactor
from stackproof.target.http import Answer, HttpClient, Request
from stackproof.target.messages import find_at, in_cookie, merged, token_at, with_field, without_long_words
from stackproof.target.proofs import Kind, Proofs
from stackproof.target.replies import Tokens
from stackproof.target.urls import url_at


class Messenger:
    """Puts messages to one base URL together, and reads tokens from their answers."""

    def __init__(
        self, auth: Auth, http: HttpClient, recorder: Recorder, redactor: Redactor, base_url: str, proofs: Proofs
    ) -> None:
        self._auth = auth
        self._http = http
        self._recorder = recorder
        self._redactor = redactor
        self._base_url = base_url
        self._proofs = proofs

    def send(
        self,
        endpoint: Endpoint,
        *,
        body: Mapping[str, Any] | None = None,
        patient: bool = True,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        on_sent: Callable[[], None] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send a message to an operation of this base URL; `content` takes the body's place as it is."""
        request = Request(
            method=endpoint.method,
            url=url_at(self._base_url, endpoint.path),
            headers={**endpoint.headers, **(headers or {})},
            cookies=cookies or {},
            query=query or {},
            body=body,
            format=endpoint.format,
            content=content,
        )
        return self._http.send(request, patient=patient, on_sent=on_sent)

    def carrying(self, endpoint: Endpoint, place: str, token: str, of: Kind) -> dict[str, Any]:
        """The parts of a request that carry `token` at `place`, together with the CSRF proof where one is needed."""
        kind, name = split_place(place)
        message: dict[str, Any] = {"body": dict(endpoint.extra) or None}
        if kind == "body":
            message["body"] = with_field(endpoint.extra, name, token)
        elif kind == "cookie":
            message["cookies"] = {name: in_cookie(token, self._auth)}
        else:
            message["headers"] = {name: self._worded(name, token)}
        return merged(message, self.csrf_proof(of, token))

    def access(self, token: str) -> dict[str, Any]:
        """The parts of a request that carry an access token."""
        kind, name = split_place(self._auth.carrier)
        if kind == "cookie":
            return {"cookies": {name: in_cookie(token, self._auth)}}
        if kind == "body":
            return {"body": with_field(self._auth.protected.extra, name, token)}
        return {"headers": {name: self._worded(name, token)}}

    def _worded(self, header: str, token: str) -> str:
        own = header.lower() == split_place(self._auth.carrier)[1].lower() or header.lower() == "authorization"
        return f"{self._auth.scheme} {token}" if own and self._auth.scheme else token

    def csrf_proof(self, kind: Kind = "access", token: str = "") -> dict[str, Any]:
        """The parts of a request that prove where it comes from; {} where the service asks for none.

        Args:
            token: what the request carries, of that kind; "" before there is one.
        """
        csrf = self._auth.csrf
        if csrf is None or (csrf.path is None and not token):
            return {}
        if csrf.path is None:
            return self._proofs.parts(csrf, kind, token)
        answer = self.send(Endpoint(path=csrf.path, method="GET"))
        cookie = answer.cookies.get(csrf.cookie, "")
        proof = find_at(answer, csrf.token, "") if csrf.token else cookie
        self._redactor.learn(cookie, proof)
        if not proof:
            named = csrf.token or f"cookie:{csrf.cookie}"
            not_assessed(f"{answer.describe()} and gave nothing at {named!r}, which [auth.csrf] names")
        return {"cookies": {csrf.cookie: cookie} if cookie else {}, "headers": {csrf.header: proof}}

    def proof_of_cookie(self, access_token: str) -> dict[str, Any]:
        """The proof that comes with an access token in a cookie, which goes before that of a refresh token."""
        csrf = self._auth.csrf
        comes_with_tokens = csrf is not None and csrf.path is None
        in_a_cookie = split_place(self._auth.carrier)[0] == "cookie"
        return self.csrf_proof("access", access_token) if comes_with_tokens and in_a_cookie else {}

    def tokens_in(self, answer: Answer, access: str, refresh: str, used: str = "") -> Tokens:
        """What an answer carries at two places; `used` is the refresh token that was exchanged for it."""
        tokens = Tokens(token_at(answer, access, self._auth), token_at(answer, refresh, self._auth), answer)
        self._redactor.learn(tokens.access, tokens.refresh)
        csrf = self._auth.csrf
        if csrf is not None and csrf.path is None:
            both: dict[Kind, str] = {"access": tokens.access, "refresh": tokens.refresh}
            self._proofs.learn(csrf, answer, both, self._redactor, used)
        return tokens

    def record(self, answer: Answer, purpose: str) -> None:
        """Keep an exchange as evidence."""
        detail = answer.as_evidence()
        detail["body"] = without_long_words(detail["body"]) if answer.ok else detail["body"]
        self._recorder.add("exchange", f"{purpose}: {answer.describe()}", **detail)
