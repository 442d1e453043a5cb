"""What pyproject.toml declares: PEP 621, PEP 735, and what uv, PDM, Hatch and setuptools put beside them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from stackproof.check import not_assessed
from stackproof.descriptor.locating import KeyPath, lines_of
from stackproof.project.declarations import Declarations, PythonStatement
from stackproof.project.model import Declared, Place, Source, Use
from stackproof.project.poetry import Poetry
from stackproof.project.requirements_files import RequirementsFiles
from stackproof.project.uses import Uses
from stackproof.project.view import text_of
from stackproof.project.workspace import with_members
from stackproof.project.written import (
    UnreadableError,
    from_elsewhere,
    pip_requirement_of,
    requirement_of,
    shown,
    specifiers_in,
)

FILE = "pyproject.toml"
_GROUPS = "dependency-groups"
_SOURCES: Mapping[str, Source] = {"git": "vcs", "url": "url", "path": "path", "file": "path", "workspace": "path"}
_UNREAD_TOOLS = {"pixi": ("dependencies", "pypi-dependencies", "feature"), "flit": ("metadata",)}


class Document:
    """A TOML document whose values have lines.

    Raises:
        NotAssessed: it cannot be read, or is no TOML.
    """

    def __init__(self, root: Path, file: str = FILE) -> None:
        self.file = file
        self.text = text_of(root, file)
        try:
            self.data: dict[str, Any] = tomllib.loads(self.text)
            self._lines = lines_of(self.text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            not_assessed(f"{file}: is no TOML: {shown(str(error))}; mend it there")

    def place(self, *path: str | int) -> Place:
        """Where a value stands; the nearest table above it, where the value's own line is not known."""
        whole: KeyPath = path
        while whole and whole not in self._lines:
            whole = whole[:-1]
        return Place(self.file, self._lines.get(whole, 0) if whole else 0)

    def table(self, *path: str) -> Mapping[str, Any]:
        """A table, empty where there is none or something else stands there."""
        found: Any = self.data
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


