"""Names of resources that a service's own answers gave, so that one of them can be read that is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from stackproof.target.http import Answer

USUAL = ("id", "uuid", "pk")
LISTS = ("items", "results", "data", "content", "records")


@dataclass
class Known:
    """For each collection the name of one resource: the newest that was made, else the first of its list."""

    names: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def learn(self, method: str, path: str, answer: Answer) -> None:
        """What an answer of a collection tells of its resources."""
        if not answer.ok or "{" in path or method not in {"GET", "POST"}:
            return
        collection, made = path.rstrip("/"), method == "POST" and answer.status == 201
        first = next(_resources(answer.json(), made=made), None)
        if first is not None and (made or collection not in self.names):
            self.names[collection] = first

    def place_of(self, template: str) -> str:
        """The path of a resource that is there, for a path with one parameter at its end; "" where none is known."""
        collection, _, rest = template.partition("/{")
        parameter, _, after = rest.partition("}")
        resource = self.names.get(collection)
        if resource is None or after not in {"", "/"}:
            return ""
        for one in (parameter, *USUAL):
            value = resource.get(one)
            if isinstance(value, str | int) and not isinstance(value, bool) and 0 < len(str(value)) <= 200:
                return f"{collection}/{quote(str(value), safe='')}{after}"
        return ""


def _resources(body: Any, *, made: bool) -> Iterator[Mapping[str, Any]]:
    """The resource that was made, or those of a list: bare, or in an object under a usual name."""
    if made:
        if isinstance(body, dict):
            yield body
        return
    listed = body
    if isinstance(body, dict):
        listed = next((body[name] for name in LISTS if isinstance(body.get(name), list)), None)
    yield from (one for one in (listed if isinstance(listed, list) else [])[:1] if isinstance(one, dict))
