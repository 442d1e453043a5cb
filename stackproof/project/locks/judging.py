"""What can be said of a lock: what it takes, what has no hash, which Pythons it covers, and with what it disagrees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from stackproof.check import not_assessed
from stackproof.project.locks.taking import environments, marker_holds, minors_of, reached, specifiers_of, taken
from stackproof.project.model import Lock, Locked, Use

if TYPE_CHECKING:
    from stackproof.project.declarations import Declarations
    from stackproof.project.locks.reading import LockFile
    from stackproof.spec.model import Specification
    from stackproof.target.project import Distribution

WORDS = {  # how a document may name a tool -> the tool of a lock
    "uv": "uv",
    "uv.lock": "uv",
    "pip-tools": "pip-tools",
    "pip-compile": "pip-tools",
    "requirements.txt": "pip-tools",
    "poetry": "poetry",
    "poetry.lock": "poetry",
    "pdm": "pdm",
    "pdm.lock": "pdm",
    "pipenv": "pipenv",
    "pipfile.lock": "pipenv",
    "pylock": "pylock",
    "pylock.toml": "pylock",
}

READS = {"uv": "pyproject.toml", "poetry": "pyproject.toml", "pdm": "pyproject.toml", "pipenv": "Pipfile"}
_TESTED = re.compile(r"(?i)(^|[/_.-])(dev|devel|develop|development|test|tests|testing|ci|local)([/_.-]|$)")
_PYTHON_TAG = re.compile(r"^(?:py3|py3(?P<from>\d+)|cp3(?P<minor>\d+))$")


@dataclass(frozen=True, slots=True)
class Pick:
    """What a lock takes of one package.

    Attributes:
        entries: over every environment that was asked about.
        clear: in none of them it takes more than one version.
    """

    entries: tuple[Locked, ...]
    clear: bool


def tools_of(options: Iterable[str]) -> tuple[str, ...]:
    """The tools that a clause's words name; a word that is not known here is left out."""
    return tuple(dict.fromkeys(WORDS[one.casefold()] for one in options if one.casefold() in WORDS))


def main_of[T: (Lock, LockFile)](found: Sequence[T], options: Iterable[str]) -> tuple[T, ...]:
    """The locks that count: of the first admitted tool that there is; else all.

    Where `uv.lock` is there, requirements beside it are an export for whoever has no uv.
    """
    for tool in tools_of(options):
        if of_it := tuple(one for one in found if one.tool == tool):
            return of_it
    return tuple(found)


def minors_for(specification: Specification, *also: str) -> tuple[str, ...]:
    """Lines of Python that the document's row admits, and what else is given with it, where that leaves any."""
    row = specification.find("version.python")
    asked = row.value.constraint if row is not None and row.understood else SpecifierSet()  # type: ignore[union-attr]
    more = [specifiers_of(one, "requires-python") for one in also if one]
    return minors_of(asked, *more)


def pick(lock: Lock, package: str, specification: Specification) -> Pick:
    """What the lock takes of a package on any Python of the document that the lock is for.

    Raises:
        NotAssessed: a marker of the lock cannot be read.
    """
    minors = minors_for(specification, lock.requires_python) or minors_for(specification)
    entries: dict[Locked, None] = {}
    clear = True
    for environment in environments(minors):
        here = [one for one in taken(lock, environment) if one.name == package]
        clear = clear and len({one.version for one in here}) < 2
        entries |= dict.fromkeys(here)
    return Pick(tuple(entries), clear)


def without_hashes(lock: Lock) -> tuple[Locked, ...]:
    """Packages from an index or a URL that the lock has no hash of."""
    return tuple(one for one in lock.packages if not one.hashes and one.source in {"index", "url"})


def uncovered(lock: Lock, minors: Iterable[str]) -> Iterator[str]:
    """Why the lock cannot be installed on some of these lines of Python, a sentence each.

    Raises:
        NotAssessed: a marker of the lock cannot be read.
    """
    admitted = minors_of(specifiers_of(lock.requires_python, lock.file))
    for minor in minors:
        if lock.requires_python and minor not in admitted:
            yield f"{lock.file} is for Python {lock.requires_python}, which leaves out {minor}"
            continue
        if lock.made_for not in {"", "?", minor}:
            yield f"{lock.file} was resolved for Python {lock.made_for} alone, and not for {minor}"
            continue
        yield from _missing_on(lock, minor)


def _missing_on(lock: Lock, minor: str) -> Iterator[str]:
    environment = environments([minor])[0]
    key = tuple(sorted(environment.items()))
    here = taken(lock, environment)
    names = {one.name for one in here}
    for number in reached(lock.asked, lock.needs, lambda marker: marker_holds(marker, key, lock.file)):
        wanted = lock.packages[number]
        if wanted.name not in names:
            names.add(wanted.name)
            yield f"{wanted} is needed on Python {minor}, and locked for others alone ({wanted.marker[:120]})"
    for one in here:
        if one.wheels and not one.sdist and not any(_runs_on(tag, int(minor.partition(".")[2])) for tag in one.wheels):
            yield f"{one} has neither a wheel for Python {minor} on Linux nor a source distribution"


def _runs_on(tag: str, minor: int) -> bool:
    """Whether CPython of that line can install a wheel on Linux."""
    pythons, abis, platforms = tag.split("-", 2)
    if not ("linux" in platforms or platforms == "any"):
        return False
    for one in pythons.split("."):
        found = _PYTHON_TAG.match(one)
        if found is None:
            continue
        if found["minor"] is None:
            if found["from"] is None or int(found["from"]) <= minor:
                return True
        elif int(found["minor"]) == minor or ("abi3" in abis.split(".") and int(found["minor"]) <= minor):
            return True
    return False


