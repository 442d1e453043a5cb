"""Deleting what creations left: by the descriptor's [record], else by the document and the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from stackproof.api.client import Api
from stackproof.target.http import Answer
from stackproof.target.messages import merged, text_at

USUAL = ("id", "uuid", "pk")
ENVELOPES = frozenset({"data", "result", "item", "object"})


def remove_what_was_made(api: Api, made: Sequence[tuple[str, Answer]]) -> int:
    """Delete what creations left, where it can be told how; gives how many are left."""
    left = 0
    for name, answer in made:
        way = _recorded(api, name, answer) or _documented(api, name, answer)
        deleted = _delete(api, *way) if way else None
        left += deleted is None or not deleted.ok
    return left


def _delete(api: Api, method: str, url: str) -> Answer | None:
    return api.send(method, url, merged(api.carried, api.proof(method)), purpose="clean up")


def _recorded(api: Api, name: str, answer: Answer) -> tuple[str, str] | None:
    """(method, URL) as [record] has it, where the operation is the one that makes its records."""
    record = api.record
    if record is None or not record.delete.path.startswith("/"):
        return None
    created = urlsplit(api.root + name.partition(" ")[2]).path
    if record.create.method != "POST" or created != urlsplit(api.base_url + record.create.path).path:
        return None
    key = text_at(answer.json(), record.id)
    url = api.base_url + record.delete.path.replace("{id}", quote(key, safe=""))
    return (record.delete.method, url) if key else None


def _documented(api: Api, name: str, answer: Answer) -> tuple[str, str] | None:
    """(method, URL) of the operation that deletes one of the collection, where the answer names the one."""
    collection = name.partition(" ")[2].rstrip("/")
    singles = [one.template for one in api.operations if one.method == "DELETE" and one.template.count("{") == 1]
    below = [one for one in singles if one.startswith(f"{collection}/{{") and one.rstrip("/").endswith("}")]
    single = below[0] if below else ""
    before, _, rest = single.partition("{")
    parameter, _, after = rest.partition("}")
    key = _key(answer, collection, parameter, api.root + before) if single else ""
    return ("DELETE", f"{api.root}{before}{quote(key, safe='')}{after}") if key else None


def _key(answer: Answer, collection: str, parameter: str, before: str) -> str:
    """What names the resource: in Location, in the body, or in an object of the body that is the resource itself."""
    try:
        place, under = urlsplit(urljoin(answer.request.url, answer.headers.get("location", ""))), urlsplit(before)
    except ValueError:
        place, under = urlsplit(""), urlsplit(before)
    here = place.netloc == under.netloc and place.path.startswith(under.path)
    last = place.path.removeprefix(under.path).rstrip("/") if here else ""
    if last and "/" not in last:
        return unquote(last)
    for body in _resources(answer.json(), collection):
        for one in (parameter, *USUAL):
            value = body.get(one)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
                return str(value)
    return ""


def _resources(body: Any, collection: str) -> Iterator[Mapping[str, Any]]:
    """The body, and objects in it that are an envelope's or are called as the collection is: never its neighbours."""
    if not isinstance(body, dict):
        return
    yield body
    plural = collection.rpartition("/")[2]
    for name, inner in body.items():
        if isinstance(inner, dict) and (name in ENVELOPES or (len(name) > 2 and plural.startswith(name))):
            yield inner
