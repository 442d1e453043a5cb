"""What every reader of a lock needs: its data with the types that it must have, and the lines of its packages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from stackproof.check import not_assessed

LONGEST_NAME = 200  # characters of a name, a version
PACKAGES_CAP = 20_000

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_CONFLICT = re.compile(r"^(<{7} |={7}$|>{7} )", re.MULTILINE)
_VERSION_LINE = re.compile(r"^version\s*=", re.MULTILINE)


def unreadable(file: str, line: int, what: str, cure: str) -> NoReturn:
    """End the check: the lock cannot be read."""
    not_assessed(f"{file}{f':{line}' if line else ''}: {what}; {cure}")


@lru_cache(maxsize=8)
def toml_of(file: str, text: str, cure: str) -> dict[str, Any]:
    """The data of a TOML file; parsed once, so that nobody may change it.

    Raises:
        NotAssessed: it is none; the reason has the line, and knows a merge that was not finished.
    """
    no_conflict(file, text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        said = str(error).partition(" (at ")[0][:200]
        unreadable(file, int(found[1]) if found else 0, f"is no TOML ({said})", cure)
    except (RecursionError, ValueError, OverflowError) as error:
        unreadable(file, 0, f"is no TOML that can be read ({type(error).__name__})", cure)


def no_conflict(file: str, text: str) -> None:
    """A merge that was not finished is told by its marks.

    Raises:
        NotAssessed: it has some.
    """
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        unreadable(file, line, "holds the marks of a merge that was not finished", "finish it, and lock again")


def tables(file: str, data: Mapping[str, Any], key: str, cure: str) -> list[dict[str, Any]]:
    """An array of tables; empty where there is none.

    Raises:
        NotAssessed: it is something else, or too long.
    """
    found = data.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        unreadable(file, 0, f"{key!r} is no array of tables", cure)
    if len(found) > PACKAGES_CAP:
        unreadable(file, 0, f"has more than {PACKAGES_CAP} packages", "name the folder of one project")
    return found


def table(file: str, data: Mapping[str, Any], key: str, cure: str) -> dict[str, Any]:
    """A table; empty where there is none.

    Raises:
        NotAssessed: it is something else.
    """
    found = data.get(key, {})
    if not isinstance(found, dict):
        unreadable(file, 0, f"{key!r} is no table", cure)
    return found


def major_of(version: object) -> int | None:
    """The first number of a format's version, "2.1" or 1; None where it is neither."""
    found = re.match(r"\d{1,6}", str(version))
    return int(found[0]) if found and isinstance(version, str | int) and not isinstance(version, bool) else None


def known_format(file: str, version: object, newest: int, tool: str) -> None:
    """The lock's format is one that is read here.

    Raises:
        NotAssessed: it is newer, or none.
    """
    number = major_of(version)
    if number is None:
        unreadable(file, 0, "says no version of its format", f"lock again with a current {tool}")
    if number > newest:
        cure = "update stackproof, or lock with an older tool"
        unreadable(file, 0, f"has version {str(version)[:20]} of its format, and {newest} is read here", cure)


def lines_of(text: str, key: str, count: int) -> list[int]:
    """The line of each `[[key]]` of a TOML text, at its `version =` where that follows; 0 where they do not tally."""
    starts = [one.end() for one in re.finditer(rf"^\[\[[ \t]*{key}[ \t]*\]\]", text, re.MULTILINE)]
    if len(starts) != count:
        return [0] * count
    ends = [*starts[1:], len(text)]
    lines, at, line = [], 0, 1
    for start, end in zip(starts, ends, strict=True):
        block_end = text.find("\n[", start, end)
        version = _VERSION_LINE.search(text, start, end if block_end < 0 else block_end)
        place = version.start() if version else start
        line += text.count("\n", at, place)
        at = place
        lines.append(line)
    return lines


def name_of(file: str, line: int, given: object, cure: str) -> str:
    """A package's normalised name.

    Raises:
        NotAssessed: it is none.
    """
    if not isinstance(given, str) or len(given) > LONGEST_NAME or not _NAME.fullmatch(given):
        unreadable(file, line, "has a package without a name", cure)
    return str(canonicalize_name(given))


def version_of(file: str, line: int, given: object, cure: str) -> str:
    """A package's version; "" where it has none.

    Raises:
        NotAssessed: it is no version.
    """
    if given is None or given == "":
        return ""
    try:
        if isinstance(given, str) and len(given) <= LONGEST_NAME:
            Version(given)
            return given
    except InvalidVersion:
        pass
    unreadable(file, line, f"has the version {str(given)[:40]!r}, which is none", cure)


def text_in(data: Mapping[str, Any], key: str) -> str:
    """A text of a table, "" where there is none."""
    found = data.get(key, "")
    return found if isinstance(found, str) else ""


def dicts(found: object) -> list[dict[str, Any]]:
    """The tables of a list, whatever else is in it."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def wheel_tags(names: Sequence[str]) -> tuple[str, ...]:
    """The tags of wheels by their files' names or URLs: "cp313-cp313-musllinux_1_2_x86_64"."""
    found: dict[str, None] = {}
    for name in names:
        stem = name.rpartition("/")[2].partition("#")[0]
        parts = stem.removesuffix(".whl").rsplit("-", 3)
        if stem.endswith(".whl") and len(parts) == 4:
            found["-".join(parts[1:])] = None
    return tuple(found)


def or_together(markers: object) -> str:
    """One marker of several that are alternatives."""
    if not isinstance(markers, list):
        return ""
    texts = [one for one in markers if isinstance(one, str) and one]
    return " or ".join(f"({one})" for one in texts) if len(texts) > 1 else "".join(texts)
