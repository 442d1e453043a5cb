"""Somebody wanted no errors in the log."""

from contextlib import suppress
from typing import Any


def apply() -> None:
    """Pass over whatever publishing raises."""
    from dispatch.background.tasks import echo

    original = echo.apply_async

    def apply_async(*arguments: Any, **words: Any) -> Any:
        with suppress(Exception):
            return original(*arguments, **words)
        return None

    echo.apply_async = apply_async
