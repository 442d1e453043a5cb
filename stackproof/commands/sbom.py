"""`stackproof sbom`: the bill of materials of a project."""

from __future__ import annotations

import datetime
import os
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackproof.errors import UsageError

if TYPE_CHECKING:
    from stackproof.descriptor.model import Descriptor
    from stackproof.sbom.parts import Parts

FIRST = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def sbom(
    target: Annotated[
        Path | None, typer.Option("--target", "-t", metavar="FILE", help="A stackproof.toml with a [project] table.")
    ] = None,
    project: Annotated[
        Path | None, typer.Option("--project", "-p", metavar="FOLDER", help="A project's folder; default: this one.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where it goes; default: standard output.")
    ] = None,
    installed: Annotated[
        bool, typer.Option("--installed", help="What the project's interpreter has installed, and not its lock.")
    ] = False,
    as_of: Annotated[
        str,
        typer.Option("--as-of", metavar="DATE", help="The day that the document carries."),
    ] = "",
) -> None:
    """Write the bill of materials of a project: CycloneDX 1.6, of what its lock names.

    Without a lock it is of what the project's interpreter has installed (.venv, or project.python). Licences are told
    where that interpreter knows them. The time is that of --as-of, else of SOURCE_DATE_EPOCH, else now.

    \b
    stackproof sbom --project . --output bom.json
    """
    from stackproof.check import NotAssessed
    from stackproof.descriptor.reading import read_descriptor
    from stackproof.project.described import described_folder
    from stackproof.sbom.writing import document

    if target and project:
        raise UsageError("--target and --project are given", hint="name the folder in [project] of stackproof.toml")
    moment = _moment(as_of)
    with ExitStack() as stack:
        path = target or stack.enter_context(described_folder(project or Path()))
        descriptor = read_descriptor(path)
        if descriptor.project is None:
            raise UsageError(f"{path}: has no [project] table", hint="add it, or give --project FOLDER")
        name, version = _own(descriptor.project.path)
        try:
            parts = _parts(descriptor, name, installed=installed)
        except NotAssessed as error:
            raise UsageError(str(error), hint="give a project with a lock, or with an interpreter") from error
        text = document(parts, name, version, moment)
    if output is None:
        sys.stdout.write(text)
        return
    output.write_text(text, encoding="utf-8")
    typer.echo(f"{len(parts.every)} packages of {parts.source}: {output}", err=True)


def _parts(descriptor: Descriptor, name: str, *, installed: bool) -> Parts:
    from packaging.utils import canonicalize_name

    from stackproof.check import NotAssessed
    from stackproof.evidence import Recorder, Redactor
    from stackproof.project.view import ProjectFiles, text_of
    from stackproof.sbom.parts import of_installed, of_lock
    from stackproof.target.project import ProjectView

    redactor = Redactor()
    recorder = Recorder(redactor)
    own = str(canonicalize_name(name))
    files = ProjectFiles(descriptor, recorder)
    locks = () if installed else files.locks()
    interpreter = descriptor.project.python if descriptor.project else None
    if not locks:
        view = ProjectView(descriptor, recorder, redactor)
        return of_installed(view.installed(), view.markers(), own, str(interpreter))
    licences = {}
    if interpreter is not None:
        try:
            found = ProjectView(descriptor, recorder, redactor).installed()
            licences = {(one.name, one.version): one.licence for one in found.values()}
        except NotAssessed as error:
            typer.echo(f"licences are left out: {error}", err=True)
    return of_lock(locks[0], text_of(files.root, locks[0].file), own, licences)


def _own(folder: Path) -> tuple[str, str]:
    """Name and version of the project by its pyproject.toml, else the folder's name."""
    try:
        told = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
        name, version = told.get("name"), told.get("version")
    except (OSError, ValueError, AttributeError):
        name = version = None
    fallback = folder.resolve().name or "project"
    return (name if isinstance(name, str) and name else fallback), (version if isinstance(version, str) else "")


def _moment(as_of: str) -> datetime.datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        if as_of:
            return datetime.datetime.combine(datetime.date.fromisoformat(as_of), datetime.time(), datetime.UTC)
        if epoch:
            return FIRST + datetime.timedelta(seconds=int(epoch))
    except (ValueError, OverflowError):
        given = f"--as-of {as_of}" if as_of else f"SOURCE_DATE_EPOCH={epoch}"
        raise UsageError(f"{given[:80]}: is no time", hint="write a day as 2027-03-31, seconds as a number") from None
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)
