"""Every file of a project that declares requirements, read once and put together."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from stackproof.check import NotAssessed
from stackproof.project import poetry, pyproject, setup_cfg
from stackproof.project.declarations import Declarations, PythonStatement
from stackproof.project.model import Declared, Place, Use
from stackproof.project.pyproject import Document, Pyproject
from stackproof.project.requirements_files import FOLDERS, RequirementsFiles
from stackproof.project.setup_cfg import SetupCfg
from stackproof.project.uses import Uses
from stackproof.project.view import text_of
from stackproof.project.workspace import members_of
from stackproof.project.written import shown

PIPFILE = "Pipfile"
PYTHON_VERSION = ".python-version"
UNREAD = {  # files of tools that are not read here, with what would be
    "pixi.toml": "declare the packages of the index in pyproject.toml, which is read",
    "environment.yml": "declare the packages of the index in pyproject.toml, which is read",
    "environment.yaml": "declare the packages of the index in pyproject.toml, which is read",
}
_VERSION = re.compile(r"(?:cpython-)?(\d{1,9}(?:\.\d{1,9})*)(?:[-+].*)?$")


def read_declared(root: Path, uses: Uses) -> Declarations:
    """All that a project's folder declares; what could not be read is told in `unread`.

    Raises:
        NotAssessed: there is no file that could declare anything.
    """
    return _read(root, uses, _stamp(root))


def _stamp(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Differs where a file of the folder, or of its requirements, was changed."""
    paths = [(root / one / pyproject.FILE, f"{one}/") for one in members_of(root).folders]
    for folder in (root, *(root / one for one in FOLDERS)):
        with suppress(OSError):
            paths += [(one, one.name) for one in sorted(folder.iterdir())]
    found: list[tuple[str, int, int]] = []
    for path, name in paths:
        try:
            status = path.stat()
        except OSError:  # a link that leads nowhere; its reader tells
            found.append((name, 0, 0))
        else:
            found.append((name, status.st_mtime_ns, status.st_size))
    return tuple(found)


@lru_cache(maxsize=8)
def _read(root: Path, uses: Uses, stamp: tuple[tuple[str, int, int], ...]) -> Declarations:
    there = {name for name, _, _ in stamp}
    found = Declarations()
    if pyproject.FILE in there:
        found = found.and_also(_or_unread(lambda: Pyproject(root, uses).read()))
    if setup_cfg.FILE in there:
        found = found.and_also(_or_unread(lambda: SetupCfg(root, uses).read()))
    if PIPFILE in there:
        found = found.and_also(
            _or_unread(lambda: poetry.Poetry(Document(root, PIPFILE), uses, has_project=True).read_pipfile())
        )
    found = found.and_also(Declarations(unread=tuple(_told(root, there, found))))
    reader = RequirementsFiles(root, uses)
    listed = [one for one in reader.found() if one not in found.files]
    found = _without_frozen(found, reader.read(listed))
    if not found.files and not found.unread and not found.locks:
        raise NotAssessed(
            "nothing there declares requirements: no pyproject.toml, setup.cfg, Pipfile or requirements*.txt in the "
            "project's folder; name the folder that has them"
        )
    return replace(_once(found), pythons=(*found.pythons, *_python_version(root)))


def _or_unread(read: Callable[[], Declarations]) -> Declarations:
    try:
        return read()
    except NotAssessed as error:
        return Declarations(unread=(str(error),))


def _told(root: Path, there: set[str], found: Declarations) -> list[str]:
    """What is there and not read, by tools that are not known here or because it would have to be run."""
    told = [f"{name}: is not read; {cure}" for name, cure in UNREAD.items() if name in there]
    if "setup.py" in there and not any(one.use is Use.PRODUCTION and not one.group for one in found):
        with suppress(NotAssessed):
            if "install_requires" not in text_of(root, "setup.py"):
                return told
        told.append(
            "setup.py: is never run, so that what it declares is not known; declare it in pyproject.toml "
            "(project.dependencies) or setup.cfg (install_requires)"
        )
    return told


def _without_frozen(found: Declarations, files: Declarations) -> Declarations:
    """Both, without those requirements files that only repeat the project's dependencies with exact versions.

    `pip freeze` and exports without hashes sign nothing. Where the project declares its dependencies elsewhere and a
    file pins every one of them exactly, the file is a lock and no second declaration.
    """
    names = {one.name for one in found if one.use is Use.PRODUCTION and not one.group and one.source == "index"}
    by_file: dict[str, list[Declared]] = {}
    for one in files:
        by_file.setdefault(one.group, []).append(one)
    frozen = {
        file
        for file, entries in by_file.items()
        if names and names <= {one.name for one in entries} and all(_is_exact(one) for one in entries)
    }
    kept = tuple(one for one in files if one.group not in frozen)
    read = tuple(one for one in files.files if one not in frozen)
    return found.and_also(replace(files, requirements=kept, files=read, locks=(*files.locks, *sorted(frozen))))


def _is_exact(one: Declared) -> bool:
    return one.source != "index" or any(part.operator == "==" and "*" not in part.version for part in one.specifier)


def _once(found: Declarations) -> Declarations:
    """Without what was read twice, from two sides."""
    by_place: dict[tuple[Place, str, str, bool], Declared] = {}
    for one in found:
        by_place.setdefault((one.place, one.name, one.written, one.constraint), one)
    return replace(found, requirements=tuple(by_place.values()))


def _python_version(root: Path) -> list[PythonStatement]:
    """The first line of `.python-version`, which is the interpreter that pyenv and uv start; names are left aside."""
    if not (root / PYTHON_VERSION).is_file():
        return []
    with suppress(NotAssessed):
        for number, line in enumerate(text_of(root, PYTHON_VERSION).splitlines(), start=1):
            bare = line.split("#")[0].strip()
            match = _VERSION.match(bare)
            if match:
                exact = match[1].count(".") > 1
                with suppress(InvalidSpecifier):
                    specifier = SpecifierSet(f"=={match[1]}" if exact else f"=={match[1]}.*")
                    return [PythonStatement(specifier, shown(bare), Place(PYTHON_VERSION, number), PYTHON_VERSION)]
            if bare:
                break
    return []
