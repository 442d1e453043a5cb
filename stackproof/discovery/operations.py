"""The operations of an OpenAPI document as plain data; references are followed inside the document alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

MOST_OPERATIONS = 2_000
MOST_FIELDS = 60
READ_ONLY, WRITE_ONLY = "readOnly", "writeOnly"  # OpenAPI 3: of the answer alone, of the request alone
DEEPEST = 4  # levels of a schema that are looked into
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as it is documented or as a well-known route has it.

    Attributes:
        path: with the prefix that the document's server adds.
        words: its id, summary and tags in lower case.
        fields: dotted names of the request body.
        required: those of them that have to be there.
        format: of the request body.
        answers: dotted names of the bodies of its 2xx answers.
        secured: whether the document says that it needs credentials; None where it does not say.
        schemes: names of the security schemes that open it.
        headers: parameters that travel in headers; `cookies`: in cookies.
    """

    method: str
    path: str
    words: str = ""
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    format: str = "json"
    answers: tuple[str, ...] = ()
    secured: bool | None = None
    schemes: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Api:
    """What a document says.

    Attributes:
        schemes: security schemes by name, references resolved.
        elsewhere: servers on other hosts or outside the base URL's path, which are not contacted.
    """

    version: str
    operations: tuple[Operation, ...]
    schemes: dict[str, dict[str, Any]] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()


def read_api(data: dict[str, Any], base_url: str) -> Api:
    """The operations of a parsed document that the service at `base_url` serves."""
    reader = _Reader(data)
    prefix, elsewhere = _prefix(data, base_url)
    repeated = _repeated(data, base_url)
    if repeated:
        hosts = {None, urlsplit(base_url).hostname}
        prefix, elsewhere = "", tuple(one for one in elsewhere if urlsplit(one).hostname not in hosts)
    operations: list[Operation] = []
    for path, item in data["paths"].items():
        if isinstance(path, str) and path.startswith("/") and isinstance(item, dict):
            operations += reader.operations(prefix + path.removeprefix(repeated), reader.resolved(item))
        if len(operations) > MOST_OPERATIONS:
            break
    components = _dict(data.get("components"))
    schemes = _dict(components.get("securitySchemes")) or _dict(data.get("securityDefinitions"))
    found = {str(name): reader.resolved(one) for name, one in list(schemes.items())[:MOST_FIELDS]}
    return Api(str(data.get("openapi", data.get("swagger"))), tuple(operations), found, elsewhere)


def _repeated(data: dict[str, Any], base_url: str) -> str:
    """The base URL's own path, where every path of the document begins with it and its server adds none; else ""."""
    own = urlsplit(base_url).path.rstrip("/")
    paths = [path for path in data["paths"] if isinstance(path, str) and path.startswith("/")]
    listed = data.get("servers")
    servers = [_dict(one).get("url") for one in listed] if isinstance(listed, list) else []
    named = [str(one) for one in (data.get("basePath"), *servers) if one]
    try:
        bare = all(not urlsplit(one).path.strip("/") for one in named)
    except ValueError:
        return ""
    return own if own and paths and bare and all(path.startswith(f"{own}/") for path in paths) else ""


def _prefix(data: dict[str, Any], base_url: str) -> tuple[str, tuple[str, ...]]:
    """The path that the document's server adds beyond the base URL's own, and the servers on other hosts."""
    base = urlsplit(base_url)
    own = base.path.rstrip("/")
    if isinstance(data.get("basePath"), str):
        servers = [data["basePath"]]
    else:
        listed = data.get("servers")
        servers = [_dict(one).get("url") for one in listed] if isinstance(listed, list) else []
    elsewhere: list[str] = []
    for url in servers:
        if not isinstance(url, str) or "{" in url:
            continue
        try:
            parts = urlsplit(url)
        except ValueError:
            continue
        path = "/" + parts.path.strip("/") if parts.path.strip("/") else ""
        inside = path == own or path.startswith(own + "/")
        if not (parts.hostname in {None, base.hostname} and inside):
            elsewhere.append(url)
            continue
        return path.removeprefix(own), tuple(elsewhere)
    return "", tuple(elsewhere)


