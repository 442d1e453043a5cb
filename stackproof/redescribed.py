"""Descriptors that the harness writes itself: the reference service's with what only a run knows, and data as TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import tomlkit

from stackproof.variations import laid_over


def describe_reference(
    template: Path, changes: Mapping[str, Mapping[str, Any]], target: Path, without: Collection[str] = ()
) -> None:
    """Write the reference service's descriptor with the addresses of this run in place of the template's."""
    read = tomllib.loads(template.read_text(encoding="utf-8"))
    data = {name: table for name, table in read.items() if name not in without}
    target.write_text(as_toml(laid_over(data, changes)), encoding="utf-8")


def as_toml(data: Mapping[str, Any]) -> str:
    """Data as TOML: tables, strings, paths, numbers, booleans and lists are all that a descriptor has."""
    return tomlkit.dumps(_plain(data))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path) else value
