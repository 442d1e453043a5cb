"""Where a project's own modules stand when not at its top: what `manage.py` or an entry point puts on the path."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from stackproof.descriptor.model import Project

_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_MISSING = re.compile(r"No module named '([\w.]+)'")


def import_path(project: Project, own: Mapping[str, str], modules: tuple[str | None, ...]) -> str | None:
    """PYTHONPATH with the folder that the modules stand in; None where nothing has to be added.

    A module that the project's top folder has, or that neither `src/` nor the only folder with a `manage.py` has, adds
    nothing: it may be installed.
    """
    named = next((one for one in modules if one), None)
    module = _MODULE.match(named) if named else None
    if module is None or _holds(project.path, module[0]):
        return None
    folder = next((one for one in _folders(project.path) if _holds(one, module[0])), None)
    before = own.get("PYTHONPATH") or os.environ.get("PYTHONPATH")
    return None if folder is None else os.pathsep.join([str(folder), *([before] if before else [])])


def cure_of(reason: str, modules: tuple[str | None, ...]) -> str:
    """What to add to a reason that says that the service's own modules were not found; "" for another reason."""
    missing = _MISSING.search(reason)
    tops = {one.partition(":")[0].split(".")[0] for one in modules if one}
    if missing is None or missing[1].split(".")[0] not in tops:
        return ""
    return "; where it stands in a folder of its own, PYTHONPATH=/that/folder in project.env_file leads there"


def _folders(top: Path) -> list[Path]:
    try:
        managed = sorted(one.parent for one in top.glob("*/manage.py"))
    except OSError:
        managed = []
    return [top / "src", *(managed if len(managed) == 1 else [])]


def _holds(folder: Path, module: str) -> bool:
    path = folder.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
