"""Secrets made for the occasion, the shapes in which a log may hold one, and where one was found."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from stackproof.evidence import Redactor
from stackproof.target.logs import Line

SHORTEST = 8  # characters of a secret that is searched for by itself: shorter ones are parts of common words
FOUND_CAP = 20  # places that are told


def new_canary() -> str:
    """A value that stands nowhere else; rules on passwords admit it."""
    return f"aA7{secrets.token_hex(12)}"


def new_token() -> str:
    """A canary that looks like a signed token (RFC 7519) and is none."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps({"sub": new_canary(), "exp": 4_102_444_800}).encode()).decode()
    return f"{head}.{body.rstrip('=')}.{new_canary()}{new_canary()}"


@dataclass(frozen=True, slots=True)
class Found:
    """A secret that was found.

    Attributes:
        what: the secret, in words.
        form: how it was written.
        where: file or command, and the fields of the line where it is an object.
    """

    what: str
    form: str
    where: str

    def __str__(self) -> str:
        return f"{self.what} ({self.form}, {self.where})"


def forms_of(secret: str) -> dict[bytes, str]:
    """{bytes: name} of the ways in which a text is written into a log."""
    raw = secret.encode()
    forms = {raw: "as it is"}
    for text, name in (
        (quote(secret, safe=""), "percent-encoded"),
        (quote_plus(secret), "percent-encoded"),
        (json.dumps(secret)[1:-1], "escaped as in JSON"),
        (json.dumps(secret, ensure_ascii=False)[1:-1], "escaped as in JSON"),
        (json.dumps(json.dumps(secret))[3:-3], "escaped as in JSON, twice"),
        (repr(secret)[1:-1], "escaped as in Python"),
        (raw.hex(), "in hexadecimal"),
    ):
        forms.setdefault(text.encode(), name)
    for form in base64_of(raw):
        forms.setdefault(form, "in Base64")
        forms.setdefault(form.translate(bytes.maketrans(b"+/", b"-_")), "in Base64")
    if secret.count(".") == 2 and len(secret.rpartition(".")[2]) >= 20:  # a token's signature, alone
        forms.setdefault(secret.rpartition(".")[2].encode(), "its signature")
    return {form: name for form, name in forms.items() if len(form) >= SHORTEST}


def base64_of(raw: bytes) -> Iterable[bytes]:
    """What every Base64 text holds that has these bytes anywhere in it: one for each of the three alignments."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw)
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        yield text[first:last]


class Canaries:
    """Secrets by what they are; every form of each is learnt by the redactor at once."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._forms: dict[str, dict[bytes, str]] = {}

    def add(self, what: str, secret: str) -> str:
        """Remember a secret; gives it back."""
        forms = forms_of(secret) if len(secret) >= SHORTEST else {}
        self._redactor.learn(*(one.decode("utf-8", "replace") for one in forms))
        if forms:
            self._forms[what] = {**self._forms.get(what, {}), **forms}
        return secret

    @property
    def names(self) -> list[str]:
        """What is searched for."""
        return sorted(self._forms)

    def within(self, lines: Iterable[Line]) -> list[Found]:
        """The secrets that stand in lines, each once for a source and a form; never the lines themselves."""
        found: dict[tuple[str, str, str], Found] = {}
        for line in lines:
            for what, form, name in self._in(line.raw):
                fields = line.fields_with(form)
                where = f"{line.source}, field {' and '.join(fields[:3])}" if fields else line.source
                found.setdefault((what, name, line.source), Found(what, name, where))
        return list(found.values())[:FOUND_CAP]

    def inside(self, texts: Mapping[str, bytes]) -> list[Found]:
        """The secrets that stand in texts by name."""
        return [Found(what, name, where) for where, text in texts.items() for what, _, name in self._in(text)]

    def _in(self, text: bytes) -> Iterable[tuple[str, bytes, str]]:
        for what, forms in self._forms.items():
            form = next((one for one in forms if one in text), None)
            if form is not None:
                yield what, form, forms[form]
