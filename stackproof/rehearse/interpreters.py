"""Which Python a project is rehearsed on that no descriptor speaks of."""

from __future__ import annotations

import platform
import sys
import tomllib
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet


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
        table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return SpecifierSet(table["requires-python"])
    except (OSError, ValueError, RecursionError, LookupError, TypeError, AttributeError, InvalidSpecifier):
        return SpecifierSet()
