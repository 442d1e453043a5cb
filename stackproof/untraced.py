"""A pytest plugin of `stackproof run` and its workers: no traceback is put together for what ends with a reason."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Nobody would see it, and reading the source for it takes longer than most checks."""
    config.option.tbstyle = "no"
