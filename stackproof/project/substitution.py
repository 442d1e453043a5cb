"""Variables in Dockerfiles and compose files: `$NAME`, `${NAME:-otherwise}` and their kin."""

from __future__ import annotations

import re
from collections.abc import Mapping

DEPTH_CAP = 10  # expressions inside expressions
LENGTH_CAP = 20_000  # characters of a text that is filled in

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Unresolved(ValueError):
    """A variable without a value; the message names it."""


def filled(text: str, variables: Mapping[str, str], *, escape: str = "$") -> str:
    """The text with every variable in it replaced.

    Args:
        escape: what takes the meaning from a `$` behind it: "$" in compose files, the escape character in Dockerfiles.

    Raises:
        Unresolved: a variable has neither a value nor another word in its place, or the expression is not understood.
    """
    if len(text) > LENGTH_CAP:
        raise Unresolved("a text of that length is not filled in")
    return _filled(text, variables, escape, 0)


def names_in(text: str) -> tuple[str, ...]:
    """Names of the variables in a text, in their order."""
    return tuple(dict.fromkeys(re.findall(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)", text)))


def _filled(text: str, variables: Mapping[str, str], escape: str, depth: int) -> str:
    if depth > DEPTH_CAP:
        raise Unresolved("expressions are nested too deeply")
    out: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == escape and text[at + 1 : at + 2] == "$":
            out.append("$")
            at += 2
        elif text.startswith("${", at):
            end = _closing(text, at + 2)
            out.append(_braced(text[at + 2 : end], variables, escape, depth))
            at = end + 1
        elif text[at] == "$" and (match := _NAME.match(text, at + 1)):
            out.append(_value(match[0], variables))
            at = match.end()
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def _closing(text: str, start: int) -> int:
    open_ones = 1
    for at in range(start, len(text)):
        open_ones += text.startswith("${", at) - (text[at] == "}")
        if not open_ones:
            return at
    raise Unresolved("an expression is not closed")


def _braced(inside: str, variables: Mapping[str, str], escape: str, depth: int) -> str:
    match = _NAME.match(inside)
    if not match:
        raise Unresolved(f"${{{inside[:40]}}} is not understood")
    name, rest = match[0], inside[match.end() :]
    if not rest:
        return _value(name, variables)
    colon = rest.startswith(":")
    sign, word = rest[colon : colon + 1], rest[colon + 1 :]
    given = variables.get(name)
    there = given is not None and (bool(given) or not colon)
    if sign == "-":
        return given if given is not None and there else _filled(word, variables, escape, depth + 1)
    if sign == "+":
        return _filled(word, variables, escape, depth + 1) if there else ""
    if sign == "?":
        if given is not None and there:
            return given
        raise Unresolved(f"{name} has no value in the project")
    raise Unresolved(f"${{{inside[:40]}}} is not understood")


def _value(name: str, variables: Mapping[str, str]) -> str:
    if name not in variables:
        raise Unresolved(f"{name} has no value in the project")
    return variables[name]
