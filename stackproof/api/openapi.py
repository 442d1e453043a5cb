"""Finding and reading a service's OpenAPI document, which is as hostile as anything else that a service sends.

Nothing that the document refers to is ever fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from stackproof.target.http import Answer, HttpClient, NoAnswer, Request
from stackproof.target.urls import url_at
from stackproof.yaml_text import DEPTH_CAP, NODES_CAP, YamlTrouble, composed, few_events, loader

SIZE_CAP = 8 * 1024 * 1024  # bytes of a document
REDIRECTS = 2  # followed, on the same host

#: the usual places first; then folders of versions, and what single generators are used to
WELL_KNOWN = (
    "/openapi.json",
    "/api/schema/",
    "/api/openapi.json",
    "/api/v1/openapi.json",
    "/api/v1/schema/",
    "/api/v1/schema",
    "/schema/",
    "/schema/openapi.json",
    "/swagger.json",
    "/openapi.yaml",
    "/v3/api-docs",
    "/api/v2/openapi.json",
    "/api/v2/schema/",
    "/v1/openapi.json",
    "/v2/openapi.json",
    "/api/v3/openapi.json",
    "/api/schema",
    "/schema",
    "/api/openapi.yaml",
    "/openapi.yml",
    "/api/swagger.json",
    "/swagger/v1/swagger.json",
    "/api/docs/openapi.json",
    "/docs/openapi.json",
    "/api/openapi",
    "/.well-known/openapi.json",
    "/openapi/",
    "/openapi",
    "/v1/openapi",
    "/v1/schema/",
    "/api-docs.json",
    "/api-json",
    "/documentation/json",
    "/docs/json",
    "/docs-json",
)
_SHOWN = '"swaggerDoc":'  # before the document in the script of a page, as swagger-ui-express and NestJS write it

ACCEPT = (
    "application/vnd.oai.openapi+json, application/json;q=0.9, application/vnd.oai.openapi;q=0.8, "
    "application/yaml;q=0.7, */*;q=0.1"
)


class DocumentError(ValueError):
    """The bytes are no OpenAPI document, or one that is not safe to read; the message says which."""


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document as a service serves it.

    Attributes:
        url: where it was found.
        version: the words of its field `openapi` or `swagger`.
        needs_token: it is served to signed-in accounts alone.
    """

    url: str
    version: str
    data: dict[str, Any]
    needs_token: bool = False

    @property
    def remote_references(self) -> tuple[str, ...]:
        """`$ref` values that lead out of the document; they are not followed."""
        return tuple(dict.fromkeys(one for one in references(self.data) if not one.startswith("#")))


@dataclass(frozen=True, slots=True)
class Found:
    """What came of looking: a document, or why there is none."""

    document: Document | None
    reason: str


