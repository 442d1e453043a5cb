"""A run's folder: `report.json` and what the writers make of it."""

from __future__ import annotations

import contextlib
import datetime
import secrets
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from stackproof.errors import InfrastructureError, UsageError
from stackproof.report.model import SCHEMA_VERSION, Report

REPORT = "report.json"
LARGEST = 100 * 1024 * 1024  # bytes of a report that is read back


def make_folder(wanted: Path | None, now: datetime.datetime) -> Path:
    """The folder of a run, made before anything is started, so that a full or read-only disk is found early.

    Raises:
        InfrastructureError: it cannot be made or written to.
    """
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    folder = wanted or Path("stackproof-runs") / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{secrets.token_hex(4)}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        raise InfrastructureError(
            f"{folder}: the run folder cannot be written: {error.strerror}",
            hint="give another folder with --output, or free some space",
        ) from error
    return folder


def save(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write `report.json`, `report.html` and `junit.xml`, each whole or not at all.

    Raises:
        InfrastructureError: the disk is full or the folder went away.
    """
    from stackproof.report.formats import format_named, pieces_of

    forms = ("json", "html", "junit")
    paths = tuple(folder / format_named(form).file for form in forms)
    for path, form in zip(paths, forms, strict=True):
        write_pieces(pieces_of(report, form), path)
    return paths


def write_pieces(pieces: Iterable[str], path: Path) -> None:
    """Write a text that comes piece by piece, whole or not at all.

    Raises:
        InfrastructureError: the disk is full, the folder is not there, or it may not be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        temporary.replace(path)
    except OSError as error:
        raise InfrastructureError(
            f"{path}: cannot be written: {error.strerror}",
            hint="give another place with --output, or free some space; without it, the text goes to standard output",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def as_json(report: Report) -> str:
    """The report as JSON text, stable in its order."""
    return report.model_dump_json(indent=2) + "\n"


def load(path: Path) -> Report:
    """Read a report back; a run's folder stands for the `report.json` in it.

    Raises:
        UsageError: it is missing, too large, or no report of a version that is known.
    """
    path = path / REPORT if path.is_dir() else path
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path}: is larger than {LARGEST // 1024**2} MiB", hint="give a report of stackproof")
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint="give a run folder or its report") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(one) for one in first["loc"]) or "the file"
        raise UsageError(
            f"{path}: is no report of schema version {SCHEMA_VERSION}: {where}: {first['msg']}",
            hint="`stackproof schema report` prints what a report contains",
        ) from None
