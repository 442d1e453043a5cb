"""What drills of this process have broken and not mended, for whoever reports on the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

unmended: list[str] = []
"""Sentences on parts that could not be mended; no further drill is held."""

cut_short: list[str] = []
"""Sentences on drills that an interruption ended, and on what was undone."""

outlets: list[int] = []
"""The harness's own standard error, as a file descriptor: pytest puts another one in its place while checks run."""


@contextmanager
def begun() -> Iterator[None]:
    """A run: what was before is forgotten, and what outlives this process can still be told on standard error."""
    unmended.clear()
    cut_short.clear()
    outlets.append(os.dup(2))
    try:
        yield
    finally:
        os.close(outlets.pop())
