"""The operations of an OpenAPI document, and requests to them with made-up values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlsplit

from stackproof.descriptor.authentication import Auth

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPERATIONS_CAP = 1_000
REFERENCE_HOPS = 20

#: a path with such a word is about the account itself or its sessions: using it as anybody else might end the run's own
_DELICATE = re.compile(
    r"(?i)(log_?-?(in|out)|sign_?-?(in|out|up)|regist|revoke|refresh|token|passw|otp|mfa|2fa|activat|verif|session|auth)"
)
_OWN_ACCOUNT = re.compile(r"(?i)/(me|self|account|profile|users?|current-?user)/?$")
_LEAVES = re.compile(r"(?i)(log_?-?out|sign_?-?out|revoke)")
_BY_FORMAT = {"uuid": "00000000-0000-4000-8000-000000000000", "date": "2024-01-01", "date-time": "2024-01-01T00:00:00Z",
              "email": "nobody@example.com"}  # fmt: skip
_BY_TYPE = {"integer": "1", "number": "1", "boolean": "true"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document.

    Attributes:
        method: upper case.
        template: the path as the document writes it, the base path of its server left out.
        protected: the document asks for credentials, and for no operation of it "none" is one of the choices.
        parameters: resolved parameter objects of the path item and the operation.
        item: the operation object.
    """

    method: str
    template: str
    protected: bool
    parameters: tuple[Mapping[str, Any], ...]
    item: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As patterns of the descriptor name it: "GET /jobs/{id}/"."""
        return f"{self.method} {self.template}"

    @property
    def safe(self) -> bool:
        """Whether it only reads (RFC 9110, section 9.2.1)."""
        return self.method in SAFE

    def example_path(self) -> str:
        """The template with a value of the right kind in each place, and required query parameters behind it."""
        path = self.template
        query = []
        for one in self.parameters:
            name, where = str(one.get("name", "")), one.get("in")
            if where == "path":
                path = path.replace(f"{{{name}}}", quote(_example(one), safe=""))
            elif where == "query" and one.get("required") is True:
                query.append(f"{quote(name, safe='')}={quote(_example(one), safe='')}")
        path = re.sub(r"\{[^{}/]*\}", "1", path)
        return f"{path}?{'&'.join(query)}" if query else path

    @property
    def has_placeholders(self) -> bool:
        """Whether its path needs the name of something that exists."""
        return "{" in self.template


def operations_of(data: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Every operation of a document, at most `OPERATIONS_CAP`; what is no object where one has to be is left out."""
    paths = data.get("paths")
    found: list[Operation] = []
    for template, given in paths.items() if isinstance(paths, dict) else ():
        item = resolved(data, given)
        if not isinstance(item, dict) or not str(template).startswith("/"):
            continue
        for method in METHODS:
            operation = item.get(method)
            if isinstance(operation, dict) and len(found) < OPERATIONS_CAP:
                parameters = tuple(_parameters(data, item.get("parameters"), operation.get("parameters")))
                protected = _protected(operation.get("security", data.get("security")))
                found.append(Operation(method.upper(), str(template), protected, parameters, operation))
    return tuple(found)


def root_url(data: Mapping[str, Any], operations: tuple[Operation, ...], base_url: str) -> str:
    """The URL that the document's paths are written behind, without a slash at its end.

    The host of a server entry never counts. Its path does, save what the base URL has already: with the base URL
    https://host/shop a server of /shop adds nothing, and one of /shop/v2 adds /v2.
    """
    base, server = base_url.rstrip("/"), _server_path(data)
    own = urlsplit(base).path
    if own and (server == own or server.startswith(f"{own}/")):
        return base + server[len(own) :]
    if own and not server and operations and all(one.template.startswith(f"{own}/") for one in operations):
        return base.removesuffix(own)  # the paths of the document repeat what the base URL has
    return base + server


