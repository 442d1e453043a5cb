"""JSON that is written piece by piece: what an iterator yields becomes an array, an element a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.report.words import clean

TEXT_CAP = 4_000  # characters of one text


def json_pieces(value: Mapping[str, Any]) -> Iterator[str]:
    """The value as JSON text; every text in it is made harmless and capped, and numbers are what JSON knows."""
    yield from _written(value, "")
    yield "\n"


def _written(value: Any, margin: str) -> Iterator[str]:
    inner = f"{margin}  "
    if _is_large(value):
        separator = "{\n"
        for key, one in value.items():
            yield f"{separator}{inner}{_encoded(str(key))}: "
            yield from _written(one, inner)
            separator = ",\n"
        yield f"\n{margin}}}"
    elif isinstance(value, Iterator):
        separator = "[\n"
        for one in value:
            yield f"{separator}{inner}"
            yield from _written(one, inner) if _is_large(one) else iter([_encoded(one)])
            separator = ",\n"
        yield f"\n{margin}]" if separator != "[\n" else "[]"
    else:
        yield _encoded(value)


def _is_large(value: Any) -> bool:
    """Whether an object holds an iterator, however deep, so that it is written on more than one line."""
    return isinstance(value, Mapping) and any(isinstance(one, Iterator) or _is_large(one) for one in value.values())


def _encoded(value: Any) -> str:
    return json.dumps(harmless(value), ensure_ascii=False, allow_nan=False, separators=(", ", ": "))


def harmless(value: Any) -> Any:
    """The data with every text made harmless and capped."""
    if isinstance(value, str):
        return clean(value, TEXT_CAP)
    if isinstance(value, Mapping):
        return {clean(str(key), 200): harmless(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(one) for one in value]
    return value
