"""Which locks a project has, and what each says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from stackproof.check import not_assessed
from stackproof.project.compiled import is_compiled
from stackproof.project.locks import compiled, pdm, pipenv, poetry, pylock, uv
from stackproof.project.model import Lock
from stackproof.project.view import text_of

READERS: Mapping[str, Callable[[str, str], Lock]] = {
    "uv": uv.read,
    "pip-tools": compiled.read,
    "poetry": poetry.read,
    "pdm": pdm.read,
    "pipenv": pipenv.read,
    "pylock": pylock.read,
    "unnamed": compiled.read,
    "rye": compiled.read,
}
FILES_CAP = 200  # requirements files that are looked at
LEVELS = 8  # folders above the project's

_FIXED = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
_PYLOCK = re.compile(r"^pylock(\.[^.]+)?\.toml$")
_REQUIREMENTS = re.compile(r"(?i)(require|constraint|reqs?\b|deps?\b|lock)")
_MADE_OF = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "manage.py", "environment.yml", "tox.ini")


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock that is there, whether or not it can be read.

    Attributes:
        tool: as `Lock.tool`.
        by: the program that signed a requirements file, "uv" for those that it compiles or exports.
    """

    tool: str
    file: str
    by: str = ""


def lock_files(root: Path) -> tuple[LockFile, ...]:
    """Every lock of the project's folder, that of uv first.

    Raises:
        NotAssessed: the folder cannot be looked into, or a requirements file cannot be read.
    """
    found = [LockFile(tool, name, tool) for name, tool in _FIXED.items() if (root / name).is_file()]
    names = _names(root)
    found += [LockFile("pylock", name) for name in names if _PYLOCK.match(name)]
    for name in list(_requirements(root, names))[:FILES_CAP]:
        by = is_compiled(text_of(root, name))
        if by:
            found.append(LockFile(compiled.TOOLS.get(by, by), name, by))
    order = ["uv", "pip-tools", "unnamed"]
    return tuple(sorted(found, key=lambda one: order.index(one.tool) if one.tool in order else len(order)))


def read_lock(root: Path, one: LockFile) -> Lock:
    """What a lock says; read once, as long as the file stays as it is.

    Raises:
        NotAssessed: it cannot be read.
    """
    try:
        state = (root / one.file).stat()
    except OSError as error:
        not_assessed(f"{one.file}: cannot be read: {error.strerror}")
    return _read(root, one, state.st_mtime_ns, state.st_size)


def read_locks(root: Path) -> tuple[Lock, ...]:
    """Every lock of the project.

    Raises:
        NotAssessed: one cannot be read, so that nothing is judged by the others alone.
    """
    return tuple(read_lock(root, one) for one in lock_files(root))


@lru_cache(maxsize=64)
def _read(root: Path, one: LockFile, _modified: int, _size: int) -> Lock:
    return READERS.get(one.tool, compiled.read)(one.file, text_of(root, one.file))


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except OSError as error:
        not_assessed(f"{folder.name}: cannot be looked into: {error.strerror}")


def _requirements(root: Path, names: list[str]) -> Iterator[str]:
    """Names of files that may hold requirements: in the folder itself, and in one that is named for them."""
    for name in names:
        if not _REQUIREMENTS.search(name):
            continue
        path = root / name
        rye = name.startswith("requirements") and name.endswith(".lock")
        if (name.endswith(".txt") or rye) and path.is_file():
            yield name
        elif path.is_dir() and not path.is_symlink() and not name.startswith("."):
            yield from (f"{name}/{one}" for one in _names(path) if one.endswith(".txt") and (path / one).is_file())


def of_another_kind(root: Path) -> str:
    """Why a folder is no Python project; "" where it is one."""
    names = _names(root)
    own = [one for one in names if one in _MADE_OF or (_REQUIREMENTS.search(one) and one.endswith((".txt", ".in")))]
    if not own and not any(_REQUIREMENTS.search(one) and (root / one).is_dir() for one in names):
        other = " (package.json makes it a project of Node)" if "package.json" in names else ""
        return f"{root.name} is no Python project{other}: it has no pyproject.toml, no requirements file, no setup.py"
    return ""


def without_a_lock(root: Path) -> str:
    """Why nothing can be said of a folder without a lock; "" where it is a Python project that should have one."""
    if other := of_another_kind(root):
        return other
    above = _above(root)
    if above:
        return f"uv.lock stands in {above}, so that this is a member of a workspace: name that folder in project.path"
    return ""


def _above(root: Path) -> str:
    """The folder above that has a uv.lock, as far as the repository goes."""
    folder, words = root.resolve(), ".."
    for _ in range(LEVELS):
        if (folder / ".git").exists() or folder.parent == folder:
            return ""
        folder = folder.parent
        if (folder / "uv.lock").is_file():
            return words
        words += "/.."
    return ""