def parse(content: bytes, content_type: str = "") -> dict[str, Any]:
    """Read an OpenAPI document, JSON or YAML, or JSON inside of the script that shows it; keys are text.

    Args:
        content_type: only a hint: services serve YAML as text/plain and JSON as anything.

    Raises:
        DocumentError: it is neither, says nothing of OpenAPI, or is too large, too deep, cyclic or a bomb of aliases.
    """
    if len(content) > SIZE_CAP:
        raise DocumentError(f"it has more than {SIZE_CAP // 1_048_576} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError("it is not UTF-8") from None
    if "javascript" in content_type.lower():
        data = _shown(text)
    else:
        data = _json(text) if text.lstrip()[:1] in {"{", "["} else _yaml(text, content_type)
    if not isinstance(data, dict):
        raise DocumentError("it is no object")
    version = data.get("openapi", data.get("swagger"))
    if not isinstance(version, str | int | float) or isinstance(version, bool):
        raise DocumentError("it has no field `openapi` or `swagger`")
    _bounded(data)
    named = "openapi" if "openapi" in data else "swagger"
    return {str(key): value for key, value in data.items()} | {named: str(version)}


def version_of(data: Mapping[str, Any]) -> str:
    """The document's own word on its version ("3.1.0"), at most 40 characters."""
    return str(data.get("openapi", data.get("swagger", "")))[:40]


def references(data: Any) -> Iterator[str]:
    """Every `$ref` of a document, in its order."""
    todo = [data]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            todo.extend(reversed(value.values()))
        elif isinstance(value, list):
            todo.extend(reversed(value))


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise DocumentError("it is nested too deeply") from None
    except ValueError as error:
        # flow mappings of YAML begin as JSON does
        try:
            return _yaml(text, "")
        except DocumentError:
            raise DocumentError(f"it is no JSON: {error}") from None


def _shown(script: str) -> Any:
    _, found, after = script.partition(_SHOWN)
    if not found:
        raise DocumentError("it is a script, and there is no document inside")
    try:
        return json.JSONDecoder(parse_constant=_refuse).raw_decode(after.lstrip())[0]
    except RecursionError:
        raise DocumentError("it is nested too deeply") from None
    except ValueError as error:
        raise DocumentError(f"it is a script, and what it shows is no JSON: {error}") from None


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _yaml(text: str, content_type: str) -> Any:
    import yaml

    if "html" in content_type.lower() or text.lstrip()[:1] == "<":
        raise DocumentError("it is a page, not a document")
    made = loader()(text)
    try:
        few_events(text)
        node = composed(made)
        return _with_text_keys(made.construct_document(node)) if node is not None else None
    except yaml.YAMLError as error:
        raise DocumentError(f"it is no YAML: {str(error).splitlines()[0][:200]}") from None
    except (RecursionError, ValueError, TypeError, OverflowError) as error:
        raise DocumentError(str(error) if isinstance(error, YamlTrouble) else "it is no usable YAML") from None
    finally:
        made.dispose()


def _with_text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _with_text_keys(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _bounded(data: Any) -> None:
    """JSON has no aliases: its depth and its number of values are counted as they are."""
    level, count = [data], 0
    for _ in range(DEPTH_CAP):
        below: list[Any] = []
        for value in level:
            below.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
        count += len(level)
        if count > NODES_CAP:
            raise DocumentError(f"it has more than {NODES_CAP} values")
        level = below
        if not level:
            return
    raise DocumentError("it is nested too deeply")


def find_document(
    http: HttpClient, base_url: str, described: str | None, carried: Sequence[Mapping[str, Any]] = ({},)
) -> Found:
    """Look where the descriptor says, else at the well-known places.

    Args:
        described: `api.document`.
        carried: parts of a request that are tried in turn: nothing, then what carries an access token.
    """
    tried = []
    for path in (described,) if described else WELL_KNOWN:
        for position, message in enumerate(carried):
            answer = _get(http, url_at(base_url, path), message)
            if isinstance(answer, str):
                tried.append(f"{path}: {answer}")
                break
            if answer.status in {401, 403} and position + 1 < len(carried):
                continue
            document = _read(answer, position > 0)
            if isinstance(document, Document):
                return Found(document, "")
            tried.append(f"{path}: {document}")
            break
    if described:
        return Found(None, f"no OpenAPI document is at api.document = {described!r}: {tried[0].partition(': ')[2]}")
    telling = next((one for one in tried if " answered " not in one), "")
    return Found(
        None,
        f"no OpenAPI document was found at {len(tried)} well-known places{f' ({telling})' if telling else ''}: "
        "give its path as [api] document",
    )


def _get(http: HttpClient, url: str, message: Mapping[str, Any]) -> Answer | str:
    """The answer, redirects on the same host followed, or why there is none."""
    for _ in range(REDIRECTS + 1):
        headers = {"Accept": ACCEPT, **message.get("headers", {})}
        request = Request("GET", url, headers=headers, cookies=message.get("cookies", {}), cap=SIZE_CAP + 1)
        try:
            answer = http.send(request)
        except NoAnswer as error:
            return str(error)
        place = answer.headers.get("location", "")
        if not 300 <= answer.status < 400 or not place:
            return answer
        following = urljoin(url, place)
        if urlsplit(following)[:2] != urlsplit(url)[:2]:
            return "it redirects to another host"
        url = following
    return "it redirects in circles"


def _read(answer: Answer, needs_token: bool) -> Document | str:
    if answer.status != 200:
        return answer.describe()
    try:
        data = parse(answer.body, answer.headers.get("content-type", ""))
    except DocumentError as error:
        return str(error)
    return Document(answer.request.url, version_of(data), data, needs_token)