def _server_path(data: Mapping[str, Any]) -> str:
    """The path of the first server, or of a Swagger document's basePath, with its variables' defaults."""
    if "swagger" in data:
        url = str(data.get("basePath", ""))
    else:
        servers = data.get("servers")
        first = servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else {}
        url, variables = str(first.get("url", "")), first.get("variables")
        for name, one in variables.items() if isinstance(variables, dict) else ():
            url = url.replace(f"{{{name}}}", str(one.get("default", "")) if isinstance(one, dict) else "")
    try:
        path = urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""
    return path if not path or path.startswith("/") else f"/{path}"


def resolved(data: Mapping[str, Any], value: Any) -> Any:
    """The value behind a chain of references inside the document; {} where it leads nowhere or out of it."""
    for _ in range(REFERENCE_HOPS):
        if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
            return value
        value = _at(data, value["$ref"])
    return {}


def matches(operation: Operation, patterns: tuple[str, ...]) -> bool:
    """Whether one of the descriptor's patterns ("GET /health/*") names the operation; no method stands for any."""
    for pattern in patterns:
        method, _, path = pattern.strip().rpartition(" ")
        if method.strip().upper() in {"", "*", operation.method} and fnmatchcase(operation.template, path):
            return True
    return False


def is_of_authentication(operation: Operation, auth: Auth | None) -> bool:
    """Whether the operation is one that the descriptor's [auth] names, the protected resource aside."""
    named = [one for one in auth.operations() if one is not auth.protected] if auth else []
    paths = {urlsplit(one.path).path.rstrip("/") for one in named}
    own = operation.template.rstrip("/")
    return bool(own) and any(path and (path.endswith(own) or own.endswith(path)) for path in paths)


def may_be_used(operation: Operation, auth: Auth | None) -> bool:
    """Whether using it with made-up values leaves the account and its sessions alone."""
    if is_of_authentication(operation, auth) or _LEAVES.search(operation.template):
        return False
    if operation.safe:
        return True
    own = auth is not None and urlsplit(auth.protected.path).path.rstrip("/").endswith(operation.template.rstrip("/"))
    return not (own or _DELICATE.search(operation.template) or _is_own_account(operation))


def _is_own_account(operation: Operation) -> bool:
    return operation.method != "POST" and bool(_OWN_ACCOUNT.search(operation.template))


def _at(data: Any, pointer: str) -> Any:
    """What a JSON pointer in a fragment names (RFC 6901, section 6)."""
    if not pointer.startswith("#/"):
        return {}
    value = data
    for step in pointer[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        value = value.get(name) if isinstance(value, dict) else None
    return value if value is not None else {}


def _parameters(data: Mapping[str, Any], *lists: Any) -> Iterator[Mapping[str, Any]]:
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for given in lists:
        for one in given if isinstance(given, list) else ():
            parameter = resolved(data, one)
            if isinstance(parameter, dict):
                schema = resolved(data, parameter.get("schema", {}))
                whole = {**parameter, "schema": schema if isinstance(schema, dict) else {}}
                found[(str(parameter.get("name")), str(parameter.get("in")))] = whole
    yield from found.values()


def _protected(security: Any) -> bool:
    """Each entry is one way in; an empty one stands for none needed (OpenAPI 3.1, section 4.8.30)."""
    return isinstance(security, list) and bool(security) and all(isinstance(one, dict) and one for one in security)


def _example(parameter: Mapping[str, Any]) -> str:
    schema = parameter.get("schema", {})
    for source in (parameter, schema):
        for key in ("example", "default", "const"):
            if isinstance(source.get(key), str | int | float):
                return str(source[key])
        for key in ("enum", "examples"):
            listed = source.get(key)
            if isinstance(listed, list) and listed and isinstance(listed[0], str | int | float):
                return str(listed[0])
    words = schema if "type" in schema or "format" in schema else parameter
    if words.get("format") in _BY_FORMAT:
        return _BY_FORMAT[str(words["format"])]
    kind = words.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "integer" in kinds and isinstance(schema.get("minimum"), int | float):
        return str(int(max(1, schema["minimum"])))
    return next((_BY_TYPE[one] for one in kinds if one in _BY_TYPE), "1")
