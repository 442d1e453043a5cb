"""What a rehearsal has found out so far, on disk: whatever ends it, the next one goes on from there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stackproof.errors import InfrastructureError, UsageError

FILE = "state.json"
VERSION = 1
LARGEST = 50 * 1024 * 1024  # bytes


class State:
    """Finished steps by name, each written down before the next one begins.

    Attributes:
        folder: of the rehearsal.
        asked: the options that it was begun with.
    """

    def __init__(
        self, folder: Path, asked: Mapping[str, Any], inputs: Mapping[str, str], steps: dict[str, Any]
    ) -> None:
        self.folder = folder
        self.asked = dict(asked)
        self._inputs = dict(inputs)
        self._steps = steps

    @classmethod
    def begun(cls, folder: Path, asked: Mapping[str, Any], inputs: Mapping[str, str]) -> State:
        """A new rehearsal in a folder.

        Raises:
            UsageError: there is one in it already.
        """
        if (folder / FILE).exists():
            raise UsageError(
                f"{folder}: has a rehearsal in it", hint=f"go on with --resume {folder}, or give another folder"
            )
        state = cls(folder, asked, inputs, {})
        state._save()
        return state

    @classmethod
    def resumed(cls, folder: Path) -> State:
        """The rehearsal of a folder.

        Raises:
            UsageError: there is none, or none that can be read.
        """
        path = folder / FILE
        hint = "give the folder that a rehearsal was begun in"
        try:
            if path.stat().st_size > LARGEST:
                raise UsageError(f"{path}: is too large for a rehearsal's state", hint=hint)
            data = json.loads(path.read_bytes())
            if data["version"] != VERSION:
                raise UsageError(f"{path}: was written by another version of stackproof", hint="begin anew")
            return cls(folder, dict(data["asked"]), dict(data["inputs"]), dict(data["steps"]))
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}", hint=hint) from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise UsageError(f"{path}: is no state of a rehearsal", hint=hint) from None

    def assert_same(self, inputs: Mapping[str, str]) -> None:
        """See to it that what was rehearsed is still what is there.

        Raises:
            UsageError: a file has changed since.
        """
        differing = sorted(
            name for name in {*inputs, *self._inputs} if inputs.get(name) != self._inputs.get(name)
        )  # fmt: skip
        if differing:
            raise UsageError(
                f"{', '.join(differing)}: changed since the rehearsal was begun",
                hint="begin a new one, without --resume",
            )

    def step[T](self, name: str, make: Callable[[], T]) -> T:
        """What a step came to: from before, or made now and written down. Plain data only."""
        if name not in self._steps:
            self._steps[name] = make()
            self._save()
        found: T = self._steps[name]
        return found

    def has(self, name: str) -> bool:
        """Whether a step is done."""
        return name in self._steps

    def _save(self) -> None:
        data = {"version": VERSION, "asked": self.asked, "inputs": self._inputs, "steps": self._steps}
        write(self.folder / FILE, json.dumps(data, indent=1, sort_keys=True) + "\n")


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all, line ends as they are.

    Raises:
        InfrastructureError: the disk is full, or the folder went away.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(text.encode("utf-8", "surrogateescape"))
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InfrastructureError(
            f"{path}: cannot be written: {error.strerror}", hint="give another folder with --output, or free some space"
        ) from error


def digest(path: Path) -> str:
    """SHA-256 of a file, "" where it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return ""
