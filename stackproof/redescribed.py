"""The reference service's descriptor with what only a run knows."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from stackproof.variations import laid_over


def describe_reference(
    template: Path, changes: Mapping[str, Mapping[str, Any]], target: Path, without: Collection[str] = ()
) -> None:
    """Write the reference service's descriptor with the addresses of this run in place of the template's."""
    read = tomllib.loads(template.read_text(encoding="utf-8"))
    data = {name: table for name, table in read.items() if name not in without}
    target.write_text(_toml(laid_over(data, changes)), encoding="utf-8")


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
