"""What two answers have in common: the fields of their bodies, whatever stands in them."""

from __future__ import annotations

from typing import Any

from stackproof.target.replies import Reply


def shape_of(reply: Reply) -> Any:
    """The fields of a JSON body that have a value, truth values with theirs; of any other body the bytes."""
    body = reply.answer.json()
    if not isinstance(body, dict | list):
        return (reply.answer.status, reply.answer.body[:65_536])
    return (reply.answer.status, frozenset(_fields(body, "", 0)))


def likeness(one: Any, other: Any) -> float:
    """The share of all fields of two bodies that both have; 0 where one has none to compare."""
    if not isinstance(one, frozenset) or not isinstance(other, frozenset):
        return 0.0
    return len(one & other) / len(one | other) if one | other else 1.0


def _fields(value: Any, path: str, depth: int) -> list[str]:
    if depth > 6 or value is None:
        return []
    if isinstance(value, bool):
        return [f"{path}={value}"]
    if isinstance(value, dict):
        inner = (_fields(one, f"{path}.{key}", depth + 1) for key, one in list(value.items())[:200])
        return [field for fields in inner for field in fields]
    if isinstance(value, list):
        return [f"{path}[]", *(_fields(value[0], f"{path}[]", depth + 1) if value else [])]
    return [path]
