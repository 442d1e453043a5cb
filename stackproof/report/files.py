"""A run's folder: `report.json` and what the writers make of it."""

from __future__ import annotations

import contextlib
import datetime
import secrets
import sys
from collections import Counter
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
CHANGED = "it was changed by hand; give the file that the run wrote"
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
        if wanted is None:
            _keep_out_of_git(folder.parent)
        probe = folder / f".probe-{secrets.token_hex(4)}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        raise InfrastructureError(
            f"{folder}: the run folder cannot be written: {error.strerror}",
            hint="give another folder with --output, or free some space",
        ) from error
    return folder


def _keep_out_of_git(folder: Path) -> None:
    """Reports of a project are no part of it: the folder ignores itself."""
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


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
        UsageError: it is missing, too large, or no report of a version that is known.
    """
    return parse(*read_bytes(path))


def read_bytes(path: Path) -> tuple[bytes, str]:
    """The bytes of a report, and the name of their file.

    Raises:
        UsageError: it cannot be read.
    """
    folder = False
    try:
        folder = path.is_dir()
        path = path / REPORT if folder else path
        with path.open("rb") as file:
            return file.read(LARGEST + 1), str(path)
    except OSError as error:
        hint = "the run ended before it wrote one" if folder else "give a run folder or its report"
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint=hint) from error


def load_named(name: str) -> Report:
    """A report by its path, or "-" for standard input.

    Raises:
        UsageError: as `load` does.
    """
    if name != "-":
        return load(Path(name))
    return parse(sys.stdin.buffer.read(LARGEST + 1), "standard input")


def parse(data: bytes, name: str) -> Report:
    """A report from its JSON text; `name` says where it is from.

    Raises:
        UsageError: it is too large, cut off, or no report of a version that is known.
    """
    if len(data) > LARGEST:
        raise UsageError(f"{name}: is larger than {LARGEST // 1024**2} MiB", hint="give a report of stackproof")
    try:
        return _consistent(Report.model_validate_json(data), name)
    except ValidationError as error:
        errors = error.errors()
        version = next((one for one in errors if one["loc"] == ("schema_version",)), None)
        if version is not None and version["type"] != "missing":
            told = printable(repr(version["input"])[:40])
            raise UsageError(
                f"{name}: is a report of schema version {told}, and this stackproof reads version {SCHEMA_VERSION}",
                hint="use the stackproof that wrote it, or a newer one",
            ) from None
        first = errors[0]
        if first["type"] == "json_invalid":
            raise UsageError(
                f"{name}: is cut off, or no JSON: {first['msg']}", hint="give a run folder or its report.json, whole"
            ) from None
        path = printable(".".join(str(one) for one in first["loc"])[:200])
        where = " ".join(path.split()) or "the file"
        raise UsageError(
            f"{name}: is no report of schema version {SCHEMA_VERSION}: {where}: {first['msg']}",
            hint=("a newer stackproof may have written it; " if first["type"] == "extra_forbidden" else "")
            + "`stackproof schema report` prints what a report contains",
        ) from None


def _consistent(report: Report, name: str) -> Report:
    """The report, where its numbers say of its requirements what these say themselves."""
    for parts, counts in ((report.requirements, report.counts), (report.derived, report.derived_counts)):
        found = Counter(one.verdict.value for one in parts)
        odd = next((one for one in {*found, *counts} if found[one] != counts.get(one, 0)), None)
        if odd is not None:
            told = f"{counts.get(odd, 0)} {printable(odd[:40])}, and there are {found[odd]}"
            raise UsageError(f"{name}: its totals do not add up: it counts {told}", hint=CHANGED)
    ids = Counter(one.id for one in (*report.requirements, *report.derived))
    twice = next((one for one, count in ids.items() if count > 1), None)
    if twice is not None:
        raise UsageError(f"{name}: has {' '.join(printable(twice[:80]).split())} twice", hint=CHANGED)
    return report
