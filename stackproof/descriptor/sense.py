"""What each key of a descriptor has to mean by itself, looked at in the raw data: one fault hides no other."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from stackproof.descriptor.locating import KeyPath
from stackproof.descriptor.mistakes import Entry, Fault, plain_types, shown

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FRAMING = {"content-length", "transfer-encoding", "connection", "host"}


def at(data: Any, *names: str | int) -> Any:
    """The value at a path, or None."""
    for name in names:
        if isinstance(data, Mapping):
            data = data.get(name)
        elif isinstance(data, list) and isinstance(name, int) and name < len(data):
            data = data[name]
        else:
            return None
    return data


def names_no_id(data: Any, *names: str, whose: str = "the id") -> Iterator[Fault]:
    """The fault of an operation whose path has no place for an id."""
    path = at(data, *names, "path")
    if isinstance(path, str) and "{id}" not in path:
        yield Fault((*names, "path"), f"does not say where {whose} stands", "put {id} into it")


# --- one key ------------------------------------------------------------------------------------------------------


def _strict_type(entry: Entry) -> Iterator[Fault]:
    """TOML has booleans and numbers: a text in their place is a slip, whatever it would be read as."""
    kinds = plain_types(entry.field.annotation)
    if kinds == (bool,) and not isinstance(entry.value, bool):
        yield Fault(entry.path, f"is {shown(entry.value, entry.path)}", f"write {entry.name} = true, or false")
    elif kinds in {(float,), (int,)}:
        value = entry.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield Fault(
                entry.path, f"is {shown(value, entry.path)} where a number is wanted", f"write {entry.name} = 10"
            )
        elif isinstance(value, float) and not math.isfinite(value):
            yield Fault(entry.path, f"is {value}, which is no finite number", f"write {entry.name} = 10")


def _variable_name(entry: Entry) -> Iterator[Fault]:
    """A key that names a variable holds a name; a value that looks like none is perhaps the secret itself."""
    named = entry.name.endswith("_env") or entry.path[-2:] == ("signing_key", "env")
    if named and isinstance(entry.value, str) and entry.value and not _VARIABLE.fullmatch(entry.value):
        yield Fault(entry.path, "is no name of an environment variable (it is not shown)",
                    "name the variable, and put the secret into it")  # fmt: skip


def _headers(entry: Entry) -> Iterator[Fault]:
    if entry.name != "headers" or not isinstance(entry.value, Mapping):
        return
    for name, value in entry.value.items():
        path = (*entry.path, name)
        if not TOKEN.fullmatch(name):
            yield Fault(path, "is no header name", "write letters, digits and hyphens alone")
        elif name.lower() in _FRAMING:
            yield Fault(path, "is a header that the client itself sets", "remove it")
        elif isinstance(value, str) and CONTROL.search(value):
            yield Fault(path, "holds a line break or another control character", "write the value in one line")
        elif isinstance(value, str) and not value.isascii():
            yield Fault(path, "holds characters that a header cannot carry", "write it in ASCII")


def _redis_user(entry: Entry) -> Iterator[Fault]:
    """The name of a user, which Redis's list of users could hold."""
    if entry.path[0] != "redis" or entry.name != "user" or not isinstance(entry.value, str):
        return
    if "://" in entry.value or "@" in entry.value:
        yield Fault(entry.path, "is an address (it is not shown)", "write the name of the user alone")
    elif re.search(r"[\s:\x00-\x1f]", entry.value):
        yield Fault(entry.path, f"is {shown(entry.value)}, which is no name of a user", "write the name alone")


def _header_word(entry: Entry) -> Iterator[Fault]:
    if entry.name == "header" and isinstance(entry.value, str) and not TOKEN.fullmatch(entry.value):
        yield Fault(
            entry.path, f"is {shown(entry.value)}, which is no header name", 'write a name such as "X-CSRFToken"'
        )
    if entry.name == "scheme" and isinstance(entry.value, str) and entry.value and not TOKEN.fullmatch(entry.value):
        yield Fault(entry.path, f"is {shown(entry.value)}, which is no word", 'write one word, such as "Bearer", or ""')


def _cookie_prefix(entry: Entry) -> Iterator[Fault]:
    """What a cookie's value can carry (RFC 6265, section 4.1.1), and the space that servers put in quotes."""
    odd = isinstance(entry.value, str) and re.search(r'[^\x20-\x7e]|[";\\,]', entry.value)
    if entry.name == "cookie_prefix" and odd:
        yield Fault(entry.path, f"is {shown(entry.value)}, which no cookie can hold", 'write a word such as "Bearer "')