class Pyproject:
    """Reads one pyproject.toml, and those of a workspace's members.

    Args:
        above: the root's `[tool.uv]`, of a member.
    """

    def __init__(self, root: Path, uses: Uses, above: Mapping[str, Any] | None = None) -> None:
        self._root = root
        self._uses = uses
        self._document = Document(root)
        self._project = self._document.table("project")
        self._name = str(canonicalize_name(str(self._project.get("name", ""))))
        self._unread: list[str] = []
        self._above = above

    def read(self) -> Declarations:
        """Everything that the file declares, and the members of its workspace do."""
        found = self._read()
        if self._above is not None:
            return found
        uv = self._document.table("tool", "uv")
        place = self._document.place("tool", "uv", "workspace", "members")
        return with_members(self._root, found, lambda folder: Pyproject(folder, self._uses, uv).read(), place)

    def _read(self) -> Declarations:
        dynamic = self._dynamic()
        found = [*self._of_project(), *self._groups(), *self._tools()]
        own = Declarations(
            tuple(found),
            tuple(self._unread),
            (FILE,),
            pythons=tuple(self._pythons()),
            classifiers=tuple(self._classifiers()),
        )
        poetry = Poetry(self._document, self._uses, has_project="dependencies" in self._project).read()
        whole = own.and_also(dynamic).and_also(poetry)
        mine = tuple(one for one in whole if not self._name or one.name != self._name)
        return self._by_uv(replace(whole, requirements=mine))

    def _of_project(self) -> Iterator[Declared]:
        listed = self._project.get("dependencies", [])
        yield from self._listed(listed, ("project", "dependencies"), Use.PRODUCTION, "")
        for extra, texts in self._document.table("project", "optional-dependencies").items():
            yield from self._listed(
                texts, ("project", "optional-dependencies", extra), self._uses.of_extra(extra), extra
            )

    def _groups(self) -> Iterator[Declared]:
        """PEP 735; what a group includes belongs to the group that it is written in, and is there once."""
        groups = self._document.table(_GROUPS)
        known = {str(canonicalize_name(one)): one for one in groups}
        includes: dict[str, list[str]] = {}
        for group, members in groups.items():
            texts = members if isinstance(members, list) else [members]
            yield from self._listed(
                [one if isinstance(one, str) else None for one in texts] if isinstance(members, list) else members,
                (_GROUPS, group),
                self._uses.of_group(group),
                group,
            )
            for number, one in enumerate(texts):
                if isinstance(one, dict):
                    self._included(one, known, self._document.place(_GROUPS, group, number), includes, group)
        self._tell_circles(includes)

    def _included(
        self,
        member: Mapping[str, Any],
        known: Mapping[str, str],
        place: Place,
        includes: dict[str, list[str]],
        group: str,
    ) -> None:
        to = member.get("include-group")
        if not isinstance(to, str) or set(member) != {"include-group"}:
            self._unread.append(f"{place}: is neither a requirement nor {{ include-group = … }} (PEP 735)")
        elif str(canonicalize_name(to)) not in known:
            self._unread.append(f"{place}: includes the group {shown(to)}, which is not there; name one that is")
        else:
            includes.setdefault(group, []).append(known[str(canonicalize_name(to))])

    def _tell_circles(self, includes: Mapping[str, list[str]]) -> None:
        for start in includes:
            seen, waiting = set[str](), list(includes[start])
            while waiting:
                one = waiting.pop()
                if one == start:
                    place = self._document.place(_GROUPS, start)
                    self._unread.append(f"{place}: the group {start} includes itself; take one of the lines out")
                    break
                if one not in seen:
                    seen.add(one)
                    waiting += includes.get(one, [])

    def _tools(self) -> Iterator[Declared]:
        """Lists that tools keep of their own; all of them are for development."""
        for key in ("dev-dependencies", "constraint-dependencies"):
            listed = self._document.table("tool", "uv").get(key, [])
            group, use = ("dev", Use.DEVELOPMENT) if key == "dev-dependencies" else ("", Use.PRODUCTION)
            yield from self._listed(listed, ("tool", "uv", key), use, group, constraint=not group)
        for group, texts in self._document.table("tool", "pdm", "dev-dependencies").items():
            path = ("tool", "pdm", "dev-dependencies", group)
            yield from self._listed(texts, path, self._uses.of_group(group), group)
        for name in self._document.table("tool", "hatch", "envs"):
            for key in ("dependencies", "extra-dependencies"):
                listed = self._document.table("tool", "hatch", "envs", name).get(key, [])
                group = f"hatch environment {name}"
                yield from self._listed(listed, ("tool", "hatch", "envs", name, key), Use.DEVELOPMENT, group)
        for tool, keys in _UNREAD_TOOLS.items():
            if any(key in self._document.table("tool", tool) for key in keys):
                self._unread.append(f"{self._document.place('tool', tool)}: what {tool} declares is not read")

    def _listed(self, texts: Any, path: tuple[str, ...], use: Use, group: str, **more: Any) -> Iterator[Declared]:
        if not isinstance(texts, list):
            self._unread.append(f"{self._document.place(*path)}: {'.'.join(path)} is no list of requirements")
            return
        for number, text in enumerate(texts):
            place = self._document.place(*path, number)
            if text is None:
                continue
            try:
                if not isinstance(text, str):
                    raise UnreadableError('is no text; write a requirement such as "django>=5.2,<5.3"')  # noqa: TRY301
                read = pip_requirement_of if path[:2] == ("tool", "pdm") else requirement_of
                one = read(text.removeprefix("-e "), place, use=use, group=group, **more)
            except UnreadableError as error:
                self._unread.append(f"{place}: {error}")
                continue
            if one is not None:
                yield one

    def _dynamic(self) -> Declarations:
        """Lists that the build backend reads from requirements files."""
        dynamic = self._project.get("dynamic", [])
        dynamic = dynamic if isinstance(dynamic, list) else []
        found = Declarations()
        hook = self._document.table("tool", "hatch", "metadata", "hooks", "requirements_txt")
        setuptools = self._document.table("tool", "setuptools", "dynamic")
        if "dependencies" in dynamic:
            files = _files_in(hook.get("files", hook.get("filename")), setuptools.get("dependencies"))
            if files:
                found = found.and_also(self._from_files(files, use=Use.PRODUCTION, group=""))
            elif not (self._root / "setup.cfg").is_file() and not self._document.table("tool", "poetry"):
                place = self._document.place("project", "dynamic")
                what = (
                    "by setup.py, which is never run" if (self._root / "setup.py").is_file() else "by the build backend"
                )
                self._unread.append(
                    f"{place}: the dependencies are computed {what}; write them into project.dependencies"
                )
        if "optional-dependencies" in dynamic:
            tables = [hook.get("optional-dependencies"), setuptools.get("optional-dependencies")]
            for table in tables:
                for extra, value in table.items() if isinstance(table, dict) else ():
                    files = _files_in(value, value)
                    found = found.and_also(self._from_files(files, use=self._uses.of_extra(extra), group=extra))
        return found

    def _from_files(self, files: list[str], **more: Any) -> Declarations:
        reader = RequirementsFiles(self._root, self._uses)
        found = reader.read(files, **more)
        for one in files:
            if one in found.locks:
                place = self._document.place("project", "dynamic")
                self._unread.append(
                    f"{place}: the dependencies are those of {one}, which a tool compiled; name its source instead"
                )
        return replace(found, companions={})

    def _pythons(self) -> Iterator[PythonStatement]:
        written = self._project.get("requires-python")
        if isinstance(written, str):
            place = self._document.place("project", "requires-python")
            try:
                yield PythonStatement(specifiers_in(written), shown(written), place, "requires-python")
            except UnreadableError as error:
                self._unread.append(f"{place}: requires-python {error}")

    def _classifiers(self) -> Iterator[str]:
        listed = self._project.get("classifiers", [])
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, str) and one.startswith("Programming Language :: Python :: 3."):
                yield shown(one)

    def _by_uv(self, found: Declarations) -> Declarations:
        """With what `[tool.uv]` puts in place of the index or of a specifier."""
        above = (self._above or {}).get("sources")
        said = {**(above if isinstance(above, dict) else {}), **self._document.table("tool", "uv", "sources")}
        if "dependencies" in self._project:  # Poetry's table then says only from where some of them come
            said |= self._document.table("tool", "poetry", "dependencies")
        sources = {str(canonicalize_name(name)): one for name, one in said.items()}
        requirements = tuple(
            self._sourced(one, sources[one.name]) if one.name in sources and one.source == "index" else one
            for one in found
        )
        uv = self._document.table("tool", "uv") if self._above is None else self._above
        listed = uv.get("override-dependencies", [])
        path = ("tool", "uv", "override-dependencies")
        overrides = {one.name: one for one in self._listed(listed, path, Use.PRODUCTION, "")}
        unread = tuple(dict.fromkeys((*found.unread, *self._unread)))
        return replace(found, requirements=requirements, unread=unread).overridden(overrides)

    @staticmethod
    def _sourced(one: Declared, said: Any) -> Declared:
        """The requirement from where uv or Poetry takes it; a source for some platforms alone leaves the index."""
        for entry in said if isinstance(said, list) else [said]:
            if not isinstance(entry, dict) or "marker" in entry or "markers" in entry:
                continue
            for key, source in _SOURCES.items():
                if entry.get(key):
                    return from_elsewhere(one, source, f"{one.written} ({key} {entry[key]})")
        return one


def _files_in(*values: Any) -> list[str]:
    """Names of files in `{file = …}`, a list or a text; what is inline is left to whoever reads it."""
    found: list[str] = []
    for value in values:
        named = value.get("file") if isinstance(value, dict) else value
        found += [named] if isinstance(named, str) else [one for one in named or () if isinstance(one, str)]
    return list(dict.fromkeys(found))
