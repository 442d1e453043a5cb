"""Putting tokens into messages and finding them there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.places import Endpoint, split_place
from stackproof.evidence import HIDDEN
from stackproof.target.http import Answer

UNDECIDED = frozenset({408, 425, 429})  # a time-out, too early, a throttle: neither an answer nor a refusal

_LONG_WORD = re.compile(r"^\S{16,}$")


def tampered(token: str) -> str:
    """The token with a character in the middle of its last part replaced (the last one may be padding bits only)."""
    head, dot, last = token.rpartition(".")
    middle = len(last) // 2
    flipped = "A" if last[middle : middle + 1] != "A" else "B"
    return f"{head}{dot}{last[:middle]}{flipped}{last[middle + 1 :]}"


def is_refusal(answer: Answer) -> bool:
    """4xx save time-out (408), too early (425) and throttle (429); a redirect leads away and refuses too."""
    return (400 <= answer.status < 500 and answer.status not in UNDECIDED) or 300 <= answer.status < 400


def filled_in(endpoint: Endpoint, values: Mapping[str, str]) -> Endpoint:
    """The operation with each `{name}` in its path replaced, percent-encoded."""
    path = endpoint.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return endpoint.model_copy(update={"path": path})


def find_at(answer: Answer, place: str, scheme: str) -> str:
    """The text at a place of an answer, or ""."""
    kind, name = split_place(place)
    if kind == "cookie":
        return answer.cookies.get(name, "")
    if kind == "header":
        return str(answer.headers.get(name, "")).removeprefix(f"{scheme} ").strip()
    value = value_at(answer.json(), name)
    return value if isinstance(value, str) else ""


def token_at(answer: Answer, place: str, auth: Auth) -> str:
    """The token at a place of an answer, without the word that stands before it, or ""."""
    found = find_at(answer, place, auth.scheme)
    if not auth.cookie_prefix or split_place(place)[0] != "cookie":
        return found
    return found.strip('"').removeprefix(auth.cookie_prefix)


def in_cookie(token: str, auth: Auth | None) -> str:
    """A cookie's value; what may stand there in quotes alone is put in quotes, as servers do that set it."""
    prefix = auth.cookie_prefix if auth else ""
    value = f"{prefix}{token}"
    return f'"{value}"' if prefix and re.search(r"[ ,]", value) else value


def value_at(data: Any, dotted: str) -> Any:
    """The value at a dotted path of JSON, or None."""
    for step in dotted.split("."):
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def text_at(data: Any, dotted: str) -> str:
    """The text or number at a dotted path of JSON, as text; "" where there is none."""
    value = value_at(data, dotted)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def with_field(extra: Mapping[str, Any], dotted: str, value: str) -> dict[str, Any]:
    """`extra` with `value` set at a dotted path; objects on the way are made."""
    first, _, rest = dotted.partition(".")
    inner = extra.get(first)
    return {**extra, first: with_field(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def padded(body: Mapping[str, Any], format: str, padding: int) -> tuple[bytes, str]:  # noqa: A002
    """(content, its type) of a body with so many bytes more that mean nothing: white space, or a field of a form.

    They come first: a parser may stop where the object ends, and then what stands behind it was never read.
    """
    if format == "form":
        return urlencode({"padding": "x" * padding, **body}).encode(), "application/x-www-form-urlencoded"
    return b" " * padding + json.dumps(body).encode(), "application/json"


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both messages in one; where both have a mapping, its entries are put together."""
    result = dict(one)
    for key, value in other.items():
        mine = result.get(key)
        result[key] = {**mine, **value} if isinstance(mine, dict) and isinstance(value, dict) else value
    return result


def without_long_words(value: Any) -> Any:
    """Hide every long word of an answer that hands out tokens: an opaque token has no shape to know it by."""
    if isinstance(value, dict):
        return {key: without_long_words(one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_long_words(one) for one in value]
    return HIDDEN if isinstance(value, str) and _LONG_WORD.match(value) else value
