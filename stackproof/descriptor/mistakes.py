"""What can be wrong with a descriptor: where, what, and what to do about it, a line each."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from stackproof.descriptor.locating import KeyPath
from stackproof.descriptor.places import Table
from stackproof.evidence import printable

SHOWN = 80  # characters of a value or a key that a message repeats
SECRET_NAME = re.compile(
    r"(?i)(^|[_-])(password|passwd|pwd|passphrase|secret|tokens?|api[_-]?key|private[_-]?key|credentials?)$"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        path: the key, "" for the file itself.
        what: what is wrong, a clause without a full stop.
        cure: what to do, an imperative.
    """

    path: KeyPath
    what: str
    cure: str

    def told(self, file: str, lines: Mapping[KeyPath, int]) -> str:
        """`file:line: key: what; cure: …`, in one line."""
        line = self.line(lines)
        where = f"{file}:{line}" if line else file
        return f"{where}: {key_of(self.path)}: {self.what}; cure: {self.cure}"

    def line(self, lines: Mapping[KeyPath, int]) -> int:
        """The line of the key, or of the nearest table around it; 0 where no lines are known."""
        for length in range(len(self.path), 0, -1):
            if self.path[:length] in lines:
                return lines[self.path[:length]]
        return lines.get((), 0)


def key_of(path: KeyPath) -> str:
    """The key in words: `auth.login.path`, `waivers.0.expires`."""
    return ".".join(_name(part) for part in path) or "the file"


def _name(part: str | int) -> str:
    text = str(part)
    if isinstance(part, str) and not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        return shown(text)
    return text[:SHOWN]


def shown(value: Any, path: KeyPath = ()) -> str:
    """A value as a message repeats it: short, in one line, and not at all where its key names a secret."""
    if path and not isinstance(value, bool | int | float) and is_secret(path):
        return "a value that is not shown"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = re.sub(r"(?<=://)[^/\s@]*:[^/\s@]*@", "…@", value) if isinstance(value, str) else str(value)
    text = printable(text[: SHOWN * 2]).replace("\n", " ").replace("\t", " ")
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return json.dumps(text, ensure_ascii=False) if isinstance(value, str) else text


def is_secret(path: KeyPath) -> bool:
    """Whether a key of that name would hold a secret, and no name of one, where an unknown key has it."""
    return (
        bool(path) and isinstance(path[-1], str) and path[-1] != "refresh_tokens" and bool(SECRET_NAME.search(path[-1]))
    )


def table_in(annotation: Any) -> type[Table] | None:
    """The table that a field holds, itself, perhaps, or many of it."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    for one in get_args(annotation):
        found = table_in(one)
        if found is not None:
            return found
    return None


def plain_types(annotation: Any) -> tuple[Any, ...]:
    """The types of a field without None: `(bool,)`, `(float,)`, `(Path,)`."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(one for one in get_args(annotation) if one is not type(None))
    return (annotation,)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of the file that the model knows."""

    model: type[Table]
    name: str
    field: FieldInfo
    value: Any
    path: KeyPath


def entries(model: type[Table], data: Any, path: KeyPath = ()) -> Iterator[Entry]:
    """Every known key that the data gives, tables before what is in them."""
    if not isinstance(data, Mapping):
        return
    for name, field in model.model_fields.items():
        if name not in data:
            continue
        value, here = data[name], (*path, name)
        yield Entry(model, name, field, value, here)
        inner = table_in(field.annotation)
        if inner is None:
            continue
        if isinstance(value, list):
            for number, one in enumerate(value):
                yield from entries(inner, one, (*here, number))
        else:
            yield from entries(inner, value, here)


def model_at(model: type[Table], path: KeyPath) -> type[Table] | None:
    """The table's model at a path."""
    found: type[Table] | None = model
    for part in path:
        if found is None:
            return None
        if isinstance(part, str):
            field = found.model_fields.get(part)
            found = table_in(field.annotation) if field else None
    return found


def of_validation(error: Mapping[str, Any], model: type[Table], data: Any) -> Fault:
    """A fault in words from one of pydantic's errors."""
    path = _in_data(tuple(error["loc"]), data, missing=error["type"] == "missing")
    kind, value = str(error["type"]), error.get("input")
    context = error.get("ctx") or {}
    if kind == "extra_forbidden":
        return unknown(path, model)
    if kind == "missing":
        return _missing(path, model)
    if kind == "literal_error":
        return _no_choice(path, value, model)
    if kind in {"value_error", "assertion_error"}:
        what, _, cure = str(error["msg"]).partition(", ")[2].partition("; ")
        return Fault(path, what, cure or "`stackproof schema target` says what fits")
    if kind in _BOUNDS:
        bound = next(iter(context.values()), "")
        return Fault(path, f"is {shown(value, path)}", f"write a value that is {_BOUNDS[kind]} {bound}")
    if kind in {"too_short", "string_too_short"}:
        return Fault(path, "is empty", "write a value, or remove the key")
    if kind.startswith("date"):
        return Fault(path, f"is {shown(value, path)}, which is no date", "write a date without quotes: 2027-03-31")
    wanted = next((words for start, words in _WANTED.items() if kind.startswith(start)), "another type")
    example = next((words for start, words in _EXAMPLES.items() if kind.startswith(start)), "")
    return Fault(
        path, f"is {_type_of(value)} where {wanted} is wanted", f"write {path[-1] if path else 'key'} = {example}"
    )


