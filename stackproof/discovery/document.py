"""From the bytes of an OpenAPI document to its data: JSON or YAML, bounded, nothing executed."""

from __future__ import annotations

import json
from typing import Any

import yaml

LARGEST = 200_000  # nodes of a document, aliases counted with all that they stand for
DEEPEST = 100  # levels of nesting

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NoDocument(Exception):
    """The bytes are no OpenAPI document; the message says what they are."""


def parse_document(content: bytes, content_type: str = "") -> dict[str, Any]:
    """The data of an OpenAPI 3 or Swagger 2 document.

    Raises:
        NoDocument: it is neither JSON nor YAML, too large once aliases are followed, or describes no API.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoDocument("it is not UTF-8") from None
    if text.lstrip()[:1] == "<" or "html" in content_type:
        raise NoDocument("it is HTML or XML")
    data = _json(text) if text.lstrip()[:1] == "{" else _yaml(text)
    version = data.get("openapi", data.get("swagger")) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(version, str | float) or not isinstance(data.get("paths"), dict):
        raise NoDocument("it has no `openapi` version with `paths`")
    return {str(key): value for key, value in data.items()}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise NoDocument("it is nested too deeply") from None
    except ValueError:
        return _yaml(text)  # YAML's flow style begins with a brace, too


def _yaml(text: str) -> Any:
    try:
        _measure(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, the C one where there is one
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise NoDocument("it is neither JSON nor YAML") from None


def _measure(text: str) -> None:
    """Count the nodes as if every alias were written out: that is what reading it would walk through."""
    sizes: dict[str, int] = {}
    open_: list[tuple[str | None, int]] = []
    total = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise NoDocument("an alias stands for what it is part of")
            total += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            total += 1
            open_.append((event.anchor, total))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor:
                sizes[anchor] = total - before + 1
        if total > LARGEST or len(open_) > DEEPEST:
            raise NoDocument("it is too large or too deep to be read")
