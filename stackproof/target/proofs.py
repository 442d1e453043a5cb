"""Double-submit proofs that come with tokens, remembered until the tokens are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import jwt

from stackproof.check import not_assessed
from stackproof.descriptor.authentication import Csrf
from stackproof.evidence import Redactor
from stackproof.target.http import Answer
from stackproof.target.messages import find_at

type Kind = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof: the cookie that goes back beside it, and what stands in the header."""

    cookie: str = field(repr=False)
    value: str = field(repr=False)


class Proofs:
    """The proofs of every token that one session, and those derived from it, were handed."""

    def __init__(self) -> None:
        self._of_token: dict[str, Proof] = {}
        self._newest: dict[Kind, Proof] = {}
        self._beside: dict[str, Proof | None] = {}  # refresh token: the proof of the access token of its answer
        self._told = ""

    def learn(self, csrf: Csrf, answer: Answer, tokens: dict[Kind, str], redactor: Redactor, used: str = "") -> None:
        """Remember what an answer carries for each of its tokens.

        Args:
            used: the refresh token that was exchanged for them; where the answer renews no proof, its proof goes on.
        """
        for kind, token in tokens.items():
            if not token:
                continue
            self._told = answer.describe()
            cookie = answer.cookies.get(cookie_of(csrf, kind), "")
            value = find_at(answer, csrf.token, "") if csrf.token else cookie
            redactor.learn(cookie, value)
            before = self._used(used, kind)
            proof = Proof(cookie, value) if value else before or self._newest.get(kind)
            if proof:
                self._of_token[token] = self._newest[kind] = proof
            if kind == "refresh" and token in self._of_token:
                self._beside[token] = self._of_token.get(tokens.get("access", ""))

    def _used(self, refresh: str, kind: Kind) -> Proof | None:
        return self._of_token.get(refresh) if kind == "refresh" else self._beside.get(refresh)

    def parts(self, csrf: Csrf, kind: Kind, token: str) -> dict[str, Any]:
        """The parts of a request with that token which prove where it comes from.

        A token that nobody handed out (garbage, or forged from another one's claims) brings the proof that its claims
        name, else the newest: it has to be refused for what it is, and not for a proof that is missing.
        """
        proof = self._of_token.get(token) or self._bound_to(token) or self._newest.get(kind)
        if proof is None:
            named = csrf.token or f"cookie:{cookie_of(csrf, kind)}"
            told = self._told or "no answer handed out tokens"
            not_assessed(f"{told} and gave nothing at {named!r}, which [auth.csrf] names; its proof comes with tokens")
        cookies = {cookie_of(csrf, kind): proof.cookie} if proof.cookie else {}
        return {"cookies": cookies, "headers": {csrf.header: proof.value}}

    def _bound_to(self, token: str) -> Proof | None:
        """The proof that a token's own claims name, as signed double submit has it."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            return None
        said = {one for one in claims.values() if isinstance(one, str)}
        known = (*self._newest.values(), *self._of_token.values())
        return next((proof for proof in known if proof.value in said), None)


def cookie_of(csrf: Csrf, kind: Kind) -> str:
    """The cookie of the proof for requests with a token of that kind."""
    return csrf.refresh_cookie if kind == "refresh" and csrf.refresh_cookie else csrf.cookie
