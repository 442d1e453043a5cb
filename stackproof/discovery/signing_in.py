"""Trying a login: with the account's own password alone, and few times, since wrong logins may lock an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from stackproof.accounts.credentials import Credentials
from stackproof.check import NotAssessed
from stackproof.discovery.answers import Found, tokens_in
from stackproof.discovery.drafts import session_of
from stackproof.discovery.facts import Findings
from stackproof.discovery.operations import Operation
from stackproof.discovery.prober import Prober
from stackproof.discovery.roles import PASSWORD, USERNAME, first_field, last
from stackproof.discovery.routes import required_fields
from stackproof.target.http import Answer

MOST_REFUSED = 6  # logins that are refused before no further one is tried
MOST_LOGINS = 12
NAMES = ("username", "email", "login", "user", "identifier")
WORDS = ("password", "pass", "secret")
_STOP = frozenset({423, 429})


@dataclass(frozen=True, slots=True)
class Shape:
    """One way of asking for a login; several names mean that the credential is sent under each of them."""

    format: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A login that worked."""

    shape: Shape
    answer: Answer
    tokens: list[Found]


class Stopped(Exception):
    """No further login is tried; the message says why."""


class Logins:
    """The logins of one discovery."""

    def __init__(self, prober: Prober, findings: Findings, account: Credentials) -> None:
        self._prober = prober
        self._findings = findings
        self._account = account
        self.refused = 0
        self.sent = 0
        self.last: Answer | None = None

    def sign_in(self, operation: Operation, empty: Answer | None) -> SignedIn | None:
        """The first login that works, reduced to one name and one word; None where none did.

        Args:
            empty: what the operation said to an empty object.
        """
        path = operation.path
        waiting = list(_shapes(operation, empty, self._account.username))
        tried: list[Shape] = []
        while waiting:
            shape = waiting.pop(0)
            if shape in tried:
                continue
            tried.append(shape)
            done = self._try(path, shape)
            if done:
                return self._reduced(path, done)
            told = required_fields(self.last, (*NAMES, *WORDS)) if self.last else []
            names = tuple(one for one in told if one in NAMES and one not in shape.names)[:1]
            if names and self.last is not None and self.last.status in {400, 422}:
                waiting.insert(0, replace(shape, names=names))
        return None

    def again(self, done: SignedIn) -> list[Found]:
        """The tokens of one more login of the same shape."""
        more = self._try(self._findings.get("auth.login", "path"), done.shape)
        return more.tokens if more else []

    def _try(self, path: str, shape: Shape) -> SignedIn | None:
        if self.refused >= MOST_REFUSED or self.sent >= MOST_LOGINS:
            raise Stopped(f"{self.refused} logins were refused; no more were tried, since that may lock the account")
        body: dict[str, Any] = dict(shape.extra)
        for name in shape.names[1:]:
            body[name] = self._account.username
        for word in shape.words[1:]:
            body[word] = self._account.password
        login = {
            "path": path,
            "method": "POST",
            "format": shape.format,
            "username_field": shape.names[0],
            "password_field": shape.words[0],
            "extra": body,
        }
        self.sent += 1
        self._prober.sent += 1
        try:
            answer = session_of(self._prober, self._findings, self._account, login=login).try_login()
        except NotAssessed as error:
            raise Stopped(self._prober.redactor.text(str(error))) from None
        self.last = answer
        if answer.status in _STOP:
            raise Stopped(f"{answer.describe()}: too many logins or a locked account; no more were tried")
        tokens = tokens_in(answer) if answer.ok else []
        if tokens:
            self._prober.redactor.learn(*(one.value for one in tokens))
            return SignedIn(shape, answer, tokens)
        self.refused += 1
        return None

    def _reduced(self, path: str, done: SignedIn) -> SignedIn:
        """Which of several names the service reads: halves of them are left out, as long as it still works."""
        shape = done.shape
        while len(shape.names) > 1 or len(shape.words) > 1:
            smaller, rest = _halves(shape)
            more = self._try(path, smaller)
            shape = smaller if more else rest
            done = more or done
        if shape != done.shape:
            confirmed = self._try(path, shape)
            if confirmed is None:
                raise Stopped("a login worked with several field names at once, and with none of them alone")
            done = confirmed
        return done


def _halves(shape: Shape) -> tuple[Shape, Shape]:
    if len(shape.names) > 1:
        cut = max(1, len(shape.names) // 2)
        return replace(shape, names=shape.names[:cut]), replace(shape, names=shape.names[cut:])
    return replace(shape, words=shape.words[:1]), replace(shape, words=shape.words[1:])


def _shapes(operation: Operation, empty: Answer | None, username: str) -> Iterable[Shape]:
    """The documented shape alone where there is one, else what the operation asks for, else everything at once."""
    grant = {"grant_type": "password"} if _is_grant(operation) and not _asks_by_name(empty) else {}
    documented_word = first_field(operation.fields, PASSWORD)
    if documented_word:
        names = documented_names(operation, username) or ([] if fields_beside(operation) else ["username"])
        yield from (Shape(operation.format, (name,), (documented_word,), grant) for name in names[:3])
        return
    told = required_fields(empty, (*NAMES, *WORDS)) if empty else []
    names = [one for one in told if one in NAMES]
    words = tuple(one for one in told if one in WORDS)[:1] or WORDS[:1]
    forms = ("form", "json") if grant else ("json", "form")
    ordered = _likely(NAMES, username)
    for chosen, secret in (*(((names[0],), words) for _ in names[:1]), (ordered, WORDS)):
        for form in forms:
            yield Shape(form, chosen, secret, grant if form == "form" else {})


def documented_names(operation: Operation, username: str) -> list[str]:
    """The credential's documented fields: required ones first, then those that fit the account's looks.

    Where none is called like one, the only field beside the password's is; of several nobody knows.
    """
    found = [one for one in operation.fields if USERNAME.search(last(one))]
    likely = _likely(tuple(last(one).lower() for one in found), username)
    found.sort(key=lambda one: (one not in operation.required, likely.index(last(one).lower())))
    beside = fields_beside(operation)
    return found or (beside if len(beside) < 2 else [])


def fields_beside(operation: Operation, *known: str) -> list[str]:
    """What a documented login has to be given beside the password and those fields: required ones, else all."""
    fields = [one for one in operation.fields if one in operation.required] or list(operation.fields)
    password = first_field(operation.fields, PASSWORD)
    return [one for one in fields if one not in {password, "grant_type", *known} and not _is_above(one, fields)]


def _is_above(name: str, fields: Sequence[str]) -> bool:
    """Whether a dotted name is the object that holds others."""
    return any(one.startswith(f"{name}.") for one in fields)


def _likely(names: Sequence[str], username: str) -> tuple[str, ...]:
    """Names of e-mail fields first where the account is one, else last."""
    mail = "@" in username
    return tuple(sorted(names, key=lambda one: ("mail" in one) != mail)) if mail else tuple(names)


def _asks_by_name(empty: Answer | None) -> bool:
    """Whether an empty object is answered by the names of both fields, as serializers do and OAuth's errors do not."""
    data = empty.json() if empty else None
    return isinstance(data, dict) and any(one in data for one in NAMES) and any(one in data for one in WORDS)


def _is_grant(operation: Operation) -> bool:
    if operation.fields:
        return any(last(one) == "grant_type" for one in operation.fields)
    return operation.path.rstrip("/").endswith(("/token", "/oauth/token")) and not operation.path.endswith("/")
