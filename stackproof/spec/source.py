"""The bytes of a specification, refused early where they can be no document."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import UsageError
from stackproof.spec.problems import Problem, refuse

MAX_BYTES = 5 * 1024 * 1024
MAX_LINES = 150_000

_NEWLINE = re.compile(r"\r\n?|\n")
_CONFLICT = re.compile(r"(<{7}|\|{7}|>{7})( |$)")


@dataclass(frozen=True, slots=True)
class Source:
    """A document's text with the name that the user gave it.

    Attributes:
        path: as given by the user.
        digest: SHA-256 of the bytes, hexadecimal.
        lines: the text, split where Markdown splits it.
    """

    path: str
    digest: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole text, each line ended by a single newline."""
        return "\n".join(self.lines)


def load(path: Path | str) -> Source:
    """Read a document of at most `MAX_BYTES` bytes in UTF-8.

    Raises:
        UsageError: missing, a folder, unreadable, too large, not UTF-8, or with NUL bytes or merge-conflict markers.
    """
    name = str(path)
    data = _bytes_of(name)
    lines = tuple(_NEWLINE.split(_decode(name, data)))
    if len(lines) > MAX_LINES:
        _refuse_one(name, f"{len(lines)} lines, and {MAX_LINES} are the limit", "split the document by chapter")
    refuse(name, [*_nul_bytes(lines), *_conflicts(lines)])
    return Source(name, hashlib.sha256(data).hexdigest(), lines)


def _bytes_of(name: str) -> bytes:
    """At most one byte more than the limit, so that an endless file ends here too."""
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
            size = max(file.seek(0, 2), len(data)) if file.seekable() else len(data)
    except FileNotFoundError:
        raise UsageError(f"{name}: no such file", hint="give the path of a specification in Markdown") from None
    except IsADirectoryError:
        raise UsageError(
            f"{name}: is a folder, not a file", hint=f"name the document in it, such as {Path(name) / 'tech-stack.md'}"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"{name!r}: cannot be read: {reason}", hint="check the path and its permissions") from None
    if len(data) > MAX_BYTES:
        _refuse_one(
            name,
            f"{size / 1024 / 1024:.1f} MB or more, and {MAX_BYTES // 1024 // 1024} MB are the limit",
            "give the specification itself; a document of a few hundred lines is a few dozen kilobytes",
        )
    return data


def _decode(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n?|\n", data[: error.start])) + 1
        what = f"byte {error.start} (0x{data[error.start]:02x}) is not UTF-8"
        cure = "save the file as UTF-8"
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            what, cure = f"{what}; the file begins like UTF-16", "save the file as UTF-8 instead of UTF-16"
        raise UsageError(f"{name}:{line}: {what}", hint=cure) from None


def _nul_bytes(lines: tuple[str, ...]) -> list[Problem]:
    cure = "remove the NUL characters; is this really a text file?"
    return [
        Problem(number, "holds a NUL character", cure) for number, line in enumerate(lines, start=1) if "\0" in line
    ]


def _conflicts(lines: tuple[str, ...]) -> list[Problem]:
    cure = "finish the merge and remove the marker"
    return [
        Problem(number, f"merge-conflict marker {line[:7]!r}", cure)
        for number, line in enumerate(lines, start=1)
        if _CONFLICT.match(line)
    ]


def _refuse_one(name: str, what: str, cure: str) -> None:
    refuse(name, [Problem(0, what, cure)])
