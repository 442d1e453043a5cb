"""What `[tool.poetry]` declares, with its caret and tilde in the words of PEP 440."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from stackproof.project.declarations import Declarations, PythonStatement
from stackproof.project.model import Declared, Place, Source, Use
from stackproof.project.uses import Uses
from stackproof.project.written import CAP, UnreadableError, shown

if TYPE_CHECKING:
    from stackproof.project.pyproject import Document

_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)(?P<rest>[a-zA-Z.+-].*|)$")
_PART = re.compile(r"\s*(\^|~(?!=)|[<>=!~]=?|===)?\s*([^\s,]+)\s*")
_SOURCES: Mapping[str, Source] = {"git": "vcs", "url": "url", "path": "path", "file": "path"}


class Poetry:
    """Reads the tables of Poetry.

    Args:
        has_project: `[project]` lists the dependencies; Poetry's table then says only from where some of them come.
    """

    def __init__(self, document: Document, uses: Uses, *, has_project: bool) -> None:
        self._document = document
        self._uses = uses
        self._has_project = has_project
        self._unread: list[str] = []
        self._pythons: list[PythonStatement] = []

    def read(self) -> Declarations:
        """Everything that these tables declare."""
        found: list[Declared] = []
        if not self._has_project:
            extras = self._document.table("tool", "poetry", "extras")
            found += self.table(("tool", "poetry", "dependencies"), Use.PRODUCTION, "", extras)
        found += self.table(("tool", "poetry", "dev-dependencies"), Use.DEVELOPMENT, "dev")
        for group in self._document.table("tool", "poetry", "group"):
            path = ("tool", "poetry", "group", group, "dependencies")
            found += self.table(path, self._uses.of_group(group), group)
        return Declarations(tuple(found), tuple(self._unread), pythons=tuple(self._pythons))

    def read_pipfile(self) -> Declarations:
        """What a Pipfile declares: its tables are written alike, without caret and tilde."""
        found = [*self.table(("packages",), Use.PRODUCTION, ""), *self.table(("dev-packages",), Use.DEVELOPMENT, "dev")]
        required = self._document.table("requires")
        version = required.get("python_full_version", required.get("python_version"))
        if isinstance(version, str) and _RELEASE.match(version):
            exact = SpecifierSet(f"=={version}" if version.count(".") > 1 else f"=={version}.*")
            key = next(one for one in ("python_full_version", "python_version") if one in required)
            place = self._document.place("requires", key)
            self._pythons.append(PythonStatement(exact, shown(version), place, key))
        files = (self._document.file,)
        return Declarations(tuple(found), tuple(self._unread), files, pythons=tuple(self._pythons))

    def table(
        self, path: tuple[str, ...], use: Use, group: str, extras: Mapping[str, Any] | None = None
    ) -> Iterator[Declared]:
        """The requirements of a table; an optional one belongs to the extra that names it."""
        within = {
            str(canonicalize_name(name)): extra
            for extra, names in (extras or {}).items()
            for name in (names if isinstance(names, list) else ())
            if isinstance(name, str)
        }
        for name, value in self._document.table(*path).items():
            place = self._document.place(*path, name)
            if name.lower() == "python":
                self._python(value, place)
                continue
            for one in value if isinstance(value, list) else [value]:
                try:
                    read = self._one(name, one, place)
                except UnreadableError as error:
                    self._unread.append(f"{place}: {name} {error}")
                    continue
                extra = within.get(read.name, "")
                optional = isinstance(one, dict) and one.get("optional") is True
                its_use = self._uses.of_extra(extra) if optional else use
                yield replace(read, use=its_use, group=extra if optional else group)

    def _python(self, value: Any, place: Place) -> None:
        written = value.get("version") if isinstance(value, dict) else value
        try:
            specifier = specifiers_of(str(written))
        except UnreadableError as error:
            self._unread.append(f"{place}: python {error}")
            return
        self._pythons.append(PythonStatement(specifier, shown(str(written)), place, "tool.poetry python"))

    def _one(self, name: str, value: Any, place: Place) -> Declared:
        table = value if isinstance(value, dict) else {"version": value}
        source = next((kind for key, kind in _SOURCES.items() if table.get(key)), None)
        address = next((f"{key} {table[key]}" for key in _SOURCES if table.get(key)), "")
        version = table.get("version", "*")
        if not isinstance(version, str):
            raise UnreadableError("has no version that is a text; write it in quotes")
        extras = table.get("extras", [])
        return Declared(
            name=str(canonicalize_name(name)),
            written=shown(f'{name} = "{address or version}"'),
            specifier=SpecifierSet() if source else specifiers_of(version),
            place=place,
            extras=tuple(sorted(str(canonicalize_name(str(one))) for one in extras))
            if isinstance(extras, list)
            else (),
            marker=_marker_of(table),
            source=source or "index",
        )


def specifiers_of(text: str) -> SpecifierSet:
    """A constraint of Poetry in the words of PEP 440.

    Raises:
        UnreadableError: it is none, or one of several (`||`), which no single set can say.
    """
    text = " ".join(text.split())
    if len(text) > CAP:
        raise UnreadableError(f"says {shown(text)!r}, which has more than {CAP} characters, and is not read")
    if "|" in text:
        raise UnreadableError(f"says {shown(text)!r}, several ranges of which one has to hold; that is not read")
    parts: list[str] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise UnreadableError(f"says {shown(text)!r}, which is no constraint")
        parts += _part(match[1] or "", match[2], text)
        at = match.end() + (text[match.end() : match.end() + 1] == ",")
    try:
        return SpecifierSet(",".join(parts))
    except InvalidSpecifier:
        raise UnreadableError(f"says {shown(text)!r}, which is no constraint") from None


def _part(operator: str, version: str, text: str) -> list[str]:
    if version == "*":
        return []
    if operator in {"^", "~"}:
        found = _RELEASE.match(version)
        if not found:
            raise UnreadableError(f"says {shown(text)!r}, which is no constraint")
        release = [int(one) for one in found[1].split(".")]
        return [f">={version}", f"<{_next(release, caret=operator == '^')}"]
    if operator in {"", "="}:
        return [f"=={version}"]
    return [f"{operator}{version}"]


def _next(release: list[int], *, caret: bool) -> str:
    """The first release that a caret (no change of the first number that is not zero) or a tilde rules out."""
    if caret:
        place = next((number for number, part in enumerate(release) if part), len(release) - 1)
    else:
        place = min(1, len(release) - 1)
    moved = [*release[:place], release[place] + 1]
    return ".".join(map(str, moved if len(moved) > 1 else [*moved, 0]))


def _marker_of(table: Mapping[str, Any]) -> str:
    parts = [str(table["markers"])] if table.get("markers") else []
    if isinstance(table.get("python"), str):
        parts += [f"python_full_version {one.operator} '{one.version}'" for one in specifiers_of(table["python"])]
    if isinstance(table.get("platform"), str):
        parts.append(f"sys_platform == '{table['platform']}'")
    if not parts:
        return ""
    try:
        return str(Marker(" and ".join(f"({one})" for one in parts) if len(parts) > 1 else parts[0]))
    except InvalidMarker:
        raise UnreadableError("has a marker that cannot be read (PEP 508)") from None
