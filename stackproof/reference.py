"""The reference service as a target: started for a run, and described like anybody's service."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.harness import put_tree_on_path
from stackproof.report.model import ServicePart

type Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ReferenceTarget:
    """A running reference service.

    Attributes:
        descriptor: its stackproof.toml, in a folder that goes away with it.
        services: what PostgreSQL and both Redis roles really are.
        reason: how they were provided, and why so.
        notes: what a reader should know, such as a worker that did not start.
    """

    descriptor: Path
    services: tuple[ServicePart, ...]
    reason: str
    notes: tuple[str, ...]


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder for a run's services; other users may pass through it, and its secrets are files of mode 0600."""
    with tempfile.TemporaryDirectory(prefix="stackproof-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def describe_reference(template: Path, changes: Mapping[str, Mapping[str, Any]], target: Path) -> None:
    """Write the reference service's descriptor with the addresses of this run in place of the template's."""
    data = tomllib.loads(template.read_text(encoding="utf-8"))
    for table, values in changes.items():
        data.setdefault(table, {}).update(values)
    target.write_text(_toml(data), encoding="utf-8")


def _toml(data: Mapping[str, Any], prefix: str = "") -> str:
    """The data as TOML; tables, strings, numbers and booleans are all that a descriptor has."""
    lines = [f"{key} = {_scalar(value)}" for key, value in data.items() if not isinstance(value, Mapping)]
    for key, value in data.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{prefix}{key}]", _toml(value, f"{prefix}{key}.")]
    return "\n".join(lines)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_scalar(one) for one in value)}]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def private_file(path: Path, text: str) -> Path:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def fixtures_tree() -> Path:
    """Make `fixtures` importable in this process and give the tree's root."""
    return put_tree_on_path()
