"""Every check of the suites, read from their files: registration is a side effect of being there."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from stackproof.check import Check, check_of
from stackproof.errors import InfrastructureError
from stackproof.harness import put_tree_on_path
from stackproof.patterns import fits


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


OWN = "own"  # the chapter of suites that do not come with the harness


def check_id(path: Path, function: str, root: Path, folders: Iterable[Path] = ()) -> str:
    """The id of the check that `function` in the file `path` is; one of a team's own folder begins with "own/"."""
    place = path.resolve()
    for folder in folders:
        if place.is_relative_to(folder.resolve()):
            inside = Path(OWN) / place.relative_to(folder.resolve())
            break
    else:
        inside = place.relative_to(root.resolve() / "suites")
    return f"{inside.with_suffix('').as_posix()}::{function}"


def shard_of(check: str, count: int) -> int:
    """Which of `count` shards a check belongs to, from 1; the same on every machine."""
    return zlib.crc32(check.encode()) % count + 1


@cache
def load_checks(root: Path | None = None, folders: tuple[Path, ...] = ()) -> tuple[RegisteredCheck, ...]:
    """Every check under `suites/` and in a team's own folders, ordered by id.

    Raises:
        InfrastructureError: a suite file cannot be imported; the message names it.
    """
    root = root or put_tree_on_path()  # what suites ask for may stand beside them
    found: list[RegisteredCheck] = []
    own = [path for folder in folders for path in sorted(folder.rglob("*.py")) if is_suite(path)]
    for path in (*sorted((root / "suites").rglob("*.py")), *own):
        module = _import(path)
        for name, value in vars(module).items():
            check = check_of(value)
            if check and getattr(value, "__module__", "") == module.__name__:
                found.append(
                    RegisteredCheck(check_id(path, name, root, folders), check, path, value.__code__.co_firstlineno)
                )
    return tuple(sorted(found, key=lambda one: one.id))


def is_suite(path: Path) -> bool:
    """Whether a file of a team's own folder holds checks: its tests stand beside them and do not."""
    return path.suffix == ".py" and not path.name.startswith(("test_", "conftest", "_"))


def checks_for(requirement_id: str, root: Path | None = None) -> list[str]:
    """Ids of the checks that name a requirement of that id."""
    return [one.id for one in load_checks(root) if fits(requirement_id, one.check.patterns)]


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
