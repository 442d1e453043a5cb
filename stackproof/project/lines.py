"""A requirements file line by line, as pip reads it: continuations, comments, options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPTION = re.compile(r"(?P<name>--[\w-]+|-[a-zA-Z])(?:\s*=\s*|\s+|)(?P<value>.*)$", re.DOTALL)
_TRAILING = re.compile(r"\s--(?:hash|global-option|install-option|config-settings?)\b.*$", re.DOTALL)
_HASH = re.compile(r"--hash[=\s]+\S+")
_LONG = {"-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-i": "--index-url", "-f": "--find-links"}


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line.

    Attributes:
        number: of the physical line on which it begins.
        option: in its long form, "" where the line is a requirement.
        text: the option's value, or the requirement without its hashes.
        hashes: how many follow the requirement.
    """

    number: int
    option: str
    text: str
    hashes: int = 0


def lines_in(text: str) -> Iterator[Line]:
    """The lines that say something."""
    for number, joined in _joined(text):
        bare = _without_comment(joined).strip()
        if not bare:
            continue
        option = _OPTION.match(bare) if bare.startswith("-") else None
        if option:
            yield Line(number, _LONG.get(option["name"], option["name"]), option["value"].strip().strip("\"'"))
        else:
            yield Line(number, "", _TRAILING.sub("", bare).strip(), len(_HASH.findall(bare)))


def _without_comment(line: str) -> str:
    """What stands before the first `#` that begins the line or follows a space."""
    at = line.find("#")
    while at > 0 and not line[at - 1].isspace():
        at = line.find("#", at + 1)
    return line if at < 0 else line[:at]


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines that end in a backslash are one with the next; a comment never is."""
    begun, parts = 0, list[str]()
    for number, physical in enumerate(text.splitlines(), start=1):
        comment = physical.lstrip().startswith("#")
        line = f" {physical}" if comment else physical
        begun = begun or number
        if line.endswith("\\") and not comment:
            parts.append(line[:-1])
            continue
        yield begun, "".join([*parts, line])
        begun, parts = 0, []
    if parts:
        yield begun, "".join(parts)
