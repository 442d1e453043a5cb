"""`poetry.lock`, as Poetry 1 and 2 write it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from stackproof.project.locks import shapes
from stackproof.project.model import Lock, Locked, Place, Source, Use
from stackproof.project.poetry import specifiers_of
from stackproof.project.written import UnreadableError

CURE = "lock again: poetry lock"
_MAIN = {"main", "default"}
_SOURCES: Mapping[str, Source] = {"git": "vcs", "url": "url", "file": "path", "directory": "path"}


def read(file: str, text: str) -> Lock:
    """The lock.

    Raises:
        NotAssessed: it cannot be read.
    """
    data = shapes.toml_of(file, text, CURE)
    metadata = shapes.table(file, data, "metadata", CURE)
    shapes.known_format(file, metadata.get("lock-version"), 2, "Poetry")
    entries = shapes.tables(file, data, "package", CURE)
    lines = shapes.lines_of(text, "package", len(entries))
    elsewhere = metadata.get("files", metadata.get("hashes"))  # where Poetry before 1.5 had them
    listed = elsewhere if isinstance(elsewhere, dict) else {}
    return Lock(
        tool="poetry",
        file=file,
        packages=tuple(_package(file, line, one, listed) for line, one in zip(lines, entries, strict=True)),
        requires_python=_requires(shapes.text_in(metadata, "python-versions")),
        by="poetry",
    )


def _requires(written: str) -> str:
    """In the words of PEP 440; several ranges of which one has to hold (`||`) are left aside."""
    try:
        SpecifierSet(written)
    except InvalidSpecifier:
        with suppress(UnreadableError):
            return str(specifiers_of(written))
        return ""
    return written


def _package(file: str, line: int, entry: Mapping[str, Any], listed: Mapping[str, Any]) -> Locked:
    name = shapes.name_of(file, line, entry.get("name"), CURE)
    files = entry.get("files", listed.get(str(entry.get("name"))))
    archives = files if isinstance(files, list) else []
    names = [str(one.get("file", "")) for one in archives if isinstance(one, dict)]
    wheels = [one for one in names if one.endswith(".whl")]
    source = entry.get("source")
    kind = str(source.get("type", "")) if isinstance(source, dict) else ""
    return Locked(
        name=name,
        version=shapes.version_of(file, line, entry.get("version"), CURE),
        place=Place(file, line),
        marker=_marker(entry.get("markers")),
        source=_SOURCES.get(kind, "index"),
        hashes=sum(1 for one in archives if isinstance(one, str) or (isinstance(one, dict) and one.get("hash"))),
        use=_use(entry),
        wheels=shapes.wheel_tags(wheels),
        sdist=len(wheels) < len(archives) or not archives,
    )


def _marker(given: object) -> str:
    """One marker, or one for each group."""
    if isinstance(given, dict):
        values = list(given.values())
        return shapes.or_together(values) if all(isinstance(one, str) and one for one in values) else ""
    return given if isinstance(given, str) else ""


def _use(entry: Mapping[str, Any]) -> Use:
    groups, category = entry.get("groups"), entry.get("category")
    if isinstance(groups, list) and groups and not _MAIN & {str(one) for one in groups}:
        return Use.DEVELOPMENT
    if category in {"dev", "test"}:
        return Use.DEVELOPMENT
    if entry.get("optional") is True or not (groups or category):  # from 1.5 to 1.8 Poetry did not say
        return Use.OPTIONAL
    return Use.PRODUCTION
