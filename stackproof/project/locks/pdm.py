"""`pdm.lock`, as PDM 2 writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.project.locks import shapes
from stackproof.project.model import Lock, Locked, Place, Source, Use

CURE = "lock again: pdm lock"
_SOURCES: Mapping[str, Source] = {"git": "vcs", "hg": "vcs", "url": "url", "path": "path"}


def read(file: str, text: str) -> Lock:
    """The lock.

    Raises:
        NotAssessed: it cannot be read.
    """
    data = shapes.toml_of(file, text, CURE)
    metadata = shapes.table(file, data, "metadata", CURE)
    shapes.known_format(file, metadata.get("lock_version"), 4, "PDM")
    entries = shapes.tables(file, data, "package", CURE)
    lines = shapes.lines_of(text, "package", len(entries))
    targets = [shapes.text_in(one, "requires_python") for one in shapes.dicts(metadata.get("targets"))]
    packages = [_package(file, line, one) for line, one in zip(lines, entries, strict=True)]
    once = {(one.name, one.version, one.marker): one for one in reversed(packages)}  # a package and its extras
    return Lock(
        tool="pdm",
        file=file,
        packages=tuple(reversed(once.values())),
        requires_python=targets[0] if len(set(targets)) == 1 else "",
        by="pdm",
    )


def _package(file: str, line: int, entry: Mapping[str, Any]) -> Locked:
    archives = shapes.dicts(entry.get("files"))
    names = [str(one.get("file") or one.get("url") or "") for one in archives]
    wheels = [one for one in names if one.partition("#")[0].endswith(".whl")]
    groups = entry.get("groups")
    foremost = not isinstance(groups, list) or not groups or "default" in groups
    return Locked(
        name=shapes.name_of(file, line, entry.get("name"), CURE),
        version=shapes.version_of(file, line, entry.get("version"), CURE),
        place=Place(file, line),
        marker=shapes.text_in(entry, "marker"),
        source=next((kind for key, kind in _SOURCES.items() if key in entry), "index"),
        hashes=sum(1 for one in archives if one.get("hash")),
        use=Use.PRODUCTION if foremost else Use.DEVELOPMENT,
        wheels=shapes.wheel_tags(wheels),
        sdist=len(wheels) < len(archives) or not archives,
    )
