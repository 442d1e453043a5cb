"""Files of declarations, one `<name>.toml` each: faults, and conforming variations."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ValidationError

from stackproof.errors import UsageError


def read_declared[M: BaseModel](folder: Path, model: type[M], *, hint: str) -> tuple[M, ...]:
    """Every declaration of a folder, ordered by name; the file's stem is the declaration's `name`.

    Raises:
        UsageError: a file does not fit; every mistake of every file is listed.
    """
    found, problems = [], []
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            found.append(model.model_validate({"name": path.stem, **data}))
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{path}: is not TOML: {error}")
        except ValidationError as error:
            problems += [f"{path}: {'.'.join(str(at) for at in one['loc'])}: {one['msg']}" for one in error.errors()]
    if problems:
        raise UsageError("\n".join(problems), hint=hint)
    return tuple(found)


def read_pending(folder: Path) -> dict[str, str]:
    """{check: why no fault shows it fail} of a folder of faults (`pending.json`); {} where there is no such file.

    Raises:
        UsageError: the file is something else.
    """
    path = folder / "pending.json"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", hint="it maps check ids to reasons") from error
    if not isinstance(data, dict) or not all(isinstance(one, str) and one for one in data.values()):
        raise UsageError(f"{path}: maps check ids to reasons, and to nothing else", hint="give every check a reason")
    return data


def pick_declared[M](known: Mapping[str, M], names: tuple[str, ...], kind: str) -> tuple[M, ...]:
    """The declarations of those names.

    Args:
        kind: "fault" or "variation", the option's name.

    Raises:
        UsageError: a name is none of them.
    """
    for name in names:
        if name not in known:
            near = get_close_matches(name, list(known), n=3, cutoff=0.4)
            hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(known) or 'none'}"
            raise UsageError(f"--{kind} {name}: there is no such {kind}", hint=hint)
    return tuple(known[name] for name in names)