def are_meant_together(one: Lock, other: Lock) -> bool:
    """Whether two locks are for one environment, or for tests of it: compiled files of tools and documents are not."""
    pair = [lock for lock in (one, other) if lock.tool in {"pip-tools", "unnamed"}]
    alone = [lock for lock in pair if lock.packages and lock.packages[0].use is Use.DEVELOPMENT]
    return len(pair) < 2 or all(_TESTED.search(lock.file) for lock in alone)


def disagreements(one: Lock, other: Lock, specification: Specification) -> tuple[str, ...]:
    """Packages that two locks take in different versions, with both places.

    Raises:
        NotAssessed: a marker cannot be read.
    """
    found: dict[str, None] = {}
    minors = minors_for(specification, one.requires_python, other.requires_python) or minors_for(specification)
    if other.made_for in minors or one.made_for in minors:
        minors = (other.made_for if other.made_for in minors else one.made_for,)
    for environment in environments(minors):
        mine, its = (_by_name(taken(lock, environment)) for lock in (one, other))
        for name in sorted(mine.keys() & its.keys()):
            versions = {entry.version for entry in mine[name]}
            if versions and all(versions) and all(entry.version not in versions for entry in its[name]):
                found[f"{mine[name][0]}, and {its[name][0]}"] = None
    return tuple(found)


def _by_name(entries: Iterable[Locked]) -> dict[str, list[Locked]]:
    found: dict[str, list[Locked]] = {}
    for one in entries:
        if one.source != "path":
            found.setdefault(one.name, []).append(one)
    return found


@dataclass(frozen=True, slots=True)
class Unlike:
    """How an environment differs from a lock.

    Attributes:
        other: packages in another version than the locked one, a sentence each.
        missing: what production needs and the environment does not have; of a workspace nobody knows for which member
            the environment is.
        unlocked: names of what is installed and not locked.
        same: how many are as they are locked.
    """

    other: tuple[str, ...]
    missing: tuple[str, ...]
    unlocked: tuple[str, ...]
    same: int


def unlike(lock: Lock, installed: Mapping[str, Distribution], markers: Mapping[str, str]) -> Unlike:
    """How what an interpreter has differs from what the lock has for it.

    Raises:
        NotAssessed: a marker of the lock cannot be read.
    """
    wanted = _by_name(taken(lock, markers))
    needed = _by_name(taken(lock, markers, (Use.PRODUCTION,))) if len(lock.members) == 1 else {}
    other, same = [], 0
    for name, entries in wanted.items():
        has = installed.get(name)
        versions = [one.version for one in entries if one.version]
        if has is None or not has.version or not versions:
            continue
        if any(is_version(has.version, one) for one in versions):
            same += 1
        else:
            other.append(
                f"{name} {has.version} is installed in {has.location}, and {entries[0].place} locks {versions[0]}"
            )
    missing = [f"{entries[0]}" for name, entries in needed.items() if name not in installed]
    locked = {one.name for one in lock.packages}
    unlocked = [name for name in installed if name not in locked]
    return Unlike(tuple(other), tuple(missing), tuple(sorted(unlocked)), same)


def is_version(installed: str, locked: str) -> bool:
    """Whether an installed version is the locked one; a local label ("+cpu") that the lock leaves out is no matter."""
    try:
        has, wanted = Version(installed), Version(locked)
    except InvalidVersion:
        return installed == locked
    return has == wanted or (not wanted.local and Version(has.public) == wanted)


def undeclared(lock: Lock, declared: Declarations, minors: Iterable[str]) -> tuple[str, ...]:
    """Locked versions that their declaration does not admit, with both places.

    Raises:
        NotAssessed: a marker cannot be read.
    """
    if lock.tool not in READS:
        not_assessed(f"{lock.file}: what its pins have to meet is judged with its freshness, where that is known")
    wanted = [one for one in declared if not one.constraint and one.source == "index"]
    if lock.tool != "uv":  # which groups another tool put into its lock is not known
        wanted = [one for one in wanted if one.use is Use.PRODUCTION and not one.group]
    read = READS[lock.tool]  # by uv, of every member of the workspace, too
    wanted = [
        one for one in wanted if one.place.file == read or (lock.tool == "uv" and one.place.file.endswith(f"/{read}"))
    ]
    found: dict[str, None] = {}
    for environment in environments(minors):
        key = tuple(sorted(environment.items()))
        here = _by_name(taken(lock, environment))
        for one in wanted:
            pins = [pin for pin in here.get(one.name, ()) if pin.version and pin.source == "index"]
            if not pins or not marker_holds(one.marker, key, str(one.place)):
                continue
            if not any(one.specifier.contains(pin.version, prereleases=True) for pin in pins):
                found[f"{one.place} declares {one.written}, and {pins[0].place} locks {pins[0].version}"] = None
    return tuple(found)


def installed_undeclared(
    declared: Declarations, installed: Mapping[str, Distribution], markers: Mapping[str, str]
) -> tuple[tuple[str, ...], int]:
    """(installed versions that what production declares does not admit, how many were looked at).

    Raises:
        NotAssessed: a marker cannot be read.
    """
    key = tuple(sorted(markers.items()))
    found: dict[str, None] = {}
    judged = set()
    for one in declared.used_for(Use.PRODUCTION):
        has = installed.get(one.name)
        if has is None or one.source != "index" or not marker_holds(one.marker, key, str(one.place)):
            continue
        try:
            version = Version(has.version)
        except InvalidVersion:
            continue
        judged.add(one.name)
        if not one.specifier.contains(version, prereleases=True):
            there = f"{one.name} {has.version} is installed in {has.location}"
            found[f"{one.place} declares {one.written}, and {there}"] = None
    return tuple(found), len(judged)