class _Reader:
    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data

    def resolved(self, node: Any) -> dict[str, Any]:
        """The node, its references followed inside the document; {} where they lead nowhere."""
        for _ in range(8):
            reference = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str):
                break
            node = self._data if reference.startswith("#/") else None
            for step in reference[2:].split("/"):
                node = _dict(node).get(step.replace("~1", "/").replace("~0", "~"))
        return _dict(node)

    def operations(self, path: str, item: dict[str, Any]) -> Iterator[Operation]:
        """What one path has."""
        shared = item.get("parameters")
        for method in METHODS:
            operation = _dict(item.get(method))
            if isinstance(item.get(method), dict):
                own = operation.get("parameters")
                parameters = [
                    self.resolved(one) for part in (shared, own) if isinstance(part, list) for one in part[:MOST_FIELDS]
                ]
                yield self._operation(method.upper(), path, operation, parameters)

    def _operation(
        self, method: str, path: str, operation: dict[str, Any], parameters: list[dict[str, Any]]
    ) -> Operation:
        schema, form = self._body(operation, parameters)
        sent = self._fields(schema, READ_ONLY)
        tags = operation.get("tags")
        words = [operation.get("operationId"), operation.get("summary"), *(tags if isinstance(tags, list) else [])]
        security = operation.get("security", self._data.get("security"))
        listed = [_dict(one) for one in security] if isinstance(security, list) else None
        return Operation(
            method=method,
            path=path,
            words=" ".join(str(one) for one in words if one)[:300].lower(),
            fields=tuple(name for name, _ in sent)[:MOST_FIELDS],
            required=tuple(name for name, needed in sent if needed)[:MOST_FIELDS],
            format=form,
            answers=tuple(self._answers(operation))[:MOST_FIELDS],
            secured=None if listed is None else bool(listed) and all(listed),
            schemes=tuple(str(name) for one in listed or [] for name in one)[:10],
            headers=tuple(str(one.get("name")) for one in parameters if _stands_in(one, "header")),
            cookies=tuple(str(one.get("name")) for one in parameters if _stands_in(one, "cookie")),
        )

    def _body(self, operation: dict[str, Any], parameters: list[dict[str, Any]]) -> tuple[Any, str]:
        content = _dict(self.resolved(operation.get("requestBody")).get("content"))
        kinds = {str(kind).partition(";")[0].strip().lower(): self.resolved(one) for kind, one in content.items()}
        for kind, form in (
            ("application/json", "json"),
            ("application/x-www-form-urlencoded", "form"),
            ("multipart/form-data", "form"),
        ):
            if kind in kinds:
                return kinds[kind].get("schema"), form
        for one in parameters:  # Swagger 2
            if one.get("in") == "body":
                return one.get("schema"), "json"
        named = {str(one.get("name")): one for one in parameters if one.get("in") == "formData"}
        required = [name for name, one in named.items() if one.get("required")]
        return ({"properties": named, "required": required}, "form") if named else (None, "json")

    def _answers(self, operation: dict[str, Any]) -> Iterator[str]:
        for status, answer in list(_dict(operation.get("responses")).items())[:20]:
            if not str(status).startswith("2"):
                continue
            found = self.resolved(answer)
            schemas = [found.get("schema"), *(_dict(one).get("schema") for one in _dict(found.get("content")).values())]
            for schema in schemas[:4]:
                yield from (name for name, _ in self._fields(schema, WRITE_ONLY))

    def _fields(self, schema: Any, hidden: str, path: str = "", depth: int = 0) -> list[tuple[str, bool]]:
        """Dotted names of a schema's scalar properties, and whether each is required.

        Args:
            hidden: what marks a property that is no part of this message; `required` has no effect there.
        """
        node = self.resolved(schema)
        found: list[tuple[str, bool]] = []
        if depth > DEEPEST:
            return found
        for part in ("allOf", "oneOf", "anyOf"):
            listed = node.get(part)
            for one in listed[:10] if isinstance(listed, list) and len(found) <= MOST_FIELDS else []:
                found += self._fields(one, hidden, path, depth + 1)
        needed = node.get("required")
        required = [str(one) for one in needed] if isinstance(needed, list) else []
        for name, inner in list(_dict(node.get("properties")).items())[:MOST_FIELDS]:
            if not is_name(str(name)) or self.resolved(inner).get(hidden) is True:
                continue
            dotted = f"{path}.{name}" if path else str(name)
            below = self._fields(inner, hidden, dotted, depth + 1)
            found += below or [(dotted, str(name) in required)]
            if len(found) > MOST_FIELDS:
                break
        return found


def is_name(text: str) -> bool:
    """Whether a name can be written as a place of the descriptor: no dots, colons, spaces or invisible characters."""
    return 0 < len(text) <= 100 and text.isprintable() and not set(text) & set(" .:")


def is_path(text: str) -> bool:
    """Whether a text is a path that can be asked for and written down as it is."""
    return text.startswith("/") and len(text) <= 300 and text.isprintable() and not set(text) & set(" ?#\\")


def _stands_in(parameter: dict[str, Any], where: str) -> bool:
    return parameter.get("in") == where and is_name(str(parameter.get("name")))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
