"""`Pipfile.lock`, as Pipenv writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.project.locks import shapes
from stackproof.project.model import Lock, Locked, Place, Source, Use

CURE = "lock again: pipenv lock"
_SOURCES: Mapping[str, Source] = {"git": "vcs", "hg": "vcs", "svn": "vcs", "file": "url", "path": "path"}
_KEY = re.compile(r'^(?P<indent>[ \t]*)"(?P<name>[^"\\]+)"[ \t]*:[ \t]*\{', re.MULTILINE)


def read(file: str, text: str) -> Lock:
    """The lock.

    Raises:
        NotAssessed: it cannot be read.
    """
    shapes.no_conflict(file, text)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        shapes.unreadable(file, error.lineno, f"is no JSON ({error.msg[:120]})", CURE)
    except (RecursionError, ValueError) as error:
        shapes.unreadable(file, 0, f"is no JSON that can be read ({type(error).__name__})", CURE)
    if not isinstance(data, dict):
        shapes.unreadable(file, 0, "is no object of JSON", CURE)
    meta = shapes.table(file, data, "_meta", CURE)
    shapes.known_format(file, meta.get("pipfile-spec"), 6, "Pipenv")
    requires = shapes.table(file, meta, "requires", CURE)
    version = shapes.text_in(requires, "python_full_version") or shapes.text_in(requires, "python_version")
    return Lock(
        tool="pipenv",
        file=file,
        packages=tuple(_packages(file, text, data)),
        by="pipenv",
        made_for=".".join(version.split(".")[:2]) or "?",
    )


def _packages(file: str, text: str, data: Mapping[str, Any]) -> Iterator[Locked]:
    lines = _lines(text)
    for category, listed in data.items():
        if category == "_meta":
            continue
        if not isinstance(listed, dict):
            shapes.unreadable(file, 0, f"{category[:40]!r} is no object", CURE)
        if len(listed) > shapes.PACKAGES_CAP:
            shapes.unreadable(file, 0, f"has more than {shapes.PACKAGES_CAP} packages", "name one project's folder")
        for name, entry in listed.items():
            line = lines.get((category, name), 0)
            if not isinstance(entry, dict):
                shapes.unreadable(file, line, f"{name[:80]!r} is no object", CURE)
            hashes = entry.get("hashes")
            version = shapes.text_in(entry, "version")
            yield Locked(
                name=shapes.name_of(file, line, name, CURE),
                version=shapes.version_of(file, line, version.lstrip("=") if version != "*" else "", CURE),
                place=Place(file, line),
                marker=shapes.text_in(entry, "markers"),
                source=next((kind for key, kind in _SOURCES.items() if key in entry), "index"),
                hashes=len(hashes) if isinstance(hashes, list) else 0,
                use=Use.PRODUCTION if category == "default" else Use.DEVELOPMENT,
            )


def _lines(text: str) -> dict[tuple[str, str], int]:
    """(category, name) -> line, by the indents that Pipenv writes."""
    found: dict[tuple[str, str], int] = {}
    category, outer, at, line = "", -1, 0, 1
    for match in _KEY.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        indent = len(match["indent"])
        if outer < 0 or indent <= outer:
            category, outer = match["name"], indent
        else:
            found.setdefault((category, match["name"]), line)
    return found
