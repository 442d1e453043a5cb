"""Which Python a project is rehearsed on that no descriptor speaks of."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from packaging.specifiers import SpecifierSet

from stackproof.check import NotAssessed
from stackproof.project.declared import read_declared
from stackproof.project.uses import Uses


def interpreter_of(project: Path) -> str:
    """In words of uv's `--python`: this command's own, where the project admits it, else that of its `.venv`.

    Without either it is whatever the project admits and uv finds.
    """
    demanded = _demanded(project)
    if demanded.contains(platform.python_version(), prereleases=True):
        return sys.executable
    own = project / ".venv" / "bin" / "python"
    return str(own) if own.is_file() else str(demanded)


def _demanded(project: Path) -> SpecifierSet:
    """The project's requires-python; anything where none is stated, or none that can be read: uv says so itself."""
    try:
        pythons = read_declared(project, Uses()).pythons
    except NotAssessed:
        return SpecifierSet()
    return next((one.specifier for one in pythons if one.key == "requires-python"), SpecifierSet())
