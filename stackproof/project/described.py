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
def described_folder(folder: Path) -> Iterator[Path]:
    """A `stackproof.toml` that names the folder, and the interpreter of its virtual environment if it has one.

    Raises:
        UsageError: it is no folder.
    """
    root = folder.resolve()
    if not root.is_dir():
        raise UsageError(f"--project {folder}: is no folder", hint="name the folder with pyproject.toml")
    lines = ["[target]", f"name = {json.dumps(root.name or str(root))}", "[project]", f"path = {json.dumps(str(root))}"]
    python = next((one for name in INTERPRETERS if (one := root / name).is_file()), None)
    if python:
        lines.append(f"python = {json.dumps(str(python))}")
    with tempfile.TemporaryDirectory(prefix="stackproof-project-") as name:
        written = Path(name) / "stackproof.toml"
        written.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield written
