"""Words of the descriptor that stand for a place in a message, a path or an operation.

Where a token (or any value) stands in a message is written as a *place*:

- `"access"` or `"body:data.access"`: a field of the JSON or form body, dots lead into objects;
- `"cookie:refresh_token"`: a cookie of that name;
- `"header:X-Auth-Token"`: a header of that name (case does not matter).
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_PLACE = re.compile(r"^(?:(?P<kind>body|cookie|header):)?(?P<name>[^\s:][^\r\n]*)$")


def _is_place(text: str) -> str:
    if not _PLACE.match(text):
        raise ValueError(f"{text!r} is no place; write a body field, 'cookie:NAME' or 'header:NAME'")
    return text


def _is_path(text: str) -> str:
    if not text.startswith("/") and not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is no path; begin it with '/'")
    return text


Place = Annotated[str, AfterValidator(_is_place)]
UrlPath = Annotated[str, AfterValidator(_is_path)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def split_place(place: str) -> tuple[str, str]:
    """("body" | "cookie" | "header", name) of a place."""
    match = _PLACE.match(place)
    if match is None:  # pragma: no cover - the model has validated it
        raise ValueError(place)
    return match["kind"] or "body", match["name"]


class Table(BaseModel):
    """Base of the tables: unknown keys are errors, so that a slip of the pen cannot switch a check off."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Endpoint(Table):
    """One operation of the service.

    `path` may be a whole URL where the operation lives on another host; that host is then allowed too.
    """

    path: UrlPath
    method: Method = "POST"
    format: Literal["json", "form"] = "json"
    headers: dict[str, str] = Field(default_factory=dict, description="Extra request headers.")
    extra: dict[str, Any] = Field(default_factory=dict, description="Extra body fields, sent as they are.")


class Removal(Endpoint):
    """Deletes something that was made; `{id}` in the path."""

    method: Method = "DELETE"
