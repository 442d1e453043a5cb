"""Patches that `git apply` and `patch -p1` take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import unified_diff
from pathlib import Path

_MISSING = "\\ No newline at end of file\n"


def patch(name: str, before: str, after: str) -> str:
    """The unified diff of one file; "" where nothing differs.

    Args:
        name: path from the root of the repository, with slashes.
    """
    lines = unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}")
    return "".join(_ended(lines))


def name_of(path: Path) -> str:
    """The file's path from the root of its repository on, or its bare name where it is in none."""
    path = path.resolve()
    for folder in path.parents:
        if (folder / ".git").exists():
            return path.relative_to(folder).as_posix()
    return path.name


def _lines(text: str) -> list[str]:
    """Lines as diff counts them: a carriage return belongs to its line."""
    pieces = text.split("\n")
    return [f"{one}\n" for one in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _ended(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{_MISSING}"
