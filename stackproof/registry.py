"""Every check of the suites, read from their files: registration is a side effect of being there."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from stackproof.check import Check, check_of
from stackproof.errors import InfrastructureError
from stackproof.harness import harness_root


@dataclass(frozen=True, slots=True)
class RegisteredCheck:
    """A check and where it lives.

    Attributes:
        id: path under `suites/` without its suffix, `::`, and the function's name.
    """

    id: str
    check: Check
    path: Path
    line: int


def check_id(path: Path, function: str, root: Path) -> str:
    """The id of the check that `function` in the file `path` is."""
    inside = path.resolve().relative_to(root.resolve() / "suites").with_suffix("")
    return f"{inside.as_posix()}::{function}"


@cache
def load_checks(root: Path | None = None) -> tuple[RegisteredCheck, ...]:
    """Every check under `suites/`, ordered by id.

    Raises:
        InfrastructureError: a suite file cannot be imported; the message names it.
    """
    root = root or harness_root()
    found: list[RegisteredCheck] = []
    for path in sorted((root / "suites").rglob("*.py")):
        module = _import(path)
        for name, value in vars(module).items():
            check = check_of(value)
            if check and getattr(value, "__module__", "") == module.__name__:
                found.append(RegisteredCheck(check_id(path, name, root), check, path, value.__code__.co_firstlineno))
    return tuple(sorted(found, key=lambda one: one.id))


def checks_for(requirement_id: str, root: Path | None = None) -> list[str]:
    """Ids of the checks that name a requirement of that id."""
    from fnmatch import fnmatchcase

    return [
        one.id
        for one in load_checks(root)
        if any(fnmatchcase(requirement_id, pattern) for pattern in one.check.patterns)
    ]


def _import(path: Path) -> ModuleType:
    name = f"stackproof_suite_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InfrastructureError(f"{path}: is no Python file", hint="remove it from suites/")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise InfrastructureError(f"{path}: cannot be imported: {error}", hint="mend the suite file") from error
    return module
