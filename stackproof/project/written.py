"""One requirement as somebody wrote it (PEP 508, and what pip reads besides), as data."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from stackproof.project.model import Declared, Place, Source

CAP = 200  # characters of a requirement that are kept
LINE_CAP = 4_000  # characters of a requirement that is read at all; Python reads no number of 4,300 digits

_USERINFO = re.compile(r"(?<=://)(?!git@)[^/@\s]+@")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_VCS = ("git+", "hg+", "svn+", "bzr+")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?")
_ARCHIVE = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")
_VARIABLE = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_EXTRAS = re.compile(r"\[([^\[\]]*)\]$")
_NAMED_URL = re.compile(r"[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*@\s*(?=\S)")


class UnreadableError(ValueError):
    """A line that is no requirement; the text says why, and what to do."""


def requirement_of(text: str, place: Place, **more: Any) -> Declared:
    """The requirement of a PEP 508 text.

    Raises:
        UnreadableError: it is none.
    """
    text = _line_of(text)
    if not _NAMED_URL.match(text) and (variable := _VARIABLE.search(text)):
        raise UnreadableError(
            f"says {shown(text)!r}, and what {variable[1]} holds is not known here; write the requirement out"
        )
    try:
        parsed = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0].rstrip(".:")
        raise UnreadableError(f"says {shown(text)!r}, which is no requirement (PEP 508): {reason}") from None
    return Declared(
        name=str(canonicalize_name(parsed.name)),
        written=shown(text),
        specifier=SpecifierSet() if parsed.url else parsed.specifier,
        place=place,
        extras=tuple(sorted(str(canonicalize_name(one)) for one in parsed.extras)),
        marker=str(parsed.marker) if parsed.marker else "",
        source=source_of(parsed.url) if parsed.url else "index",
        **more,
    )


def pip_requirement_of(text: str, place: Place, **more: Any) -> Declared | None:
    """Like `requirement_of`, and besides URLs, archives and folders without a name, as pip takes them.

    None stands for the project itself (`.`).
    """
    bare = _line_of(text)
    if not is_location(bare):
        return requirement_of(bare, place, **more)
    address, _, marker = bare.partition(" ;") if " ;" in bare else (bare, "", "")
    address = address.strip().strip("\"'")
    extras = _EXTRAS.search(address) if "://" not in address else None
    path = address[: extras.start()] if extras else address
    if path.removeprefix("file:") in {".", "./"}:
        return None
    named = _EGG.search(address)
    try:
        found = Requirement(
            f"x{(named and named[2]) or (extras and extras[0]) or ''}{f' ; {marker}' if marker else ''}"
        )
    except InvalidRequirement:
        raise UnreadableError(f"says {shown(bare)!r}, which is no requirement that pip reads") from None
    return Declared(
        name=str(canonicalize_name(named[1])) if named else _name_in(path),
        written=shown(bare),
        specifier=SpecifierSet(),
        place=place,
        extras=tuple(sorted(str(canonicalize_name(one)) for one in found.extras)),
        marker=str(found.marker) if found.marker else "",
        source=source_of(path),
        **more,
    )


def _line_of(text: str) -> str:
    """The text with single spaces; that is the same requirement, and what looks for its parts cannot be kept busy."""
    if len(text) > LINE_CAP:
        raise UnreadableError(f"has more than {LINE_CAP} characters, and is not read")
    return " ".join(text.split())


def is_location(text: str) -> bool:
    """Whether a text is an address, an archive or a folder, and no requirement by name."""
    if _SCHEME.match(text) and not _NAMED_URL.match(text):
        return True
    first = text.split(" ;", maxsplit=1)[0].split(";", maxsplit=1)[0].strip()
    return first.startswith((".", "/", "~/")) or (" @ " not in text and first.lower().endswith(_ARCHIVE))


def source_of(address: str) -> Source:
    """Where an address leads to."""
    lower = address.lower()
    if lower.startswith(_VCS):
        return "vcs"
    if lower.startswith("file:") or not _SCHEME.match(lower):
        return "path"
    return "vcs" if lower.split("#")[0].split("@")[0].endswith(".git") else "url"


def specifiers_in(text: str) -> SpecifierSet:
    """The specifier set of a text.

    Raises:
        UnreadableError: it is none.
    """
    try:
        return SpecifierSet(_line_of(text))
    except InvalidSpecifier:
        raise UnreadableError(f"says {shown(text)!r}, which is no specifier (PEP 440)") from None


def from_elsewhere(one: Declared, source: Source, written: str) -> Declared:
    """The same requirement, taken from another place than the index."""
    return replace(one, source=source, specifier=SpecifierSet(), written=shown(written))


def shown(text: str) -> str:
    """A text as it may be shown: one line, capped, without the credentials of a URL."""
    line = " ".join(_USERINFO.sub("[redacted]@", text[: LINE_CAP * 2]).split())
    return line if len(line) <= CAP else f"{line[: CAP - 1]}…"


def _name_in(path: str) -> str:
    """The package's name by the name of its archive or folder."""
    last = PurePosixPath(path.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0].rstrip("/")).name
    try:
        if last.endswith(".whl"):
            return str(parse_wheel_filename(last)[0])
        if last.endswith((".tar.gz", ".zip")):
            return str(parse_sdist_filename(last)[0])
    except (InvalidWheelFilename, InvalidSdistFilename):
        pass
    stem = last.partition("@")[0].removesuffix(".git")
    return str(canonicalize_name(stem)) if re.fullmatch(r"[A-Za-z0-9._-]*[A-Za-z0-9]", stem) else ""
