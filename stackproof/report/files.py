"""A run's folder: `report.json` and what the writers make of it."""

from __future__ import annotations

import datetime
import secrets
import sys
from pathlib import Path

from pydantic import ValidationError

from stackproof.errors import InfrastructureError, UsageError
from stackproof.evidence import printable
from stackproof.harness import put_tree_on_path
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
    put_tree_on_path()
    from reports.junit.writer import write as junit

    written = []
    for name, text in ((REPORT, as_json(report)), ("junit.xml", junit(report))):
        path = folder / name
        temporary = folder / f".{name}.new"
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise InfrastructureError(
                f"{path}: the report cannot be written: {error.strerror}",
                hint="give another folder with --output, or free some space; --json prints the report instead",
            ) from error
        written.append(path)
    return tuple(written)


def as_json(report: Report) -> str:
    """The report as JSON text, stable in its order."""
    return report.model_dump_json(indent=2) + "\n"


def load(path: Path) -> Report:
    """Read a report back; a run's folder stands for the `report.json` in it.

    Raises:
        UsageError: it is missing, too large, or no report of a version that is known.
    """
    folder = False
    try:
        folder = path.is_dir()
        path = path / REPORT if folder else path
        with path.open("rb") as file:
            return parse(file.read(LARGEST + 1), str(path))
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
        return Report.model_validate_json(data)
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
