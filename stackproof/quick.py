"""A pytest plugin of `stackproof run` and its workers: it leaves out what takes time and what nobody would see."""

from __future__ import annotations

import atexit
import gc

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """No tracebacks, and in the workers no looking for garbage among all that was imported when they end anyway.

    The first take longer than most checks, for pytest reads the source; the second takes a quarter of a second.
    """
    config.option.tbstyle = "no"
    if hasattr(config, "workerinput"):
        atexit.register(gc.freeze)
