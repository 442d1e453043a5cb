"""From the text of a `stackproof.toml` to a `Descriptor`, or to one line for each of its faults."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stackproof.descriptor.locating import KeyPath, lines_of
from stackproof.descriptor.mistakes import Fault, of_validation
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.named_files import faults_of_files
from stackproof.descriptor.places import Table
from stackproof.descriptor.together import faults_of
from stackproof.errors import UsageError

SIZE_CAP = 1024 * 1024  # bytes of the file
FAULTS_CAP = 50  # lines that are told

_AT = re.compile(r"\s*\(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_CURES = (
    ("overwrite a value", "each key stands once: remove one of the two"),
    ("declare", "each table stands once: merge the two"),
    ("mutate immutable", "each table stands once: merge the two"),
    ("invalid value", 'put a text into quotes: key = "value"'),
    ("expected '='", 'write key = "value", and [table] on a line of its own'),
    ("unclosed array", "close the list with ]"),
    ("illegal character", "close the quotes on the same line, and write no control characters"),
    ("unterminated string", "close the quotes"),
    ('expected "\'"', "close the quotes"),
    ("unescaped '\\'", "put it into single quotes: 'C:\\folder'"),
    ("expected newline", "put each key on a line of its own"),
)


def read_descriptor(path: Path) -> Descriptor:
    """Read a descriptor; paths inside it are taken from the file's own folder, and have to be there.

    Raises:
        UsageError: the file is missing, too big, no UTF-8, no TOML, or does not fit; the message has a line for every
            fault: `file:line: key: what is wrong; cure: what to do`.
    """
    text = _text_of(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(_broken(path, text, str(error))) from error
    except RecursionError:
        raise UsageError(
            f"{path}:1: the file: is nested too deeply; cure: write tables in place of lists of lists"
        ) from None
    return _parsed(data, path, lines_of(text), faults_of_files(data, path.resolve().parent))


def parse_descriptor(data: dict[str, Any], path: Path) -> Descriptor:
    """Validate the data of a descriptor that `path` names; files that it names are not looked at.

    Raises:
        UsageError: the data does not fit; every fault is listed.
    """
    return _parsed(data, path, {}, ())


def _parsed(data: dict[str, Any], path: Path, lines: Mapping[KeyPath, int], more: Iterable[Fault]) -> Descriptor:
    faults = [*faults_of(data), *more]
    descriptor = None
    try:
        descriptor = Descriptor.model_validate(data)
    except ValidationError as error:
        known = {one.path for one in faults}
        for one in error.errors(include_url=False):
            fault = of_validation(one, Descriptor, data)
            if fault.path not in known and (
                fault.path or not faults
            ):  # one line for a key; what `sense` says is plainer
                faults.append(fault)
                known.add(fault.path)
    if faults or descriptor is None:
        raise UsageError("\n".join(_told(faults, path, lines)))
    rooted: Descriptor = _with_paths_from(descriptor, path.resolve().parent)
    return rooted


def _told(faults: list[Fault], path: Path, lines: Mapping[KeyPath, int]) -> list[str]:
    ordered = sorted(faults, key=lambda one: (one.line(lines), tuple(map(str, one.path))))
    told = list(dict.fromkeys(one.told(str(path), lines) for one in ordered))
    more = len(told) - FAULTS_CAP
    return [*told[:FAULTS_CAP], *([f"{path}: and {more} faults more"] if more > 0 else [])]


def _another(path: Path) -> str:
    """What to give in place of a path that leads to no file."""
    try:
        there = [one.name for one in path.parent.glob("*.toml")][:100]
    except (OSError, ValueError):
        there = []
    near = get_close_matches(path.name, there, n=1, cutoff=0.6)
    if near and near[0] != path.name:
        return f"did you mean {path.with_name(near[0])}?"
    return "give the path of a stackproof.toml; `stackproof init URL` writes one"


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_CAP + 1)
    except IsADirectoryError as error:
        raise UsageError(f"{path}: is a folder; cure: give the path of a stackproof.toml") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name is no path"
        raise UsageError(f"{path}: cannot be read: {reason}; cure: {_another(path)}") from error
    if len(content) > SIZE_CAP:
        raise UsageError(
            f"{path}:1: the file: is larger than {SIZE_CAP} bytes; cure: give the path of a stackproof.toml"
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{path}:1: the file: is not UTF-8 but UTF-16; cure: save it as UTF-8")
    if content.startswith(b"\xef\xbb\xbf"):
        raise UsageError(f"{path}:1: the file: begins with a byte order mark; cure: save it as UTF-8 without one")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}:{line}: the file: is not UTF-8 at byte {error.start}; cure: save it as UTF-8"
        ) from error


def _broken(path: Path, text: str, said: str) -> str:
    match = _AT.search(said)
    rows = text.split("\n")
    last = max((number for number, row in enumerate(rows, 1) if row.strip()), default=1)
    line = int(match["line"]) if match and match["line"] else last
    row = rows[line - 1] if line <= len(rows) else ""
    key = re.match(r"\s*([A-Za-z0-9_.-]{1,80})\s*=", row) or re.match(r"\s*\[+\s*([A-Za-z0-9_.-]{1,80})", row)
    what = _AT.sub("", said).replace("\n", " ")[:200]
    cure = next((words for start, words in _CURES if start in what.lower()), "correct the line that is named")
    return f"{path}:{line}: {key[1] if key else 'the file'}: is not TOML: {what[:1].lower()}{what[1:]}; cure: {cure}"


def _with_paths_from(table: Table, folder: Path) -> Any:
    """The table with every path inside it, however deep, taken from `folder`."""
    changes: dict[str, Any] = {}
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Path):
            changes[name] = folder / value.expanduser()
        elif isinstance(value, tuple) and value and all(isinstance(one, Path) for one in value):
            changes[name] = tuple(folder / one.expanduser() for one in value)
        elif isinstance(value, Table):
            changes[name] = _with_paths_from(value, folder)
    return table.model_copy(update=changes)
