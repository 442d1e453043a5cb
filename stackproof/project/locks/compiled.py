"""Requirements files that a tool compiled: every package pinned, most with hashes and a note of who asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from stackproof.project.compiled import is_compiled
from stackproof.project.locks import shapes
from stackproof.project.model import Lock, Locked, Place, Source, Use
from stackproof.project.uses import Uses

CURE = "compile it again"
TOOLS = {"uv": "pip-tools", "pip-tools": "pip-tools"}  # `uv pip compile` and `uv export` write pip-tools' own format

_HASH = re.compile(r"\s--hash[= ]\S+")
_OPTIONS = re.compile(r"\s--?[a-z][\w-]*[= ].*$")
_VIA = re.compile(r"#\s+via\b\s*(.*)$")
_VCS = re.compile(r"^(git|hg|svn|bzr)\+")
_COMMAND = re.compile(r"^#\s+((?:uv|pip-compile|pdm|python\S*)\b.*)$")
_PYTHON = re.compile(r"with python (3\.\d+)", re.IGNORECASE)
_ASKED_PYTHON = re.compile(r"--python-version[= ](3\.\d+)")


@dataclass(slots=True)
class Pin:
    """One requirement of the file, its continuation lines and notes put together.

    Attributes:
        parts: the line and those that continue it, without comments.
        via: the words of its note: names of packages, "-r requirements.in", "orders (pyproject.toml)".
    """

    line: int
    parts: list[str]
    via: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it, as one line."""
        return " ".join(self.parts)


@dataclass(frozen=True, slots=True)
class Compiled:
    """The file.

    Attributes:
        command: as the header tells it, "" where it does not.
        notes: name of a package -> who asked for it.
    """

    lock: Lock
    command: str
    notes: dict[str, tuple[str, ...]]


def read(file: str, text: str) -> Lock:
    """The lock.

    Raises:
        NotAssessed: it cannot be read.
    """
    return read_compiled(file, text).lock


def read_compiled(file: str, text: str) -> Compiled:
    """The lock with what its header and its notes tell.

    Raises:
        NotAssessed: it cannot be read.
    """
    shapes.no_conflict(file, text)
    written_by = is_compiled(text)
    command = _command(text)
    use = Uses().of_file(file)
    packages: list[Locked] = []
    notes: dict[str, tuple[str, ...]] = {}
    for pin in _pins(text):
        if len(packages) > shapes.PACKAGES_CAP:
            shapes.unreadable(file, pin.line, f"has more than {shapes.PACKAGES_CAP} packages", "name one project")
        one = _locked(file, pin, use)
        if one is not None:
            packages.append(one)
            notes[one.name] = (*notes.get(one.name, ()), *pin.via)
    lock = Lock(
        tool=TOOLS.get(written_by, written_by or "unnamed"),
        file=file,
        packages=tuple(packages),
        by=written_by,
        made_for=_made_for(text, written_by, command),
    )
    return Compiled(lock, command, notes)


def _command(text: str) -> str:
    for line in text.splitlines()[:40]:
        if line.strip() and not line.startswith("#"):
            break
        if found := _COMMAND.match(line):
            return found[1].strip()[:2_000]
    return ""


def _made_for(text: str, written_by: str, command: str) -> str:
    """pip-tools resolves for its own Python; uv for every one with `--universal`, and where it exports its lock."""
    if written_by == "uv":
        if "--universal" in command or command.startswith("uv export"):
            return ""
        asked = _ASKED_PYTHON.search(command)
        return asked[1] if asked else "?"
    said = _PYTHON.search("\n".join(text.splitlines()[:10]))
    return said[1] if said else "?"


def _pins(text: str) -> Iterator[Pin]:
    """Every requirement; options of the whole file (`--index-url`, `-c`) are left out."""
    pin: Pin | None = None
    going_on = noting = False
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        note = _VIA.search(bare)
        if going_on and pin is not None and not bare.startswith("#"):
            pin.parts.append(bare.removesuffix("\\").partition(" #")[0])
        elif bare.startswith("#") and pin is not None:
            if noting and not note and (word := bare.lstrip("# ").strip()):
                pin.via.append(word)
        elif bare and not bare.startswith("#"):
            if pin is not None:
                yield pin
            named = not bare.startswith("-") or bare.startswith(("-e ", "--editable"))
            pin = Pin(number, [bare.removesuffix("\\").partition(" #")[0]]) if named else None
            noting = False
        if note and pin is not None:
            noting = True
            pin.via += [word for one in note[1].split(",") if (word := one.strip())]
        elif not bare.startswith("#"):
            noting = False
        going_on = bare.endswith("\\")
    if pin is not None:
        yield pin


def _locked(file: str, pin: Pin, use: Use) -> Locked | None:
    """The package; None for an editable folder, which has no name here."""
    whole = f"{pin.text} "
    hashes = len(_HASH.findall(whole))
    text = _OPTIONS.sub("", _HASH.sub("", whole)).strip()
    place = Place(file, pin.line)
    if text.startswith("-"):
        _, _, egg = text.partition("#egg=")
        name = re.split(r"[^A-Za-z0-9._-]", egg)[0]
        return Locked(str(canonicalize_name(name)), "", place, source="path", use=use) if name else None
    if text.startswith((".", "/", "file:")) or "://" in text.partition(" ")[0]:
        return None
    try:
        wanted = Requirement(text)
    except (InvalidRequirement, RecursionError):
        shapes.unreadable(file, pin.line, f"{text[:80]!r} is no requirement", CURE)
    exact = [one.version for one in wanted.specifier if one.operator in {"==", "==="} and "*" not in one.version]
    source: Source = "index"
    if wanted.url:
        source = "vcs" if _VCS.match(wanted.url) else "path" if wanted.url.startswith("file:") else "url"
    elif len(exact) != 1 or len(list(wanted.specifier)) != 1:
        shapes.unreadable(file, pin.line, f"{text[:80]!r} is no exact pin", CURE)
    return Locked(
        name=shapes.name_of(file, pin.line, wanted.name, CURE),
        version=shapes.version_of(file, pin.line, exact[0] if exact else "", CURE),
        place=place,
        marker=str(wanted.marker) if wanted.marker else "",
        source=source,
        hashes=hashes,
        use=use,
    )
