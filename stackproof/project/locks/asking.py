"""What uv itself says of `uv.lock`, where it is on this machine: in a scratch folder, offline, nothing built or run."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stackproof.check import NotAssessed
from stackproof.errors import InfrastructureError
from stackproof.project.locks import uv
from stackproof.project.view import text_of
from stackproof.resolve import find_uv
from stackproof.target.programs import finished

WITHIN = 20.0  # seconds
_PYPI = ("https://pypi.org/simple", "https://pypi.org/simple/")
_NOISE = re.compile(r"^(warning:|Using CPython|Using PyPy|Resolved )")
_SAYS_STALE = re.compile(r"needs to be updated")


@dataclass(frozen=True, slots=True)
class Word:
    """What uv said.

    Attributes:
        fresh: None where it did not come to say.
        text: its own words, or why it was not asked.
    """

    fresh: bool | None
    text: str


def ask_uv(root: Path, file: str = "uv.lock") -> Word:
    """`uv lock --check` on a copy of the lock and of every pyproject.toml that it is of."""
    try:
        found = find_uv()
    except InfrastructureError:
        return Word(None, "uv is not on this machine")
    try:
        text = text_of(root, file)
        members = uv.members(file, text)
        names = {"pyproject.toml": text_of(root, "pyproject.toml"), file: text}
        for one in members:
            if one.folder != ".":
                name = f"{one.folder}/pyproject.toml"
                names[name] = text_of(root, name)
        if uv.others(file, text):
            return Word(None, f"uv was not asked: {uv.others(file, text)[0]} is a folder that the project depends on")
        foreign = [one for one in uv.registries(text) if one not in _PYPI and one not in names["pyproject.toml"]]
    except NotAssessed as error:
        return Word(None, f"uv was not asked: {error}")
    if foreign:
        return Word(None, f"uv was not asked: its configuration, and not pyproject.toml, names {foreign[0][:120]}")
    with tempfile.TemporaryDirectory(prefix="stackproof-lock-") as folder:
        for name, content in names.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return _run(found, folder)


def _run(program: tuple[str, ...], folder: str) -> Word:
    options = ("--offline", "--no-cache", "--no-build", "--no-python-downloads", "--no-progress", "--color", "never")
    command = [*program, "lock", "--check", *options, "--directory", folder, "--python", sys.executable]
    # Neither this process's UV_ variables nor a configuration of its user's: they are not the project's.
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    try:
        status, _, errors = finished(command, folder, {**kept, "HOME": folder, "XDG_CONFIG_DIRS": folder}, WITHIN)
    except OSError as error:
        return Word(None, f"uv cannot be run: {error.strerror}")
    lines = [line.strip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    said = " ".join(line for line in lines if not _NOISE.match(line)).replace(folder, "")[:300]
    if status == 0:
        return Word(True, "uv lock --check agrees")
    if status is None:
        return Word(None, f"uv lock --check did not end within {WITHIN:g} s")
    return Word(False if _SAYS_STALE.search(said) else None, f"uv lock --check: {said}")
