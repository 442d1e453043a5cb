"""Whether a lock that records no declarations meets what is declared: compiled requirements, and other tools' locks."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from packaging.version import Version

from stackproof.check import not_assessed
from stackproof.project.declarations import Declarations
from stackproof.project.declared import read_declared
from stackproof.project.locks.compiled import Compiled, read_compiled
from stackproof.project.locks.judging import READS
from stackproof.project.locks.taking import environments, marker_holds, taken
from stackproof.project.model import Declared, Lock, Locked, Use
from stackproof.project.pyproject import Pyproject
from stackproof.project.requirements_files import RequirementsFiles
from stackproof.project.setup_cfg import SetupCfg
from stackproof.project.uses import Uses
from stackproof.project.view import text_of

UNSAFE = {"pip", "setuptools", "distribute"}  # pip-compile pins them only with --allow-unsafe

_PLATFORM = re.compile(r"\b(sys_platform|platform_\w+|os_name|implementation_\w+)\b")
_SOURCE = re.compile(r"\.(in|txt|toml|cfg|py)$")
_WITH_VALUE = re.compile(r"^(-o|-c|-p|-f|-i|--(output-file|constraint|overrides?|python|python-version|extra|group))$")
_EXTRA = re.compile(r"--(?:extra|group|only-group)[= ]([\w.-]+)")
_ALL = re.compile(r"--all-(extras|groups)\b|--extra=?all\b")
_BY_PROJECT = re.compile(r"^\S+ \((pyproject\.toml|setup\.cfg|setup\.py)(:[^)]*)?\)$")


def stale_compiled(root: Path, file: str, uses: Uses, minors: Sequence[str]) -> tuple[str, ...]:
    """What is declared and met by no pin, and pins that were asked for and are declared no more.

    Raises:
        NotAssessed: from what the file was compiled cannot be told, or cannot be read.
    """
    compiled = read_compiled(file, text_of(root, file))
    sources = _sources(root, compiled)
    declared = Declarations()
    for one in sources:
        declared = declared.and_also(_declared_in(root, one, uses))
    wanted = [one for one in declared if _is_asked(one, compiled) or _limits(one, compiled)]
    differences = [
        *dict.fromkeys(_unmet(compiled.lock, wanted, minors)),
        *_declared_no_more(compiled, sources, {one.name for one in declared}),
    ]
    if declared.unread and not differences:
        not_assessed(declared.unread[0])
    return tuple(differences)


def unmet(root: Path, lock: Lock, uses: Uses, minors: Sequence[str]) -> tuple[str, ...]:
    """What the project declares for production, in the file that the tool reads, and the lock does not meet.

    Raises:
        NotAssessed: what is declared cannot be read, or what the lock was made from is not known.
    """
    if lock.tool not in READS:
        not_assessed(f"{lock.file}: from what it was made is not known here")
    declared = read_declared(root, uses)
    wanted = [one for one in declared.used_for(Use.PRODUCTION) if not one.group and one.place.file == READS[lock.tool]]
    return tuple(dict.fromkeys(_unmet(lock, wanted, minors)))


def _sources(root: Path, compiled: Compiled) -> tuple[str, ...]:
    """Files that it was compiled from: by its header, its notes, the file of its name, or what the tool takes."""
    file = compiled.lock.file
    found = [one for one in _named(compiled.command) if (root / one).is_file() and one != file]
    if not found:
        notes = [note for listed in compiled.notes.values() for note in listed]
        found = [_beside(root, file, note[3:].strip()) for note in notes if note.startswith("-r ")]
        found += [match[1] for note in notes if (match := _BY_PROJECT.match(note))]
    beside = f"{file.removesuffix('.txt')}.in"
    if not found and (root / beside).is_file():
        found = [beside]
    if not found and compiled.lock.by in {"uv", "pip-tools"} and (root / "pyproject.toml").is_file():
        found = ["pyproject.toml"]
    if not found:
        not_assessed(f"{file}: does not say from which file it was compiled; compile it with its header and notes")
    return tuple(dict.fromkeys(found))


def _named(command: str) -> list[str]:
    """The files that the command of the header was given to compile."""
    if command.startswith("uv export"):
        return ["pyproject.toml"]
    try:
        words = shlex.split(command)
    except ValueError:
        words = command.split()
    found, value = [], False
    for word in words:
        if value:
            value = False
        elif word.startswith("-"):
            value = bool(_WITH_VALUE.match(word))
        elif _SOURCE.search(word):
            found.append(posixpath.normpath(word.replace("\\", "/")))
    return found


def _beside(root: Path, file: str, name: str) -> str:
    """A note names a file as seen from where the tool was run: the project's folder, or the lock's."""
    plain = posixpath.normpath(name.replace("\\", "/"))
    if (root / plain).is_file():
        return plain
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), plain))


def _declared_in(root: Path, source: str, uses: Uses) -> Declarations:
    if source.endswith(".py"):
        not_assessed(f"{source}: is never run, so that what it declares is not known; declare it in pyproject.toml")
    if posixpath.basename(source) == "pyproject.toml":
        return Pyproject(root, uses).read()
    if posixpath.basename(source) == "setup.cfg":
        return SetupCfg(root, uses).read()
    return RequirementsFiles(root, uses).read([source])


def _is_asked(one: Declared, compiled: Compiled) -> bool:
    """Whether the tool was told to compile it: constraints ask for nothing, extras and groups have to be named."""
    if one.constraint:
        return False
    if not one.group or one.group.endswith((".in", ".txt")) or _ALL.search(compiled.command):
        return True
    return one.group in _EXTRA.findall(compiled.command)


def _limits(one: Declared, compiled: Compiled) -> bool:
    """Whether it is a constraint that the tool was told of; those of `[tool.uv]` only uv reads."""
    return one.constraint and (compiled.lock.by == "uv" or not one.place.file.endswith("pyproject.toml"))


def _unmet(lock: Lock, wanted: Iterable[Declared], minors: Sequence[str]) -> Iterator[str]:
    if lock.made_for not in {"", "?"}:
        minors = [lock.made_for]
    for environment in environments(minors):
        key = tuple(sorted(environment.items()))
        pins: dict[str, list[Locked]] = {}
        for pin in taken(lock, environment):
            pins.setdefault(pin.name, []).append(pin)
        for one in wanted:
            if one.name not in UNSAFE and marker_holds(one.marker, key, str(one.place)):
                yield from _of_one(lock, one, pins.get(one.name, []))
        if lock.made_for:
            return  # of one Python, the first environment tells all


def _of_one(lock: Lock, one: Declared, pins: Sequence[Locked]) -> Iterator[str]:
    if not pins:
        if not one.constraint and not _PLATFORM.search(one.marker):  # the tool may have been run on another platform
            yield f"{one.place} declares {one.written}, and {lock.file} does not pin it"
        return
    if one.source != "index":
        return
    judged = [pin for pin in pins if pin.version and pin.source == "index"]
    if judged and not any(one.specifier.contains(Version(pin.version), prereleases=True) for pin in judged):
        yield f"{one.place} declares {one.written}, and {judged[0].place} pins {judged[0].version}"


def _declared_no_more(compiled: Compiled, sources: Sequence[str], names: set[str]) -> Iterator[str]:
    for pin in compiled.lock.packages:
        asked = [note for note in compiled.notes.get(pin.name, ()) if note.startswith("-r ") or _BY_PROJECT.match(note)]
        if asked and pin.name not in names:
            yield f"{pin.place} pins {pin.name} for {asked[0]}, and {' and '.join(sources)} declare it no more"
