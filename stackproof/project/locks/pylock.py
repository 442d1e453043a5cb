"""`pylock.toml`, the lock of PEP 751."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.project.locks import shapes
from stackproof.project.model import Lock, Locked, Place, Source, Use

CURE = "lock again with the tool that wrote it"
_SOURCES: Mapping[str, Source] = {"vcs": "vcs", "directory": "path", "archive": "url"}


def read(file: str, text: str) -> Lock:
    """The lock.

    Raises:
        NotAssessed: it cannot be read.
    """
    data = shapes.toml_of(file, text, CURE)
    shapes.known_format(file, data.get("lock-version"), 1, "tool")
    entries = shapes.tables(file, data, "packages", CURE)
    lines = shapes.lines_of(text, "packages", len(entries))
    return Lock(
        tool="pylock",
        file=file,
        packages=tuple(_package(file, line, one) for line, one in zip(lines, entries, strict=True)),
        requires_python=shapes.text_in(data, "requires-python"),
        by=shapes.text_in(data, "created-by")[: shapes.LONGEST_NAME],
    )


def _package(file: str, line: int, entry: Mapping[str, Any]) -> Locked:
    wheels, sdist = shapes.dicts(entry.get("wheels")), entry.get("sdist")
    archive = entry.get("archive")
    archives = [*wheels, *(one for one in (sdist, archive) if isinstance(one, dict))]
    names = [str(one.get("name") or one.get("url") or one.get("path") or "") for one in wheels]
    marker = shapes.text_in(entry, "marker")
    grouped = "dependency_groups" in marker or "extras" in marker
    return Locked(
        name=shapes.name_of(file, line, entry.get("name"), CURE),
        version=shapes.version_of(file, line, entry.get("version"), CURE),
        place=Place(file, line),
        marker=marker,
        source=next((kind for key, kind in _SOURCES.items() if key in entry), "index"),
        hashes=sum(1 for one in archives if one.get("hashes")),
        use=Use.OPTIONAL if grouped else Use.PRODUCTION,
        wheels=shapes.wheel_tags(names),
        sdist=isinstance(sdist, dict) or not wheels,
    )