_BOUNDS = {
    "greater_than": "greater than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}
_WANTED = {
    "string": "a text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "path": "a path as a text",
    "tuple": "a list",
    "list": "a list",
    "dict": "a table",
    "model": "a table",
    "finite": "a finite number",
}
_EXAMPLES = {
    "string": '"…"',
    "bool": "true",
    "int": "10",
    "float": "10",
    "path": '"folder/file"',
    "tuple": '["…", "…"]',
    "list": '["…", "…"]',
    "dict": '{ "Name" = "…" }',
    "model": "{ … }, or a [table] of that name",
    "finite": "10",
}


def unknown(path: KeyPath, model: type[Table]) -> Fault:
    """A key that the model does not have."""
    name, table = str(path[-1]), model_at(model, path[:-1])
    names = sorted(table.model_fields) if table else []
    if SECRET_NAME.search(name):
        variables = [one for one in names if one.endswith("env")]
        cure = (
            f"name an environment variable with {' or '.join(variables)}"
            if variables
            else "name an environment variable"
        )
        return Fault(path, "a secret does not stand in this file", f"remove it, and {cure}")
    near = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    if near:
        return Fault(path, "unknown key", f"did you mean {near[0]}?")
    elsewhere = _home_of(name, model)
    if elsewhere:
        return Fault(path, "unknown key here", f"did you mean {elsewhere}?")
    return Fault(path, "unknown key", f"remove it; there are {', '.join(names)}" if names else "remove it")


def _home_of(name: str, model: type[Table], path: tuple[str, ...] = ()) -> str:
    """The one table that has a key of that name, where there is just one."""
    homes = sorted({".".join(one) for one in _homes(name, model, path)})
    return homes[0] if len(homes) == 1 else ""


def _homes(name: str, model: type[Table], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for own, field in model.model_fields.items():
        if own == name:
            yield (*path, own)
        inner = table_in(field.annotation)
        if inner is not None and len(path) < 4:
            yield from _homes(name, inner, (*path, own))


def _missing(path: KeyPath, model: type[Table]) -> Fault:
    table = model_at(model, path[:-1])
    field = table.model_fields.get(str(path[-1])) if table else None
    inner = table_in(field.annotation) if field else None
    if inner is not None:
        needed = [name for name, one in inner.model_fields.items() if one.is_required()]
        what = f" with {', '.join(needed)}" if needed else ""
        return Fault(path, "is missing", f"add [{key_of(path)}]{what}")
    examples = {"base_url": '"https://service.example"', "path": '"/…"', "expires": "2027-03-31", "when": "2026-11-02"}
    example = examples.get(str(path[-1]), '["…"]' if path[-1] == "command" else '"…"')
    return Fault(path, "is missing", f"add {path[-1]} = {example}")


def _no_choice(path: KeyPath, value: Any, model: type[Table]) -> Fault:
    table = model_at(model, path[:-1])
    field = table.model_fields.get(str(path[-1])) if table else None
    words = [str(one) for one in _choices(field.annotation)] if field else []
    near = get_close_matches(str(value).lower(), [one.lower() for one in words], n=1, cutoff=0.6)
    match = next((one for one in words if near and one.lower() == near[0]), "")
    cure = f"did you mean {json.dumps(match)}?" if match else f"write one of {', '.join(map(json.dumps, words))}"
    return Fault(path, f"is {shown(value, path)}, which is none of {', '.join(words)}", cure)


def _choices(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [one for part in get_args(annotation) for one in _choices(part)]


def _in_data(location: KeyPath, data: Any, *, missing: bool) -> KeyPath:
    """The location without the names that pydantic gives to the branches of a union."""
    path: list[str | int] = []
    for number, part in enumerate(location):
        last = missing and number == len(location) - 1
        if isinstance(data, Mapping) and (part in data or last):
            path.append(part)
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            path.append(part)
            data = data[part]
    return tuple(path)


def _type_of(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return names.get(type(value), "a date")
