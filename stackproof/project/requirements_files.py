"""Requirements files in pip's format: which there are, what they include, and what they declare."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stackproof.check import NotAssessed
from stackproof.project.compiled import is_compiled
from stackproof.project.declarations import Declarations
from stackproof.project.lines import Line, lines_in
from stackproof.project.model import Declared, Place, Use
from stackproof.project.uses import Uses
from stackproof.project.view import text_of
from stackproof.project.written import UnreadableError, pip_requirement_of, shown

FILES_CAP = 200  # requirements files of a project
LINES_CAP = 20_000  # requirements of a project
FOLDERS = ("requirements", "reqs")
_STRENGTH = (Use.DEVELOPMENT, Use.OPTIONAL, Use.PRODUCTION)


@dataclass(slots=True)
class _File:
    """A requirements file as it was read.

    Attributes:
        includes: (file, line) of every `-r`; `constraints` likewise of every `-c`.
        compiled: by which tool; such a file declares nothing.
        silent: it declares nothing, for a tool compiled it or it could not be read.
    """

    name: str
    entries: list[Declared] = field(default_factory=list)
    includes: list[tuple[str, int]] = field(default_factory=list)
    constraints: list[tuple[str, int]] = field(default_factory=list)
    compiled: str = ""
    silent: bool = False


class RequirementsFiles:
    """Reads requirements files below a folder, each once."""

    def __init__(self, root: Path, uses: Uses) -> None:
        self._root = root
        self._uses = uses
        self._files: dict[str, _File] = {}
        self._unread: list[str] = []
        self._count = 0

    def found(self) -> list[str]:
        """The requirements files that lie where such files are looked for, relative to the folder."""
        names = [one for one in _names_in(self._root, "") if _is_named_so(one) or self._is_source(one)]
        for folder in FOLDERS:
            names += _below(self._root, folder, depth=3)
        said = [one for one in (*self._uses.production, *self._uses.development) if (self._root / one).is_file()]
        if len(names) > FILES_CAP:
            self._unread.append(f"there are more than {FILES_CAP} requirements files, of which {FILES_CAP} are read")
        return list(dict.fromkeys([*names[:FILES_CAP], *said]))

    def read(self, names: Iterable[str], **more: Any) -> Declarations:
        """What these files declare, with all that they include; `more` is put into every requirement.

        A compiled file beside its source (`base.txt` beside `base.in`) stands for the source. A file that another one
        names as its constraints asks for nothing, unless its name is one of a file that does (`base.txt`).
        """
        roots = [self._source_of(one) for one in names]
        for one in roots:
            self._take(one, None)
        self._tell_circles()
        limits = {to for one in self._files.values() for to, _ in one.constraints if not self._uses.names_a_use(to)}
        reached = self._reached([one for one in roots if one in self._files and one not in limits])
        requirements: list[Declared] = []
        for name, use in reached.items():
            given = {"use": use, "group": name, **more}
            requirements += [replace(one, **given) for one in self._files[name].entries]
        constraining = dict.fromkeys(to for name in reached for to, _ in self._files[name].constraints)
        for name in self._closure(constraining):
            requirements += [replace(one, constraint=True, group=name) for one in self._files[name].entries]
        read = [one.name for one in self._files.values() if not one.silent]
        locks = tuple(one.name for one in self._files.values() if one.compiled)
        return Declarations(
            tuple(requirements), tuple(self._unread), tuple(read), locks, companions=self._companions(reached)
        )

    def _is_source(self, name: str) -> bool:
        """`dev.in` and the like; of files that are made from templates most end so, too."""
        return name.endswith(".in") and name.count(".") == 1 and self._uses.names_a_use(name)

    def _source_of(self, name: str) -> str:
        source = f"{name.removesuffix('.txt')}.in"
        return source if name.endswith(".txt") and (self._root / source).is_file() else name

    def _take(self, name: str, named_by: Place | None) -> None:
        """Read a file and all that it names; what cannot be read is told once."""
        waiting: list[tuple[str, Place | None]] = [(name, named_by)]
        while waiting:
            name, named_by = waiting.pop()
            if name in self._files or len(self._files) >= FILES_CAP:
                continue
            try:
                text = text_of(self._root, name)
            except NotAssessed as error:
                self._files[name] = _File(name, silent=True)
                at = f"{named_by}: names a file that cannot be read: " if named_by else ""
                self._unread.append(f"{at}{error}")
                continue
            tool = is_compiled(text)
            found = self._files[name] = _File(name, compiled=tool, silent=bool(tool))
            if not found.silent:
                for line in lines_in(text):
                    self._line(found, line)
            waiting += [(to, Place(name, line)) for to, line in (*found.includes, *found.constraints)]

    def _line(self, found: _File, line: Line) -> None:
        place = Place(found.name, line.number)
        if line.option in {"--requirement", "--constraint"}:
            self._named(found, line, place)
        elif line.option in {"", "--editable"}:
            self._count += 1
            if self._count == LINES_CAP:
                self._unread.append(f"{place}: there are more than {LINES_CAP} requirements, and no more are read")
            if self._count >= LINES_CAP:
                return
            try:
                one = pip_requirement_of(line.text, place, hashes=line.hashes)
            except UnreadableError as error:
                self._unread.append(f"{place}: {error}")
                return
            if one is not None:
                found.entries.append(one)

    def _named(self, found: _File, line: Line, place: Place) -> None:
        if "://" in line.text or "${" in line.text:
            self._unread.append(f"{place}: {shown(line.text)} is no file of the project, and is not read")
            return
        to = posixpath.normpath(posixpath.join(posixpath.dirname(found.name), line.text.replace("\\", "/")))
        kept = found.includes if line.option == "--requirement" else found.constraints
        kept.append((self._source_of(to) if line.option == "--requirement" else to, line.number))

    def _tell_circles(self) -> None:
        """A file that includes itself, directly or through others, is told with the line that leads back."""
        done: set[str] = set()
        for start in list(self._files):
            trail: dict[str, Iterator[tuple[str, int]]] = {}
            if start not in done:
                trail[start] = iter(self._files[start].includes)
            while trail:
                name = next(reversed(trail))
                to, line = next(trail[name], ("", 0))
                if not to:
                    done.add(name)
                    del trail[name]
                elif to in trail:
                    back = "itself" if to == name else f"{to}, which leads here"
                    self._unread.append(
                        f"{Place(name, line)}: includes {back}; take out one of the lines of the circle"
                    )
                elif to not in done and to in self._files:
                    trail[to] = iter(self._files[to].includes)

    def _closure(self, names: Iterable[str], *, constraints: bool = False) -> dict[str, None]:
        """These files and all that they include; with their constraints, if so wished."""
        found: dict[str, None] = {}
        waiting = [one for one in names if one in self._files]
        while waiting:
            name = waiting.pop(0)
            if name in found or self._files[name].silent:
                continue
            found[name] = None
            more = self._files[name].includes + (self._files[name].constraints if constraints else [])
            waiting += [to for to, _ in more if to in self._files]
        return found

    def _reached(self, roots: list[str]) -> dict[str, Use]:
        """What each file is for: the strongest use of the files that include it, or what its own name says.

        A file that others include is for what they are for: `common.txt` of `test.txt` alone is for tests. One that is
        named for development stays so, whoever includes it (`all.txt`), and so does what the descriptor speaks of.
        """
        uses: dict[str, Use] = {}
        waiting = [(top, self._uses.of_file(top)) for top in self._tops(roots)]
        while waiting:
            name, above = waiting.pop(0)
            if name not in self._files or self._files[name].silent:
                continue
            own = self._uses.of_file(name)
            use = own if own is Use.DEVELOPMENT or self._uses.is_said(name) else above
            known = uses.get(name)
            if known is None or _STRENGTH.index(use) > _STRENGTH.index(known):
                uses[name] = use
                waiting += [(to, use) for to, _ in self._files[name].includes]
        return uses

    def _tops(self, roots: list[str]) -> list[str]:
        """The files that no other includes; of a circle, all."""
        included = {to for name in self._closure(roots) for to, _ in self._files[name].includes if to != name}
        tops = [one for one in roots if one not in included]
        left = [one for one in roots if one not in self._closure(tops)]
        return [*tops, *left]

    def _companions(self, reached: dict[str, Use]) -> dict[str, frozenset[str]]:
        """Which files are always taken together with each: what all the tops that lead to it have in common."""
        tops = self._tops(list(reached))
        taken = {top: frozenset(self._closure([top], constraints=True)) for top in tops}
        found: dict[str, frozenset[str]] = {}
        for top in tops:
            for name in self._closure([top]):
                found[name] = found[name] & taken[top] if name in found else taken[top]
        return found


def _is_named_so(name: str) -> bool:
    stem, dot, suffix = name.rpartition(".")
    words = stem.lower().replace("_", "-").split("-")
    return (
        bool(dot) and suffix in {"txt", "in"} and ("requirements" in words or "requirements" in stem.lower().split("."))
    )


def _names_in(root: Path, folder: str) -> list[str]:
    try:
        return sorted(f"{folder}{one.name}" for one in (root / folder).iterdir() if one.is_file())
    except OSError:
        return []


def _below(root: Path, folder: str, depth: int) -> list[str]:
    """Requirements files of a folder and its folders; constraints are read where a file names them."""
    names = [
        one
        for one in _names_in(root, f"{folder}/")
        if one.endswith((".txt", ".in")) and not posixpath.basename(one).startswith("constraint")
    ]
    try:
        deeper = sorted(one.name for one in (root / folder).iterdir() if one.is_dir() and not one.is_symlink())
    except OSError:
        return names
    for one in deeper[:FILES_CAP] if depth > 1 else ():
        names += _below(root, f"{folder}/{one}", depth - 1)
    return names
