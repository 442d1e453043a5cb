"""A run's folder: `report.json` and what the writers make of it."""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import secrets
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from stackproof.errors import InfrastructureError, UsageError
from stackproof.evidence import printable
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
    """Write `report.json` and `junit.xml`, each whole or not at all.

    Raises:
        InfrastructureError: the disk is full or the folder went away.
    """
    from stackproof.report.formats import pieces_of

    paths = (folder / REPORT, folder / "junit.xml")
    for path, form in zip(paths, ("json", "junit"), strict=True):
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
    """The report as JSON text, stable in its order; text that is no Unicode is replaced where it is none."""
    try:
        return report.model_dump_json(indent=2) + "\n"
    except PydanticSerializationError:
        return Report.model_validate(_storable(report.model_dump())).model_dump_json(indent=2) + "\n"


def _storable(value: Any) -> Any:
    """The data with lone surrogates replaced: JSON of a target can hold them, a file cannot."""
    if isinstance(value, str) and not isinstance(value, StrEnum):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_storable(key): _storable(one) for key, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list | tuple) else value


def load(path: Path) -> Report:
    """Read a report back; a run's folder stands for the `report.json` in it.

    Raises:
        UsageError: it is missing, too large, cut off, or no report of a version that is known.
    """
    return parse(read_bytes(path), path / REPORT if path.is_dir() else path)


def read_bytes(path: Path) -> bytes:
    """The bytes of a report.

    Raises:
        UsageError: it is missing, no file, or too large.
    """
    path = path / REPORT if path.is_dir() else path
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path}: is no file", hint="give a run folder or its report")
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path}: is larger than {LARGEST // 1024**2} MiB", hint="give a report of stackproof")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint="give a run folder or its report") from error


def parse(data: bytes, path: Path) -> Report:
    """A report from its bytes; `path` is what a mistake is said of.

    Raises:
        UsageError: it is cut off, or no report of a version that is known.
    """
    try:
        return Report.model_validate_json(data)
    except ValidationError as error:
        raise _unreadable(path, data, error) from None
    except RecursionError:
        raise UsageError(f"{path}: is nested too deeply", hint="give a report of stackproof") from None


def _unreadable(path: Path, data: bytes, error: ValidationError) -> UsageError:
    """The one line that helps most: of a newer version, no JSON, or the first place that does not fit."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        told = first["msg"].removeprefix("Invalid JSON: ")
        return UsageError(f"{path}: is no whole JSON: {told}", hint="was the file cut off? write it again")
    version = _version_of(data)
    if version != SCHEMA_VERSION and version.isdigit() and int(version[:9]) > int(SCHEMA_VERSION):
        return UsageError(
            f"{path}: is of schema version {version[:9]}, and this stackproof reads up to {SCHEMA_VERSION}",
            hint="use the version of stackproof that wrote it, or a newer one",
        )
    where = ".".join(str(one)[:80] for one in first["loc"]) or "the file"
    return UsageError(
        printable(f"{path}: is no report of schema version {SCHEMA_VERSION}: {where}: {first['msg'][:300]}"),
        hint="`stackproof schema report` prints what a report contains",
    )


def _version_of(data: bytes) -> str:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    version = found.get("schema_version") if isinstance(found, dict) else None
    return str(version) if isinstance(version, int | str) and re.fullmatch(r"\d{1,9}", str(version)) else ""