def _place(entry: Entry) -> Iterator[Fault]:
    """header:NAME and cookie:NAME have names that HTTP can carry."""
    if not isinstance(entry.value, str) or entry.name not in {"carrier", "access", "refresh", "token"}:
        return
    kind, colon, name = entry.value.partition(":")
    if colon and kind in {"header", "cookie"} and not TOKEN.fullmatch(name):
        yield Fault(entry.path, f"is {shown(entry.value)}: that is no name of a {kind}", f'write "{kind}:NAME"')
    elif (
        colon
        and kind not in {"header", "cookie"}
        and re.fullmatch(r"[a-z]+", kind)
        and kind != "body"
        and entry.path[0] != "websocket"
    ):
        yield Fault(entry.path, f"is {shown(entry.value)}, which is no place",
                    "write body:FIELD, cookie:NAME or header:NAME")  # fmt: skip


def _path(entry: Entry) -> Iterator[Fault]:
    """A path, or a whole URL, of an operation."""
    if (
        entry.name not in {"path", "document", "jwks", "stream", "in_flight"}
        or entry.path[0] == "project"
        or entry.path == ("websocket", "path")
    ):
        return
    yield from url_path(entry.path, entry.value)


def url_path(path: KeyPath, value: Any) -> Iterator[Fault]:
    if not isinstance(value, str):
        return
    if not value.startswith(("/", "http://", "https://")):
        yield Fault(path, f"is {shown(value)}, which is no path", "begin it with '/'")
    elif re.search(r"\s", value) or CONTROL.search(value):
        yield Fault(path, f"is {shown(value)}, with a blank in it", "write blanks as %20")
    elif "#" in value:
        yield Fault(path, f"is {shown(value)}; a fragment is never sent", "remove what follows '#'")
    elif value.startswith("http"):
        yield from whole_url(path, value)


def _command(entry: Entry) -> Iterator[Fault]:
    """A list of words that is run without a shell."""
    lists = {
        "command",
        "create",
        "deactivate",
        "delete",
        "set_password",
        "stop",
        "start",
        "newest",
        "take",
        "restore",
        "remove",
    }
    if entry.name not in lists or not isinstance(entry.value, list) or not entry.value:
        return
    words = entry.value
    if not all(isinstance(one, str) for one in words):
        return
    if not words[0].strip():
        yield Fault(entry.path, "begins with an empty word", 'name the program first: ["./program", "word"]')
    elif any("\0" in one for one in words):
        yield Fault(entry.path, "holds a NUL character", "remove it")
    elif len(words) == 1 and " " in words[0] and not Path(words[0]).exists():
        yield Fault(entry.path, "is one word with blanks in it; there is no shell that would part them",
                    f"write {entry.name} = {shown_list(words[0].split())}")  # fmt: skip


def shown_list(words: list[str]) -> str:
    """Words as a TOML list, the first ones."""
    inside = ", ".join(shown(one) for one in words[:6])
    return f"[{inside}{', …' if len(words) > 6 else ''}]"


ENTRY_RULES: tuple[Callable[[Entry], Iterator[Fault]], ...] = (
    _strict_type,
    _variable_name,
    _headers,
    _redis_user,
    _header_word,
    _cookie_prefix,
    _place,
    _path,
    _command,
)


# --- URLs ---------------------------------------------------------------------------------------------------------


def whole_url(path: KeyPath, value: Any, *, base: bool = False) -> Iterator[Fault]:
    if not isinstance(value, str):
        return
    parts = split_url(value)
    if parts is None or CONTROL.search(value) or " " in value:
        yield Fault(path, f"is {shown(value)}, which is no URL (see its port and its brackets)",
                    "write a whole URL such as https://service.example")  # fmt: skip
    elif parts.scheme not in {"http", "https"} or not parts.hostname:
        yield Fault(path, f"is {shown(value)}", "write a whole URL such as https://service.example")
    elif parts.username is not None or parts.password is not None:
        yield Fault(path, "carries credentials", "name the account through [accounts] instead")
    elif base and (parts.query or parts.fragment or value.endswith(("?", "#"))):
        yield Fault(path, f"is {shown(value)}, with a query or a fragment", "write scheme, host and path alone")


def split_url(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        usable = parts.port != 0
    except ValueError:  # a port that is none, a bracket that does not close
        return None
    return parts if usable else None


def fault_of_origin(path: KeyPath, origin: Any, star: str, cure: str) -> Iterator[Fault]:
    if not isinstance(origin, str):
        return
    if origin == "*":
        yield Fault(path, f"is {star}", cure)
        return
    parts = split_url(origin)
    if (
        parts is None
        or not parts.scheme
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.username is not None
    ):
        yield Fault(
            path, f"is {shown(origin)}, which is no origin", "write scheme, host and port alone: https://app.example"
        )
