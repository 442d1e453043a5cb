"""A folder of a project as a target, without a descriptor of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stackproof.errors import UsageError
from stackproof.redescribed import as_toml

INTERPRETERS = (".venv/bin/python", "venv/bin/python", ".venv/Scripts/python.exe")


@contextmanager
def described_folder(folder: Path, advisories: str = "", index: str = "") -> Iterator[Path]:
    """A `stackproof.toml` that names the folder, and the interpreter of its virtual environment if it has one.

    Args:
        advisories: where to look up vulnerabilities: a path, "pypi", "osv", or the URL of a service.
        index: what tells which releases were yanked: a URL, or the path of saved answers.

    Raises:
        UsageError: it is no folder, or a path is not there.
    """
    for option, given in (("--advisories", advisories), ("--index", index)):
        if given and not _is_service(given) and not Path(given).exists():
            raise UsageError(f"{option} {given}: is not there", hint="name a file, a folder, or a service")
    root = folder.resolve()
    if not root.is_dir():
        raise UsageError(f"--project {folder}: is no folder", hint="name the folder with pyproject.toml")
    project: dict[str, Any] = {"path": root}
    python = next((one for name in INTERPRETERS if (one := root / name).is_file()), None)
    if python:
        project["python"] = python
    project["audit"] = _place("advisories", "service", advisories) | _place("releases", "index", index)
    with tempfile.TemporaryDirectory(prefix="stackproof-project-") as name:
        written = Path(name) / "stackproof.toml"
        described = {"target": {"name": root.name or str(root)}, "project": project}
        written.write_text(as_toml(described), encoding="utf-8")
        yield written


def _is_service(given: str) -> bool:
    return given in {"pypi", "osv"} or given.startswith(("http://", "https://"))


def _place(file: str, service: str, given: str) -> dict[str, str | Path]:
    """The key for a service or for a path, whichever it is."""
    if not given:
        return {}
    return {service: given} if _is_service(given) else {file: Path(given).absolute()}
