"""What a check saw, redacted and capped before anything else can read it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TEXT_CAP = 2_000  # characters of any one text
READ_CAP = 65_536  # characters of a text that are searched for secrets; what lies beyond is dropped
ITEMS_CAP = 100  # elements of any one list or mapping
RECORDS_CAP = 200  # records of one check

HIDDEN = "[redacted]"

_SHAPES = (
    # JSON Web Token (RFC 7519): three base64url parts, the first two being JSON objects
    re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.eyJ[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?"),
    re.compile(r"(?i)(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),  # user:password@ in a URL
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)(?<=basic )[A-Za-z0-9+/=]{8,}"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
    re.compile(r"(?i)(?<=password=)[^\s&;'\"]+"),
)
_SECRET_KEYS = re.compile(
    r"(?i)^(authorization|proxy-authorization|cookie|set-cookie|x-csrftoken|.*(password|passwd|secret|token|api[-_]?key|sessionid|csrf).*)$"
)
_HARMLESS_KEYS = re.compile(r"(?i)^(token_type|token_class|password_hashers|.*(field|lifetime|expires_in))$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with control characters, direction overrides and lone surrogates replaced; newlines and tabs stay."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen.

    Attributes:
        kind: "exchange", "query", "handshake", "file", "setting", "measurement", "command" or "note".
        title: one line for a person.
        detail: JSON-able, redacted and capped.
    """

    kind: str
    title: str
    detail: Mapping[str, Any]


class Redactor:
    """Removes secrets by value (those it was told of) and by shape (tokens, DSN passwords, keys)."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._longest_first: list[str] = []
        self._sizes: list[int] = []  # of those, negative, so that they ascend

    def learn(self, *secrets: str | None) -> None:
        """Remember values that must never be shown; shorter than four characters are ignored as too common."""
        new = {one for one in secrets if one and len(one) >= 4} - self._values
        if new:
            self._values |= new
            self._longest_first = sorted(self._values, key=len, reverse=True)
            self._sizes = [-len(one) for one in self._longest_first]

    def text(self, text: str) -> str:
        """The text without secrets, control characters or direction overrides, at most `TEXT_CAP` characters."""
        text = text[:READ_CAP]
        shorter = bisect_left(self._sizes, -len(text))
        for value in self._longest_first[shorter:]:  # what is longer than the text cannot stand in it
            text = text.replace(value, HIDDEN)
        for shape in _SHAPES:
            text = shape.sub(HIDDEN, text)
        text = printable(text)
        return text if len(text) <= TEXT_CAP else f"{text[:TEXT_CAP]}… [{len(text) - TEXT_CAP} more characters]"

    def data(self, value: Any, depth: int = 0) -> Any:
        """JSON-able data without secrets: values under keys that name a secret are hidden whole."""
        if depth > 8:
            return "[deeper]"
        if isinstance(value, Mapping):
            items = list(value.items())
            kept = {self.text(str(key)): self._entry(str(key), one, depth) for key, one in items[:ITEMS_CAP]}
            if len(items) > ITEMS_CAP:
                kept["…"] = f"{len(items) - ITEMS_CAP} more"
            return kept
        if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
            kept_list = [self.data(one, depth + 1) for one in value[:ITEMS_CAP]]
            return [*kept_list, f"… {len(value) - ITEMS_CAP} more"] if len(value) > ITEMS_CAP else kept_list
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else str(value))

    def _entry(self, key: str, value: Any, depth: int) -> Any:
        hide = _SECRET_KEYS.match(key) and not _HARMLESS_KEYS.match(key) and isinstance(value, str | bytes)
        return HIDDEN if hide and value else self.data(value, depth + 1)


class Recorder:
    """Collects the evidence of one check."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._records: list[Evidence] = []
        self._dropped = 0

    @property
    def records(self) -> tuple[Evidence, ...]:
        """What was recorded so far, oldest first; the count of what the cap dropped comes last."""
        if not self._dropped:
            return tuple(self._records)
        return (*self._records, Evidence("note", f"{self._dropped} more records were not kept", {}))

    def add(self, kind: str, title: str, **detail: Any) -> None:
        """Record one observation; redaction happens here, before it is stored."""
        if len(self._records) >= RECORDS_CAP:
            self._dropped += 1
            return
        self._records.append(Evidence(kind, self._redactor.text(title), self._redactor.data(detail)))
