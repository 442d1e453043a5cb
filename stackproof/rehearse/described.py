"""The team's descriptor for a copy of its project: the same, with other paths and another interpreter."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomlkit

from stackproof.descriptor.model import Descriptor
from stackproof.errors import UsageError

MISSING = """\
[rehearse]
start = ["{python}", "-m", "gunicorn", "--bind", "127.0.0.1:8000", "service.wsgi"]"""


def relocated(descriptor: Descriptor, project: Path, copy: Path, python: Path) -> str:
    """The descriptor's text for the copy.

    What is in the copy is taken from there; a file that Git ignores stays where the team has it. Logs are the copy's.
    """
    data = descriptor.model_dump(mode="python", exclude_unset=True)
    logs = data.get("logs", {}).pop("files", None)
    moved: dict[str, Any] = _plain(data, project.resolve(), copy)
    if logs is not None:
        moved["logs"]["files"] = [str(_moved(one, project.resolve(), copy, always=True)) for one in logs]
    if "project" in moved:
        moved["project"] |= {"path": str(copy), "python": str(python)}
    moved.pop("rehearse", None)
    return tomlkit.dumps(moved)


def _plain(value: Any, project: Path, copy: Path) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one, project, copy) for key, one in value.items() if one is not None}
    if isinstance(value, tuple | list):
        return [_plain(one, project, copy) for one in value]
    if isinstance(value, Path):
        return str(_moved(value, project, copy))
    return value


def _moved(path: Path, project: Path, copy: Path, *, always: bool = False) -> Path:
    whole = path.parent.resolve() / path.name
    if not whole.is_relative_to(project):
        return path
    inside = copy / whole.relative_to(project)
    return inside if always or inside.exists() or not path.exists() else path


def address_of(descriptor: Descriptor) -> tuple[str, int]:
    """Where the rehearsed service is to listen.

    Raises:
        UsageError: the base URL is not this machine's, so that another service would be judged.
    """
    parts = urlsplit(descriptor.target.base_url)
    host = parts.hostname or ""
    address = descriptor.target.resolve.get(host, host)
    if not _is_loopback(address):
        raise UsageError(
            f"target.base_url is {descriptor.target.base_url}, and a rehearsed service runs on this machine",
            hint="give a descriptor whose base_url is http://127.0.0.1:PORT, where [rehearse] start listens",
        )
    return "127.0.0.1" if address == "localhost" else address, parts.port or (443 if parts.scheme == "https" else 80)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
