"""The files and folders that a descriptor names: they are there, of the right kind, and readable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stackproof.descriptor.locating import KeyPath
from stackproof.descriptor.mistakes import Fault, shown
from stackproof.descriptor.sense import at

FILES: tuple[tuple[str, ...], ...] = (
    ("target", "ca"),
    ("target", "client_certificate"),
    ("target", "client_key"),
    ("auth", "signing_key", "file"),
    ("auth", "signing_key", "refresh_file"),
    ("auth", "public_key"),
    ("project", "env_file"),
)
PEM = {("target", "ca"), ("target", "client_certificate"), ("auth", "public_key")}
PEM_CAP = 1024 * 1024  # bytes of a file that are looked at


def faults_of_files(data: Any, folder: Path) -> Iterator[Fault]:
    """Faults of the paths, taken from the descriptor's own folder."""
    for key in FILES:
        path = _at(data, key, folder)
        if path is not None:
            yield from _file(key, path)
    yield from _logs(data, folder)
    path = _at(data, ("project", "path"), folder)
    if path is not None and not path.is_dir():
        what = "is a file" if path.exists() else "is not there"
        yield Fault(("project", "path"), f"{what}: {shown(str(path))}", "name the folder of the service's code")
    yield from _suites(data, folder)
    path = _at(data, ("project", "python"), folder)
    if path is not None:
        yield from _program(path)
    for name in ("advisories", "releases"):
        path = _at(data, ("project", "audit", name), folder)
        if path is not None and not path.exists():
            cure = "correct the path; it is taken from the folder of this file"
            yield Fault(("project", "audit", name), f"is not there: {shown(str(path))}", cure)
    path = _at(data, ("postgres", "backup", "folder"), folder)
    if path is not None and not path.is_dir():
        what = "is a file" if path.exists() else "is not there"
        yield Fault(("postgres", "backup", "folder"), f"{what}: {shown(str(path))}", "name the folder of the backups")
    path = _at(data, ("clock", "offset_file"), folder)
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        what = "is a folder" if path.is_dir() else "its folder is not there"
        yield Fault(("clock", "offset_file"), f"{what}: {shown(str(path))}", "name the file that the instance reads")


def _suites(data: Any, folder: Path) -> Iterator[Fault]:
    """Each folder of the team's own checks."""
    listed = at(data, "suites", "folders")
    for number in range(len(listed) if isinstance(listed, list) else 0):
        path = _at(data, ("suites", "folders", number), folder)
        if path is not None and not path.is_dir():
            yield Fault(
                ("suites", "folders", number),
                f"is no folder: {shown(str(path))}",
                "name a folder with checks of your own",
            )


def _logs(data: Any, folder: Path) -> Iterator[Fault]:
    """Each file of the log; one that nobody has written to yet is there at the latest when the service runs."""
    listed = at(data, "logs", "files")
    for number in range(len(listed) if isinstance(listed, list) else 0):
        path = _at(data, ("logs", "files", number), folder)
        if path is not None and path.exists() and not path.is_dir() and not path.is_file():
            yield Fault(("logs", "files", number), f"is no regular file: {shown(str(path))}",
                        "where the log is a stream, write logs.command instead")  # fmt: skip
        elif path is not None:
            yield from _file(("logs", "files", number), path)


def _at(data: Any, key: KeyPath, folder: Path) -> Path | None:
    value = at(data, *key)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        return None
    try:
        return folder / Path(value).expanduser()
    except RuntimeError:  # a home that nobody has
        return folder / value


def _file(key: KeyPath, path: Path) -> Iterator[Fault]:
    where = shown(str(path))
    if path.is_dir():
        yield Fault(key, f"is a folder: {where}", "name a file in it")
    elif not path.exists():
        yield Fault(key, f"is not there: {where}", "correct the path; it is taken from the folder of this file")
    elif not os.access(path, os.R_OK):
        yield Fault(key, f"may not be read: {where}", "give the user of the run the right to read it")
    elif key in PEM and not _is_pem(path):
        yield Fault(key, f"is no PEM: {where}", "name a file with -----BEGIN …----- in it")


def _is_pem(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"-----BEGIN " in file.read(PEM_CAP)
    except OSError:
        return False


def _program(path: Path) -> Iterator[Fault]:
    where = shown(str(path))
    if path.is_dir():
        yield Fault(("project", "python"), f"is a folder: {where}", "name the interpreter itself: …/bin/python")
    elif not path.exists():
        yield Fault(("project", "python"), f"is not there: {where}", "name the service's interpreter: .venv/bin/python")
    elif not os.access(path, os.X_OK):
        yield Fault(
            ("project", "python"), f"cannot be run: {where}", "name the service's interpreter: .venv/bin/python"
        )
