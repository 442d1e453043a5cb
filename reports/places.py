"""Where readers of a report find a file."""

from __future__ import annotations

from pathlib import PurePosixPath

from stackproof.evidence import printable


def in_repository(path: str) -> str:
    """A path inside the repository as it is; of any other the name, which is all that a reader could be shown."""
    pure = PurePosixPath(printable(path[:1_000]))
    return pure.name if pure.is_absolute() or ".." in pure.parts else str(pure)
