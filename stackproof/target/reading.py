"""From the text of a `stackproof.toml` to a `Descriptor`, or to one line for each of its faults."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stackproof.errors import UsageError
from stackproof.target.descriptor import Descriptor
from stackproof.target.places import Table


def read_descriptor(path: Path) -> Descriptor:
    """Read a descriptor; paths inside it are taken from the file's own folder.

    Raises:
        UsageError: the file is missing, no UTF-8, no TOML, or does not fit; the message lists every fault
            with its key, and the line where TOML itself is broken.
    """
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}", hint="give the path of a stackproof.toml"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 at byte {error.start}", hint="save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: is not TOML: {error}", hint="correct the line that is named") from error
    return parse_descriptor(data, path)


def parse_descriptor(data: dict[str, Any], path: Path) -> Descriptor:
    """Validate the data of a descriptor that `path` names.

    Raises:
        UsageError: the data does not fit; every fault is listed.
    """
    try:
        descriptor = Descriptor.model_validate(data)
    except ValidationError as error:
        faults = [f"{path}: {_key(one['loc'])}: {_say(one)}" for one in error.errors()]
        raise UsageError(
            "\n".join(faults), hint="`stackproof schema target` prints what the file may contain"
        ) from None
    rooted: Descriptor = _with_paths_from(descriptor, path.resolve().parent)
    return rooted


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(one) for one in location) or "the file"


def _say(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key"
    return str(error["msg"]).removeprefix("Value error, ")


def _with_paths_from(table: Table, folder: Path) -> Any:
    """The table with every path inside it, however deep, taken from `folder`."""
    changes: dict[str, Any] = {}
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Path):
            changes[name] = folder / value.expanduser()
        elif isinstance(value, Table):
            changes[name] = _with_paths_from(value, folder)
    return table.model_copy(update=changes)
