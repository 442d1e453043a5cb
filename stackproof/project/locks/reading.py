"""Which locks a project has, and what each says."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from stackproof.check import NotAssessed, not_assessed
from stackproof.project.compiled import is_compiled
from stackproof.project.locks import compiled, pdm, pipenv, poetry, pylock, uv
from stackproof.project.model import Lock
from stackproof.project.view import is_there, text_of

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
SIGNED_WITHIN = 64 * 1024  # bytes
FILES_CAP = 200  # requirements files that are looked at
LEVELS = 8  # folders above the project's

_FIXED = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
_PYLOCK = re.compile(r"^pylock(\.[^.]+)?\.toml$")
_REQUIREMENTS = re.compile(r"(?i)(require|constraint|reqs?\b|deps?\b|(?<![a-z])lock)")
_NAMED_SO = re.compile(r"(?i)require|constraint")
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
    found = [LockFile(tool, name, tool) for name, tool in _FIXED.items() if is_there(root, name)]
    names = _names(root)
    found += [LockFile("pylock", name) for name in names if _PYLOCK.match(name)]
    for name in list(_requirements(root, names))[:FILES_CAP]:
        by = _signed(root, name)
        if by:
            found.append(LockFile(compiled.TOOLS.get(by, by), name, by))
    order = ["uv", "pip-tools", "unnamed"]
    return tuple(sorted(found, key=lambda one: order.index(one.tool) if one.tool in order else len(order)))


def read_lock(root: Path, one: LockFile) -> Lock:
    """What a lock says; read once, as long as the file stays as it is.

    Raises:
        NotAssessed: it cannot be read.
    """
    read = _read(root, one, *_state(root, one.file))
    if isinstance(read, str):
        not_assessed(read)
    return read


def read_locks(root: Path) -> tuple[Lock, ...]:
    """Every lock of the project.

    Raises:
        NotAssessed: one cannot be read, so that nothing is judged by the others alone.
    """
    return tuple(read_lock(root, one) for one in lock_files(root))


def _state(root: Path, name: str) -> tuple[int, int]:
    try:
        state = (root / name).stat()
    except OSError as error:
        not_assessed(f"{name}: cannot be read: {error.strerror}")
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=64)
def _read(root: Path, one: LockFile, _modified: int, _size: int) -> Lock | str:
    """The lock, or why it cannot be read: every row asks, and what took long is not tried again."""
    try:
        return READERS.get(one.tool, compiled.read)(one.file, text_of(root, one.file))
    except NotAssessed as error:
        return str(error)


def _signed(root: Path, name: str) -> str:
    """The tool that compiled a file, "" for none; read once, too.

    Raises:
        NotAssessed: it cannot be read, and may be a lock.
    """
    by, trouble = _signature(root, name, *_state(root, name))
    if trouble:
        not_assessed(trouble)
    return by


@lru_cache(maxsize=FILES_CAP * 2)
def _signature(root: Path, name: str, _modified: int, _size: int) -> tuple[str, str]:
    try:
        return is_compiled(text_of(root, name)), ""
    except NotAssessed as error:
        trouble = str(error)
    if _NAMED_SO.search(name):
        return "", trouble
    try:
        with (root / name).open("rb") as file:  # what tools write is ASCII, and anything else is something else
            signed = is_compiled(file.read(SIGNED_WITHIN).decode("ascii", "replace"))
    except OSError:
        return "", ""
    return "", trouble if signed else ""


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
