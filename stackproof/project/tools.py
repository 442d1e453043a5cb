"""How tools of code quality are set up: mypy's plugins, and what is left of tools that others replace."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.check import NotAssessed
from stackproof.project.model import Declared, Place
from stackproof.project.view import is_there, text_of

INI_CAP = 1024 * 1024  # characters


@dataclass(frozen=True, slots=True)
class Mypy:
    """mypy's own settings.

    Attributes:
        place: of the table, in the first file that mypy takes.
    """

    place: Place
    plugins: tuple[str, ...]


def read_mypy(root: Path) -> Mypy | None:
    """mypy's settings from the file that mypy itself would take; None where there is none.

    Raises:
        NotAssessed: a file cannot be read.
    """
    for name in ("mypy.ini", ".mypy.ini"):
        if is_there(root, name):
            return _of_ini(root, name) or Mypy(Place(name), ())
    table = _toml(root).get("tool", {}).get("mypy")
    if isinstance(table, dict):
        return Mypy(_place(root, "pyproject.toml", "[tool.mypy]"), _plugins(table.get("plugins")))
    return _of_ini(root, "setup.cfg") if (root / "setup.cfg").is_file() else None


def leftovers(root: Path, tool: str, declared: Iterable[Declared]) -> list[tuple[str, Place]]:
    """(what, where) of what a project still has of a tool: its settings, and requirements of it or its plugins.

    Args:
        declared: all that the project declares.

    Raises:
        NotAssessed: a file cannot be read.
    """
    found: list[tuple[str, Place]] = []
    own = [name for name in (f".{tool}", f".{tool}.cfg") if (root / name).is_file()]
    found += [(f"settings of {tool}", Place(name)) for name in own]
    shared = [name for name in ("setup.cfg", "tox.ini") if (root / name).is_file()]
    with_it = [name for name in shared if {tool, f"tool:{tool}"} & set(_ini(root, name).sections())]
    found += [(f"settings of {tool}", _place(root, name, f"{tool}]")) for name in with_it]
    data = _toml(root)
    if tool in _mapping(data.get("tool")):
        found.append((f"settings of {tool}", _place(root, "pyproject.toml", f"[tool.{tool}]")))
    for one in declared:
        if one.name == tool or one.name.startswith(f"{tool}-"):
            found.append((f"a requirement of {one.name}", one.place))
    return found


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _toml(root: Path) -> dict[str, Any]:
    if not (root / "pyproject.toml").is_file():
        return {}
    try:
        return tomllib.loads(text_of(root, "pyproject.toml"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NotAssessed(f"pyproject.toml: is no TOML: {str(error)[:200]}") from None


def _ini(root: Path, name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    text = text_of(root, name)
    if len(text) > INI_CAP:
        raise NotAssessed(f"{name}: has more than {INI_CAP // 1024} KiB, and is not read")
    try:
        parser.read_string(text, name)
    except configparser.Error as error:
        raise NotAssessed(f"{name}: cannot be read: {str(error).splitlines()[0][:200]}") from None
    return parser


def _of_ini(root: Path, name: str) -> Mypy | None:
    parser = _ini(root, name)
    if not parser.has_section("mypy"):
        return None
    return Mypy(_place(root, name, "[mypy]"), _plugins(parser.get("mypy", "plugins", fallback="")))


def _plugins(given: Any) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else re.split(r"[,\n]", str(given or ""))
    return tuple(word for one in listed if (word := str(one).strip().partition(":")[0]))


def _place(root: Path, name: str, words: str) -> Place:
    rows = text_of(root, name).splitlines()
    return Place(name, next((number for number, row in enumerate(rows, 1) if words in row), 0))
