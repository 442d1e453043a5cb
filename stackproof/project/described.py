"""A folder of a project as a target, without a descriptor of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stackproof.errors import UsageError

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
    lines = ["[target]", f"name = {json.dumps(root.name or str(root))}", "[project]", f"path = {json.dumps(str(root))}"]
    python = next((one for name in INTERPRETERS if (one := root / name).is_file()), None)
    if python:
        lines.append(f"python = {json.dumps(str(python))}")
    lines.append("[project.audit]")
    lines += _place("advisories", "service", advisories)
    lines += _place("releases", "index", index)
    with tempfile.TemporaryDirectory(prefix="stackproof-project-") as name:
        written = Path(name) / "stackproof.toml"
        written.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield written


def _is_service(given: str) -> bool:
    return given in {"pypi", "osv"} or given.startswith(("http://", "https://"))


def _place(file: str, service: str, given: str) -> list[str]:
    """The key for a service or for a path, whichever it is."""
    if not given:
        return []
    if _is_service(given):
        return [f"{service} = {json.dumps(given)}"]
    return [f"{file} = {json.dumps(str(Path(given).absolute()))}"]
