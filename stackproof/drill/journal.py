"""What drills of this process have broken and not mended, for whoever reports on the run."""

from __future__ import annotations

unmended: list[str] = []
"""Sentences on parts that could not be mended; no further drill is held."""

cut_short: list[str] = []
"""Sentences on drills that an interruption ended, and on what was undone."""


def begin() -> None:
    """Forget what was before: another run begins."""
    unmended.clear()
    cut_short.clear()
