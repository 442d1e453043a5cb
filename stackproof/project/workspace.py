"""The members of a workspace of uv: the folders that its root names, as parts of the project."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from stackproof.check import NotAssessed
from stackproof.project.declarations import Declarations
from stackproof.project.model import Place
from stackproof.project.view import text_of
from stackproof.project.written import shown

FILE = "pyproject.toml"
MEMBERS_CAP = 200  # folders
LOOKED_AT_CAP = 20_000  # paths that a pattern may fit


@dataclass(frozen=True, slots=True)
class Members:
    """What the root says.

    Attributes:
        folders: relative to the root, with slashes, each with a pyproject.toml.
        troubles: what cannot be told of them.
        outside: folders that are links out of the project.
    """

    folders: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def members_of(root: Path) -> Members:
    """The members of the workspace whose root the folder is; none where it is no root, or cannot be read."""
    try:
        state = (root / FILE).stat()
    except OSError:
        return Members()
    return _members_of(root, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=8)
def _members_of(root: Path, _modified: int, _size: int) -> Members:
    try:
        data: Any = tomllib.loads(text_of(root, FILE))
        said = data["tool"]["uv"]["workspace"]
        wanted, left_out = said.get("members", []), said.get("exclude", [])
    except (NotAssessed, tomllib.TOMLDecodeError, RecursionError, KeyError, TypeError, AttributeError):
        return Members()  # what is wrong with the file, its own reader tells
    if not isinstance(wanted, list) or not isinstance(left_out, list):
        return Members(troubles=("members and exclude of a workspace are lists of folders",))
    folders, troubles, outside = dict[str, None](), list[str](), list[str]()
    excluded = [str(one).strip("/") for one in left_out]
    for pattern in wanted:
        fitting = _fitting(root, pattern)
        if fitting is None:
            troubles.append(f"the members {shown(repr(pattern))} are no folders below it")
        for one in fitting or ():
            name = one.relative_to(root).as_posix()
            if name == "." or any(PurePosixPath(name).match(other) for other in excluded):
                continue
            if one.resolve().is_relative_to(root.resolve()):
                folders[name] = None
            else:
                outside.append(name)
    if len(folders) > MEMBERS_CAP:
        troubles.append(f"there are more than {MEMBERS_CAP} members, and no more are read")
    return Members(tuple(folders)[:MEMBERS_CAP], tuple(troubles), tuple(outside))


def _fitting(root: Path, pattern: object) -> list[Path] | None:
    """Folders with a pyproject.toml that a pattern fits; None where it is no pattern of folders below."""
    if not isinstance(pattern, str) or ".." in pattern.split("/") or pattern.count("**") > 1:
        return None
    try:
        looked_at = islice(root.glob(pattern.strip()), LOOKED_AT_CAP)
        return sorted(one for one in looked_at if not one.name.startswith(".") and (one / FILE).is_file())
    except (ValueError, NotImplementedError, OSError, IndexError):
        return None


def with_members(root: Path, own: Declarations, read: Callable[[Path], Declarations], place: Place) -> Declarations:
    """What the root declares, and what each member does.

    Args:
        read: what a member's folder declares, as seen from there.
        place: of the workspace, for what cannot be told of its members.
    """
    members = members_of(root)
    unread = [f"{place}: {one}" for one in members.troubles]
    unread += [f"{one}: leads out of the project's folder, and is not read" for one in members.outside]
    found = replace(own, unread=(*own.unread, *unread))
    for folder in members.folders:
        try:
            found = found.and_also(_within(folder, read(root / folder)))
        except NotAssessed as error:
            found = found.and_also(Declarations(unread=(f"{folder}/{error}",)))
    return found


def _within(folder: str, found: Declarations) -> Declarations:
    """The same as seen from the root; a member's own lists are groups of its own."""

    def place(one: Place) -> Place:
        return replace(one, file=f"{folder}/{one.file}")

    def group(name: str) -> str:
        return f"{folder} {name}".strip()

    own = {group(name): frozenset(map(group, others)) for name, others in found.companions.items()}
    groups: Mapping[str, frozenset[str]] = {
        group(one.group): own.get(group(one.group), frozenset()) | {folder} for one in found
    }
    return Declarations(
        tuple(replace(one, place=place(one.place), group=group(one.group)) for one in found),
        tuple(f"{folder}/{one}" for one in found.unread),
        tuple(f"{folder}/{one}" for one in found.files),
        tuple(f"{folder}/{one}" for one in found.locks),
        tuple(replace(one, place=place(one.place)) for one in found.pythons),
        found.classifiers,
        groups,
    )
